"""What a calibration is, and the report on it, at the command line."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from provenance.adapters.calibration_file import load_calibration, save_calibration
from provenance.services.reliability import SIZED_SOURCES_MIN

Run = Callable[..., Any]
Line = Mapping[str, Any]
Write = Callable[..., Path]

KINDS = ("rewrite", "quotation", "unrelated")
OUTPUTS_EACH = 3
SOURCE_CHARS = 300  # of each work, so that three indexes are built in seconds


@pytest.fixture
def sources(works: Mapping[str, Line], write_lines: Write, tmp_path: Path) -> Path:
    assert len(works) >= SIZED_SOURCES_MIN
    cut = [{**w, "text": w["text"][:SOURCE_CHARS], "domain": w["source_id"][:4]} for w in works.values()]
    return write_lines(tmp_path / "sources.jsonl", cut)


@pytest.fixture
def labelled(outputs: Mapping[str, Line], write_lines: Write, tmp_path: Path) -> Path:
    lines = []
    for kind in KINDS:
        alike = [o for o in outputs.values() if o["kind"] == kind and len(o["sources"]) < 2]
        lines += [_labelled(o) for o in alike[:OUTPUTS_EACH]]
    return write_lines(tmp_path / "outputs.jsonl", lines)


def _labelled(output: Line) -> Line:
    text = "\n\n".join(part["text"] for part in output["parts"])
    spans = [[0, len(text)]]
    labels = [{"source_id": source, "share": 1.0, "out_spans": spans} for source in output["sources"]]
    return {
        "output_id": output["output_id"],
        "kind": output["kind"],
        "text": text,
        "labels": labels,
        "unattributed_share": 0.0 if labels else 1.0,
    }


def test_the_report_measures_what_the_predictions_say(run: Run, sources: Path, labelled: Path, tmp_path: Path) -> None:
    files = ("--sources", sources, "--outputs", labelled)
    ran = run("calibration", "report", *files, "-o", tmp_path / "report.html", "--json")
    assert ran.code == 0, ran.err
    assert run("evaluate", *files, "--predictions", tmp_path / "p.jsonl").code == 0
    truth = [json.loads(line) for line in labelled.read_text(encoding="utf-8").splitlines()]
    said = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()]
    off, undue = [], 0
    for known, predicted in zip(truth, said, strict=True):
        true = {x["source_id"]: x["share"] for x in known["labels"]} | {"": known["unattributed_share"]}
        paid = {x["source_id"]: x["share"] for x in predicted["attributions"]} | {"": predicted["unattributed_share"]}
        off.append(sum(abs(true.get(s, 0) - paid.get(s, 0)) for s in true.keys() | paid.keys()) / 2)
        undue += not known["labels"] and bool(predicted["attributions"])
    report = ran.json
    assert report["all"]["share_tv"] == pytest.approx(sum(off) / len(off))
    assert report["all"]["false_payouts"]["part"] * report["all"]["from_nothing"] == pytest.approx(undue)
    assert report["all"]["considered"] == sum(len(p["candidates"]) for p in said)
    assert {kind: group["outputs"] for kind, group in report["by"]["kind"].items()} == dict.fromkeys(
        KINDS, OUTPUTS_EACH
    )
    count = len(sources.read_text(encoding="utf-8").splitlines())
    assert list(report["by"]["size"]) == [f"{n} sources" for n in (count // 4, count // 2, count)]
    assert len({group["outputs"] for group in report["by"]["size"].values()}) == 1
    assert report["decided_by"]["calibration"] == load_calibration().identity
    assert not (tmp_path / "home").exists()
    page = lxml.html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert len(page.xpath("//table[@class='groups']")) == len(report["by"])


def test_the_report_is_shown_as_tables(run: Run, sources: Path, labelled: Path, tmp_path: Path) -> None:
    few = labelled.with_name("few.jsonl")
    few.write_text("".join(labelled.read_text(encoding="utf-8").splitlines(keepends=True)[:3]), encoding="utf-8")
    small = sources.with_name("small.jsonl")
    small.write_text("".join(sources.read_text(encoding="utf-8").splitlines(keepends=True)[:5]), encoding="utf-8")
    ran = run("calibration", "report", "--sources", small, "--outputs", few, "-o", tmp_path / "report.html")
    assert ran.code == 0, ran.err
    assert all(words in ran.out for words in ("By kind", "By length", "By domain", "share_tv", "rewrite"))
    assert "By size" not in ran.out
    assert "report.html" in ran.err


def test_an_output_without_its_shares_is_named(run: Run, sources: Path, write_lines: Write, tmp_path: Path) -> None:
    bad = write_lines(tmp_path / "bad.jsonl", [{"output_id": "x", "text": "y", "labels": []}])
    ran = run("calibration", "report", "--sources", sources, "--outputs", bad, "-o", tmp_path / "report.html")
    assert ran.code == 1
    assert "bad.jsonl, line 1: 'unattributed_share'" in ran.err
    assert not (tmp_path / "report.html").exists()


def test_a_calibration_is_shown_with_what_it_was_trained_on(run: Run, tmp_path: Path) -> None:
    shipped = load_calibration()
    shown = run("calibration", "show", "--json").json
    assert (shown["identity"], shown["encoder"]) == (shipped.identity, shipped.encoder)
    assert (shown["segment_min"], shown["source_min"]) == (shipped.segment_min, shipped.source_min)
    assert shown["trained_on"] == dict(shipped.trained_on)
    out = run("calibration", "show").out
    assert all(words in out for words in (shipped.identity, shipped.encoder, *shipped.trained_on.values()))
    save_calibration(shipped, tmp_path / "mine.json")
    assert run("calibration", "show", "--calibration", tmp_path / "mine.json").out == out


def test_a_file_that_is_no_calibration_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    ran = run("calibration", "show", "--calibration", tmp_path / "bad.json", "--json")
    assert (ran.code, json.loads(ran.err)["error"]) == (1, "snapshot_unusable")
