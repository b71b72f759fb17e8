"""A work withdrawn at the command line: gone from what is attributed, still listed, still earning nothing new."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.writer_lock import writer_lock

Run = Callable[..., Any]
REASON = "The rights went back."


@pytest.fixture
def work(run: Run, library: Path) -> str:
    """The id of a work of the sample library, which has two owners."""
    return next(w["id"] for w in run("works", "--json").json["works"] if w["source_id"] == "essay-salt-ledger")


def _sources(run: Run, text: Path) -> set[str]:
    return {s["work"]["source_id"] for s in run("attribute", text, "--json").json["attributions"]}


def test_a_work_is_withdrawn_once_and_leaves_the_index(
    run: Run, work: str, works: Mapping[str, Any], tmp_path: Path
) -> None:
    text = tmp_path / "draft.txt"
    text.write_text(works["essay-salt-ledger"]["text"], encoding="utf-8")
    assert _sources(run, text) == {"essay-salt-ledger"}
    done = run("withdraw", work, "--reason", REASON, "--json")
    assert done.code == 0
    assert (done.json["work"], done.json["reason"], done.json["index"]["works"]) == (work, REASON, 3)
    assert done.json["withdrawn_by"] == "library", "who registered it"
    assert _sources(run, text) == set()
    again = run("withdraw", work, "--reason", REASON, "--json")
    assert (again.code, again.json["recorded_at"], again.json["index"]["built"]) == (0, done.json["recorded_at"], False)
    assert "nothing was changed" in again.err
    for options in (["--reason", "Another."], ["--reason", REASON, "--as", "lumen-studio"]):
        other = run("withdraw", work, *options, "--json")
        assert (other.code, json.loads(other.err)["error"]) == (1, "conflict")


def test_it_is_still_listed_and_marked_and_so_is_what_it_earned(
    run: Run, work: str, generation: Callable[[str], Path]
) -> None:
    submitted = run("submit", generation("out-essay-01"), "--service", "lumen-studio", "--json").json
    assert "withdrawn" not in run("works").out
    said = run("withdraw", work, "--reason", REASON).out
    assert "was withdrawn on" in said
    assert "3 works" in said
    assert "withdrawn" in run("works").out
    listed = {w["id"]: w["withdrawal"] for w in run("works", "--json").json["works"]}
    assert (len(listed), listed[work]["reason"]) == (4, REASON)
    assert [w for w in listed.values() if w] == [listed[work]]
    report = run("report", "oona-tresker", "--json").json
    assert [(line["key"], line["withdrawn"]) for line in report["by_work"]] == [(work, True)]
    assert "(withdrawn)" in " ".join(run("report", "oona-tresker").out.split())
    assert REASON in " ".join(run("uses", "oona-tresker", submitted["id"]).out.split())


def test_its_file_is_refused_with_what_to_do(
    run: Run, work: str, works: Mapping[str, Any], write_lines: Callable[..., Path], tmp_path: Path
) -> None:
    assert run("withdraw", work, "--no-index", "--json").json["index"] is None
    line = dict(works["essay-salt-ledger"])
    refused = run("ingest", write_lines(tmp_path / "works.jsonl", [line]))
    assert refused.code == 1
    assert "Register it under another source id." in " ".join((refused.out + refused.err).split())
    back = run("ingest", write_lines(tmp_path / "works.jsonl", [line | {"source_id": "salt-again"}]), "--json")
    assert (back.code, back.json["new"], back.json["index"]["works"]) == (0, 1, 4)


def test_it_is_recorded_while_another_process_writes_the_index(run: Run, work: str, home: Path) -> None:
    with writer_lock(home / "writer.lock"):
        done = run("withdraw", work, "--json")
    assert (done.code, done.json["index"]) == (0, None)
    assert "another process" in done.err
    assert run("index", "--json").json["works"] == 3


def test_what_cannot_be_withdrawn_is_told(run: Run, work: str) -> None:
    assert run("withdraw").code == 2
    for args in (["work_none"], [work, "--as", "nobody"], [work, "--reason", "\x1b[2J"]):
        assert run("withdraw", *args).code == 1
    assert not [w for w in run("works", "--json").json["works"] if w["withdrawal"]]
