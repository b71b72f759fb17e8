"""Snapshots and calibrations are attested at the command line, and verified with the log's key alone."""

import json
from pathlib import Path

from .conftest import Run


def test_what_decisions_were_made_with_is_attested(run: Run, library: Path, tmp_path: Path) -> None:
    assert run("attest", "snapshot").code == 1, "there is no key yet"
    key = run("log", "init", "--origin", "example.org/log", "--json").json["key"]
    snapshot, calibration = tmp_path / "snapshot.jsonl", tmp_path / "calibration.jsonl"
    assert run("attest", "snapshot", "-o", snapshot).code == 0
    assert run("attest", "calibration", "-o", calibration).code == 0
    said = run("attest", "verify", snapshot, "--key", key, "--json").json
    digest = said["subject"][0]["digest"]["sha256"]
    assert (library / "snapshots" / "manifests" / f"{digest}.json").exists()
    assert said["predicate"]["works"] > 0
    shown = run("attest", "verify", calibration)
    assert (shown.code, "calibration/" in shown.out) == (0, True)
    identity = run("calibration", "show", "--json").json["identity"]
    assert identity in shown.out.replace("\n", "")


def test_what_was_altered_or_never_published_is_refused(run: Run, library: Path, tmp_path: Path) -> None:
    assert run("log", "init", "--origin", "example.org/log").code == 0
    path = tmp_path / "snapshot.jsonl"
    assert run("attest", "snapshot", "-o", path).code == 0
    form = json.loads(path.read_text())
    form["signatures"][0]["sig"] = "A" * 86 + "=="
    path.write_text(json.dumps(form))
    refused = run("attest", "verify", path)
    assert (refused.code, "didn't sign" in refused.err) == (1, True)
    missing = run("attest", "snapshot", "0" * 64)
    assert (missing.code, "was published" in missing.err) == (1, True)
