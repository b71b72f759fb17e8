"""Near copies, quotations and unrelated works from the command line, with the real encoder."""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Write = Callable[..., Path]
Line = Mapping[str, Any]

QUOTED_WORDS = 40
OWN_WORDS = (
    "Nobody had thought of a torch, so the guide told us a story about her aunt, who repaired radios in a caravan and "
    "never charged anybody who could whistle. Outside it had begun to snow, and the last tram was late again. We "
    "bought chestnuts from a man who said that he had been a goalkeeper, and ate them on the steps of the library."
)


@pytest.fixture
def quotation(works: Mapping[str, Line]) -> str:
    return " ".join(works["essay-tide-clock"]["text"].split()[100 : 100 + QUOTED_WORDS])


def _changed(text: str, part: float) -> str:
    """The text with a part of its words replaced by others, and its lines as they were."""
    choice = random.Random(7)
    words = [w for w in text.split(" ") if "\n" not in w]
    return " ".join(choice.choice(words) if "\n" not in w and choice.random() < part else w for w in text.split(" "))


@pytest.fixture
def registered(run: Run, library: Path, works: Mapping[str, Line], quotation: str, write_lines: Write) -> Any:
    """What the command says of a near copy and of a text with a quotation, beside four works that share nothing."""
    lines = [
        {"source_id": "copy", "title": "The Brine Book", "text": _changed(works["essay-salt-ledger"]["text"], 0.05)},
        {
            "source_id": "quoting",
            "title": "On [bold]Clocks",
            "text": f"We read in the museum's leaflet: “{quotation}” Then the lights went out.\n\n{OWN_WORDS}",
        },
        {
            "source_id": "alone",
            "title": "Alone",
            "text": "Nothing in this text was ever in another one, I promise you.",
        },
    ]
    return run("ingest", write_lines(library.parent / "more.jsonl", lines), "--json").json


def test_the_library_shares_nothing(run: Run, library: Path) -> None:
    assert run("overlaps", "--json").json == {"overlaps": [], "more": False}
    assert "Overlaps" not in run("index", "--rebuild").out


def test_registering_says_what_overlaps(run: Run, registered: Any, works: Mapping[str, Line]) -> None:
    told = registered["overlaps"]
    assert (told["compared"], told["found"], told["works"], told["near_duplicates"]) == (3, 2, 2, 1)
    names = {w["id"]: w["source_id"] for w in run("works", "--json").json["works"]}
    pairs = {(names[o["work"]], names[o["other"]]): o for o in told["overlaps"]}
    assert set(pairs) == {("copy", "essay-salt-ledger"), ("quoting", "essay-tide-clock")}
    assert pairs["copy", "essay-salt-ledger"]["near_duplicate"]
    assert min(pairs["copy", "essay-salt-ledger"][c] for c in ("covered", "other_covered")) > 0.7
    assert names[pairs["copy", "essay-salt-ledger"]["first"]] == "essay-salt-ledger"
    assert run("index", "--json").json["overlaps"]["compared"] == 0


def test_a_quotation_has_the_right_spans_on_both_sides(
    run: Run, registered: Any, works: Mapping[str, Line], quotation: str
) -> None:
    clock = next(w["id"] for w in run("works", "--json").json["works"] if w["source_id"] == "essay-tide-clock")
    (found,) = run("overlaps", clock, "--json").json["overlaps"]
    (passage,) = found["passages"]
    text = works["essay-tide-clock"]["text"]
    own = text[slice(*passage["span"])]
    assert " ".join(own.split()) == quotation.strip(".,;:")
    assert found["excerpt"] == own[:300]
    start, end = passage["other_span"]
    assert end - start == len(quotation.strip(".,;:"))
    assert (found["kind"], found["first"], found["work"]["id"]) == ("exact", clock, clock)


def test_a_person_is_told_too(run: Run, library: Path, registered: Any, write_lines: Write) -> None:
    table = run("overlaps").out
    assert "near duplicate" in table
    assert "On [bold]Clocks" in table
    assert "The Salt Ledger" in table
    more = [{"source_id": "third", "title": "Third", "text": json.loads(_line(library, "copy"))["text"] + " The end."}]
    out = run("ingest", write_lines(library.parent / "third.jsonl", more)).out
    assert "Overlaps with earlier works: 2, in 1 of the new texts; near duplicates: 2." in out
    assert "is in The Brine Book too (near duplicate); first: The Brine Book" in out
    assert run("overlaps", "--limit", "1").out.count("near duplicate") == 1
    assert "raise --limit" in run("overlaps", "--limit", "1").out


def _line(library: Path, name: str) -> str:
    lines = (library.parent / "more.jsonl").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if json.loads(line)["source_id"] == name)


def test_an_owner_sees_its_own_side(run: Run, registered: Any) -> None:
    found = run("overlaps", "--party", "oona-tresker", "--json").json["overlaps"]
    assert "The Salt Ledger" in {o["work"]["title"] for o in found}
    assert "The Brine Book" not in {o["work"]["title"] for o in found}
    assert run("overlaps", "--party", "nobody-at-all", "--json").json["overlaps"] == []


def test_a_work_that_is_not_there_is_an_error(run: Run, library: Path) -> None:
    ran = run("overlaps", "work_nowhere", "--json")
    assert (ran.code, '"error": "not_found"' in ran.err) == (1, True)


def test_an_export_holds_overlaps_and_its_check_looks_at_them(run: Run, registered: Any, tmp_path: Path) -> None:
    exported = run("export", "-o", tmp_path / "export.zip", "--json").json
    assert exported["facts"]["overlap"] == 2
    checks = run("check-export", tmp_path / "export.zip", "--json")
    assert checks.code == 0
    assert [c["checked"] for c in checks.json["checks"] if c["name"].startswith("each overlap")] == [2]
