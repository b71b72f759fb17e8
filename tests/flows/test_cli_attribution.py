"""From a text to its sources, and from a generation to what it earns, at the command line."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Line = Mapping[str, Any]
GenerationFile = Callable[[str], Path]


def _reworded(text: str) -> str:
    for old, new in {"kitchen": "parlour", "nobody": "no one", "another": "a second", "morning": "dawn"}.items():
        text = text.replace(old, new)
    return text


@pytest.fixture
def paragraph(works: Mapping[str, Line]) -> str:
    """The first paragraph of a work, with words changed."""
    first = works["essay-salt-ledger"]["text"].split("\n\n")[0]
    changed = _reworded(first)
    assert changed != first
    return changed


OWN = "Quarterly figures for the regional bus operator improved slightly, mostly because diesel became cheaper."


def test_a_reworded_paragraph_leads_to_its_work_and_span(run: Run, library: Path, paragraph: str) -> None:
    text = f"{OWN}\n\n{paragraph}"
    found = run("attribute", "-", "--json", stdin=text).json
    [attribution] = found["attributions"]
    assert attribution["work"]["title"] == "The Salt Ledger"
    assert attribution["confidence"] > 0.9
    assert attribution["spans"] == [[len(OWN) + 2, len(text)]]
    assert {m["kind"] for m in attribution["matches"]} <= {"exact", "near"}
    assert attribution["share_ppb"] + found["unattributed"]["share_ppb"] == 1_000_000_000
    assert set(found["decided_by"]) == {"encoder", "snapshot", "calibration"}


def test_the_text_is_shown_with_its_spans_and_sources(run: Run, library: Path, paragraph: str) -> None:
    out = run("attribute", "-", stdin=f"{OWN}\r\n\r\n{paragraph}").out
    assert f"{OWN}\n\n«{paragraph}»[1]" in out
    assert "The Salt Ledger" in out
    assert "unattributed" in out
    assert "My grandmother kept two books in the kitchen" in out
    assert "\x1b" not in out


def test_a_text_from_nowhere_is_nobodys(run: Run, library: Path, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text(OWN, encoding="utf-8-sig")
    found = run("attribute", tmp_path / "own.txt", "--json").json
    assert found["attributions"] == []
    assert found["unattributed"]["share"] == "1.000000000"
    assert found["chars"] == len(OWN)


@pytest.mark.parametrize(
    ("stdin", "code", "words"),
    [
        (b"", "invalid_text", "empty"),
        (b" \n\t ", "invalid_text", "empty"),
        (b"caf\xe9 au lait", "invalid_text", "not valid UTF-8 at byte 3"),
        (b"\x00\x01\x02" * 100, "invalid_text", "binary"),
        (b"word " * 50_001, "too_large", "over 250,000 characters"),
        ("é".encode() * 600_000, "too_large", "over 250,000 characters"),
    ],
    ids=["nothing", "white space", "latin-1", "binary", "too long", "too long in bytes"],
)
def test_a_text_that_cant_be_attributed_is_refused(
    run: Run, library: Path, stdin: bytes, code: str, words: str
) -> None:
    ran = run("attribute", "-", "--json", stdin=stdin)
    problem = json.loads(ran.err)
    assert (ran.code, ran.out, problem["error"]) == (1, "", code)
    assert words in problem["message"]
    assert problem["mend"]


def test_what_came_with_the_prompt_is_nobodys(
    run: Run, library: Path, works: Mapping[str, Line], tmp_path: Path
) -> None:
    first = works["essay-salt-ledger"]["text"].split("\n\n", maxsplit=1)[0]
    (tmp_path / "prompt.txt").write_text(f"Go on from here: {first}", encoding="utf-8")
    assert len(run("attribute", "-", "--json", stdin=first).json["attributions"]) == 1
    found = run("attribute", "-", "--json", "--prompt", tmp_path / "prompt.txt", stdin=first).json
    assert (found["attributions"], found["unattributed"]["share"]) == ([], "1.000000000")


@pytest.mark.parametrize(
    ("prompt", "words"), [("-", "both the text and its prompt"), ("nowhere.txt", "no file"), ("blank", "empty")]
)
def test_a_prompt_that_cant_be_read_is_refused(
    run: Run, library: Path, tmp_path: Path, prompt: str, words: str
) -> None:
    (tmp_path / "blank").write_text(" ", encoding="utf-8")
    ran = run("attribute", "-", "--prompt", prompt, stdin=OWN)
    assert (ran.code, ran.out) == (1, "")
    assert words in ran.err


def test_words_that_speak_of_the_answer_are_not_marked(run: Run, library: Path, paragraph: str) -> None:
    lead = "Sure! Here is the rewritten text:"
    out = run("attribute", "-", stdin=f"{lead}\n{paragraph}\n\nI hope this helps!").out
    assert f"{lead}\n«{paragraph}»[1]\n\nI hope this helps!" in out


def test_a_missing_file_is_told(run: Run, library: Path) -> None:
    ran = run("attribute", "nowhere.txt")
    assert (ran.code, ran.err) == (1, "error: There is no file nowhere.txt.\nmend: Check the path.\n")


def test_attributing_records_nothing(run: Run, library: Path, paragraph: str) -> None:
    run("attribute", "-", stdin=paragraph)
    assert run("trial-balance", "--json").json == {"balanced": True, "differences": {}, "accounts": []}


def test_a_generation_earns_once(run: Run, library: Path, generation: GenerationFile) -> None:
    file = generation("out-essay-01")
    first = run("submit", file, "--service", "lumen-studio", "--json")
    again = run("submit", file, "--service", "lumen-studio", "--json")
    assert (first.code, again.code, again.json) == (0, 0, first.json)
    assert "recorded before" in again.err
    [attribution] = first.json["attributions"]
    assert [a["party"] for a in attribution["accruals"]] == ["oona-tresker"]
    earned = Decimal(attribution["accruals"][0]["amount"])
    [total] = run("report", "oona-tresker", "--json").json["totals"]
    assert (Decimal(total["amount"]), total["uses"]) == (earned, 1)


def test_a_generation_from_before_all_works_pays_none(run: Run, library: Path, generation: GenerationFile) -> None:
    file = generation("out-essay-01")
    made_at = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    told = {**json.loads(file.read_text(encoding="utf-8")), "made_at": made_at, "prompt": "Write of salt."}
    file.write_text(json.dumps(told), encoding="utf-8")
    found = run("submit", file, "--service", "lumen-studio", "--json").json
    assert (found["attributions"], found["prompt_chars"]) == ([], 14)
    assert datetime.fromisoformat(found["made_at"]) == datetime.fromisoformat(made_at)


def test_the_same_id_with_another_text_is_refused(run: Run, library: Path, generation: GenerationFile) -> None:
    file = generation("out-essay-01")
    assert run("submit", file, "--service", "lumen-studio").code == 0
    changed = json.loads(file.read_text(encoding="utf-8"))
    changed["parts"][0]["text"] += " And more."
    file.write_text(json.dumps(changed), encoding="utf-8")
    ran = run("submit", file, "--service", "lumen-studio", "--json")
    assert (ran.code, json.loads(ran.err)["error"]) == (1, "conflict")


def test_a_submitted_generation_shows_what_each_earned(run: Run, library: Path, generation: GenerationFile) -> None:
    out = run("submit", generation("out-essay-01"), "--service", "lumen-studio").out
    assert "There was a pair of books" in out
    assert "]" in out[out.index("«") :]
    assert "oona-tresker 0.0" in out
    assert "brain-1 (brain, atlas 3.2, eu-west)" in out


def test_a_use_that_is_not_allowed_is_flagged_and_held(run: Run, library: Path, generation: GenerationFile) -> None:
    out = run("submit", generation("out-news-blocked"), "--service", "lumen-studio").out
    assert "blocked" in out
    assert "held" in out
    assert "does not allow this use" in " ".join(out.split())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": 7}, "'id'"),
        ({"prise": {}}, "unknown field 'prise'"),
        ({"price": {"amount": 0.04, "currency": "USD"}}, "'amount'"),
        ({"price": {"amount": "0.04", "currency": "XXX"}}, "XXX"),
        ({"price": {"amount": "-1", "currency": "USD"}}, "below zero"),
        ({"parts": {}}, '"parts" is a list'),
        ({"parts": []}, "1 to 64 parts"),
        ({"parts": [{"text": "x", "worker": {"id": "b"}}]}, "'kind'"),
        ({"prompt": None}, "'prompt'"),
        ({"prompt": " "}, "empty"),
        ({"made_at": 1}, "'made_at'"),
        ({"made_at": "yesterday"}, "is not a moment"),
        ({"made_at": "2001-01-01T00:00:00Z"}, "92 days ago"),
    ],
)
def test_a_generation_in_another_form_is_refused(
    run: Run, library: Path, generation: GenerationFile, change: Line, words: str
) -> None:
    file = generation("out-essay-01")
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    ran = run("submit", file, "--service", "lumen-studio")
    assert ran.code == 1
    assert words in ran.err


def test_a_file_that_is_no_json_is_refused(run: Run, library: Path) -> None:
    assert "This is not JSON" in run("submit", "-", stdin="{").err
    assert "This is not JSON" in run("submit", "-", stdin="[" * 100_000).err
    assert "not a JSON object" in run("submit", "-", stdin="[1]").err


def test_an_unknown_service_is_refused(run: Run, library: Path, generation: GenerationFile) -> None:
    ran = run("submit", generation("out-essay-01"), "--service", "nobody-studio")
    assert ran.code == 1
    assert "There is no party 'nobody-studio'" in ran.err
