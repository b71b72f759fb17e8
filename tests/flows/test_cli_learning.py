"""Predictions and calibrations from labelled outputs."""

import errno
import gzip
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.calibration_file import load_calibration

Run = Callable[..., Any]
Line = Mapping[str, Any]
Write = Callable[..., Path]

SOURCES = ("essay-salt-ledger", "essay-tide-clock", "essay-breakwater-numbers", "news-bell-foundry")
OUTPUTS = ("out-essay-01", "out-essay-03", "out-essay-04", "out-news-blocked", "out-essay-11")


def _labelled(output: Line) -> Line:
    text = "\n\n".join(part["text"] for part in output["parts"])
    labels = [{"source_id": source, "share": 1.0} for source in output["sources"]]
    domain = {"domain": output["sources"][0]} if output["sources"] else {}
    return {"output_id": output["output_id"], "text": text, "kind": output["kind"], "labels": labels, **domain}


@pytest.fixture
def sources(works: Mapping[str, Line], tmp_path: Path) -> Path:
    path = tmp_path / "sources.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({**works[name], "domain": name}) + "\n" for name in SOURCES)
    return path


@pytest.fixture
def labelled(outputs: Mapping[str, Line], write_lines: Write, tmp_path: Path) -> Path:
    return write_lines(tmp_path / "outputs.jsonl", [_labelled(outputs[name]) for name in OUTPUTS])


def test_predictions_are_one_line_an_output(run: Run, sources: Path, labelled: Path, tmp_path: Path) -> None:
    predictions = tmp_path / "predictions.jsonl"
    ran = run("evaluate", "--sources", sources, "--outputs", labelled, "--predictions", predictions)
    assert ran.code == 0, ran.err
    lines = [json.loads(line) for line in predictions.read_text(encoding="utf-8").splitlines()]
    assert [line["output_id"] for line in lines] == list(OUTPUTS)
    for line in lines:
        assert sum(a["share"] for a in line["attributions"]) + line["unattributed_share"] == pytest.approx(1)
        assert {a["source_id"] for a in line["attributions"]} <= {c["source_id"] for c in line["candidates"]}
    assert [a["source_id"] for a in lines[0]["attributions"]] == ["essay-salt-ledger"]
    assert lines[-1]["unattributed_share"] == 1
    assert not (tmp_path / "home").exists()


def test_predictions_with_a_calibration_of_ones_own(run: Run, sources: Path, labelled: Path, tmp_path: Path) -> None:
    trained = run("train", "--sources", sources, "--outputs", labelled, "-o", tmp_path / "mine.json")
    assert trained.code == 0, trained.err
    calibration = load_calibration(tmp_path / "mine.json")
    assert trained.out.strip() == calibration.identity
    assert set(calibration.trained_on) == {"sources_sha256", "outputs_sha256", "weights", "seed"}
    options = ("--predictions", tmp_path / "p.jsonl", "--calibration", tmp_path / "mine.json")
    ran = run("evaluate", "--sources", sources, "--outputs", labelled, *options)
    assert (ran.code, calibration.identity[:12] in ran.out) == (0, True)


def test_a_calibration_from_several_sets_and_strangers_names_all_of_them(
    run: Run, sources: Path, labelled: Path, works: Mapping[str, Line], write_lines: Write, tmp_path: Path
) -> None:
    strangers = write_lines(tmp_path / "strangers.jsonl", [works[n] for n in works if n not in SOURCES][:2])
    once = ("--sources", sources, "--outputs", labelled)
    more = ("--weight", "1", "--weight", "0.5", "--strangers", strangers, "--seed", "3")
    trained = run("train", *once, *once, *more, "-o", tmp_path / "two.json")
    assert trained.code == 0, trained.err
    recorded = load_calibration(tmp_path / "two.json").trained_on
    digests = {"sources_sha256": sources, "outputs_sha256": labelled, "strangers_sha256": strangers}
    expected = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in digests.items()}
    expected |= {"sources_2_sha256": expected["sources_sha256"], "outputs_2_sha256": expected["outputs_sha256"]}
    assert recorded == expected | {"weights": "1.0,0.5", "seed": "3"}


