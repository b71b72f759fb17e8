"""Explanations and the evidence page at the command line: the same words everywhere, and a page that stays one."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from provenance.attribution.explain import KIND_WORDS
from provenance.cli.visible import visible

Run = Callable[..., Any]
Line = Mapping[str, Any]
GenerationFile = Callable[[str], Path]


@pytest.fixture
def text(outputs: Mapping[str, Line]) -> str:
    return "\n\n".join(part["text"] for part in outputs["out-essay-01"]["parts"])


def _explanations(attribution: Line) -> list[str]:
    return [attribution["explanation"], *(m["explanation"] for m in attribution["matches"])]


def test_every_share_and_match_is_explained_for_a_person_and_a_program(run: Run, library: Path, text: str) -> None:
    found = run("attribute", "-", "--json", stdin=text).json
    [attribution] = found["attributions"]
    told = _explanations(attribution)
    assert all(told)
    assert " of the output is attributed to this work, as evidence of reuse: " in told[0]
    for match in attribution["matches"]:
        assert match["kind"] in {kind.value for kind in KIND_WORDS}
    shown = " ".join(run("attribute", "-", stdin=text).out.split())
    assert all(explanation in shown for explanation in told)
    assert found["unattributed"]["explanation"].startswith(("For ", "No part"))


def test_a_recorded_generation_and_its_uses_are_explained_in_the_same_words(
    run: Run, library: Path, generation: GenerationFile, text: str
) -> None:
    recorded = run("submit", generation("out-essay-01"), "--service", "lumen-studio", "--json").json
    told = _explanations(recorded["attributions"][0])
    uses = run("uses", "oona-tresker", recorded["id"], "--json").json["uses"]
    assert [_explanations(use) for use in uses] == [told]
    shown = "".join(run("uses", "oona-tresker", recorded["id"]).out.split())
    assert "".join(told[0].split()) in shown
    if len(recorded["parts"]) == 1:
        assert _explanations(run("attribute", "-", "--json", stdin=text).json["attributions"][0]) == told


def test_the_page_shows_what_the_command_says(run: Run, library: Path, text: str, tmp_path: Path) -> None:
    (tmp_path / "draft.txt").write_text(text, encoding="utf-8")
    ran = run("attribute", tmp_path / "draft.txt", "--html", tmp_path / "page.html", "--json")
    assert (ran.code, "page.html" in ran.err) == (0, True)
    tree = lxml.html.document_fromstring((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert tree.xpath("//h1")[0].text_content() == "draft.txt"
    assert tree.get_element_by_id("output").text_content() == text
    [attribution] = ran.json["attributions"]
    assert [m.text_content() for m in tree.xpath("//mark")] == [text[a:b] for a, b in attribution["spans"]]
    assert [p.text_content() for p in tree.xpath("//article//p[@class='why']")] == _explanations(attribution)
    assert [q.text_content() for q in tree.xpath("//q")] == [m["source_excerpt"] for m in attribution["matches"]]
    foot = tree.xpath("//footer")[0].text_content()
    assert all(identity in foot for identity in ran.json["decided_by"].values())


def test_a_page_that_cant_be_written_is_told(run: Run, library: Path, text: str, tmp_path: Path) -> None:
    ran = run("attribute", "-", "--html", tmp_path / "nowhere" / "page.html", "--json", stdin=text)
    assert (ran.code, json.loads(ran.err)["error"]) == (1, "storage_failed")
    assert ran.out == ""


def test_a_hostile_text_is_text_on_the_page(run: Run, library: Path, text: str, tmp_path: Path) -> None:
    hostile = f'</div><script>alert(1)</script> \u202e" onload="x {text} <img src=x> \x1b[31m'
    ran = run("attribute", "-", "--html", tmp_path / "page.html", stdin=hostile)
    assert ran.code == 0, ran.err
    tree = lxml.html.document_fromstring((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert tree.get_element_by_id("output").text_content() == visible(hostile, lines=True)
    assert (len(tree.xpath("//script")), len(tree.xpath("//img"))) == (1, 0)