def test_training_twice_gives_the_same_calibration(run: Run, sources: Path, labelled: Path, tmp_path: Path) -> None:
    ran = [run("train", "--sources", sources, "--outputs", labelled, "-o", tmp_path / name) for name in ("a", "b")]
    assert ran[0].code == ran[1].code == 0, ran[0].err
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--sources", "s", "--sources", "s", "--outputs", "o"), "2 files of sources, 1 of outputs and 2 weights"),
        (("--sources", "s", "--outputs", "o", "--outputs", "o"), "1 files of sources, 2 of outputs and 1 weights"),
        (("--sources", "s", "--outputs", "o", "--weight", "1", "--weight", "2"), "1 of outputs and 2 weights"),
        (("--sources", "s", "--outputs", "o", "--weight", "0"), "A weight lies above 0"),
        (("--sources", "s", "--outputs", "o", "--weight", "101"), "at most 100"),
        (("--sources", "s", "--outputs", "o", "--weight", "nan"), "A weight lies above 0"),
    ],
    ids=["outputs lack", "sources lack", "too many weights", "nought", "too much", "no number"],
)
def test_sets_that_do_not_match_are_refused_by_their_numbers(
    run: Run, sources: Path, labelled: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    paths = {"s": sources, "o": labelled}
    ran = run("train", *(paths.get(option, option) for option in options), "-o", tmp_path / "c.json")
    assert ran.code == 1
    assert words in ran.err
    assert not (tmp_path / "c.json").exists()


def test_too_few_labels_are_told(run: Run, sources: Path, outputs: Mapping[str, Line], write_lines: Write) -> None:
    few = write_lines(sources.parent / "few.jsonl", [_labelled(outputs["out-essay-01"])])
    ran = run("train", "--sources", sources, "--outputs", few, "-o", sources.parent / "c.json")
    assert ran.code == 1
    assert "Nothing can be fitted" in ran.err
    assert not (sources.parent / "c.json").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"output_id": "x"}', "no text 'text'"),
        ('{"output_id": "x", "text": "y", "labels": [{}]}', "source_id"),
        ('{"output_id": "x", "text": "y", "labels": 3}', "list"),
        ('{"output_id": "x", "text": "y", "labels": [{"source_id": "s", "out_spans": [[3, 1]]}]}', "span"),
    ],
)
def test_a_bad_line_is_named(run: Run, sources: Path, labelled: Path, line: str, words: str) -> None:
    with labelled.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    ran = run("evaluate", "--sources", sources, "--outputs", labelled, "--predictions", sources.parent / "p.jsonl")
    assert ran.code == 1
    assert f"{labelled}, line {len(OUTPUTS) + 2}: " in ran.err
    assert words in ran.err
    assert not (sources.parent / "p.jsonl").exists()


def test_a_file_that_is_missing_empty_or_no_gzip_is_told(run: Run, labelled: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.jsonl.gz").write_text("{}", encoding="utf-8")
    (tmp_path / "empty.jsonl").touch()
    for name, words in (("nowhere.jsonl", "No such file"), ("plain.jsonl.gz", "no gzip"), ("empty.jsonl", "no lines")):
        ran = run("evaluate", "--sources", tmp_path / name, "--outputs", labelled, "--predictions", tmp_path / "p")
        assert (ran.code, words in ran.err) == (1, True), ran.err


def test_a_source_named_twice_is_told(run: Run, labelled: Path, works: Mapping[str, Line], write_lines: Write) -> None:
    twice = write_lines(labelled.parent / "twice.jsonl", [works["essay-salt-ledger"]] * 2)
    ran = run("evaluate", "--sources", twice, "--outputs", labelled, "--predictions", labelled.parent / "p.jsonl")
    assert ran.code == 1
    assert "twice" in ran.err


def test_a_full_disk_keeps_the_older_predictions(
    run: Run, sources: Path, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictions = sources.parent / "p.jsonl"
    predictions.write_text("older\n", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        ran = run("evaluate", "--sources", sources, "--outputs", labelled, "--predictions", predictions)
    assert ran.code == 1
    assert "The disk is full" in ran.err
    assert predictions.read_text(encoding="utf-8") == "older\n"
    assert not list(predictions.parent.glob(".p.jsonl*"))


def test_a_calibration_that_is_none_is_told(run: Run, sources: Path, labelled: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    options = ("--predictions", tmp_path / "p.jsonl", "--calibration", tmp_path / "bad.json")
    ran = run("evaluate", "--sources", sources, "--outputs", labelled, *options)
    assert ran.code == 1
    assert "not a readable calibration" in ran.err
