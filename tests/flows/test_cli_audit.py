"""Exports that are made, checked, cut short and tampered with."""

import errno
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Files = dict[str, bytes]

STATEMENTS = (
    *("statements f", "each stateme", "each close p", "statements c", "each stateme", "reserve, tax"),
    *("advances are", "subscription", "payouts sett"),
)


@pytest.fixture
def export(run: Run, library: Path, generation: Callable[[str], Path], tmp_path: Path) -> Path:
    """An export with one generation in it."""
    assert run("submit", generation("out-essay-01"), "--service", "lumen-studio").code == 0
    assert run("export", "-o", tmp_path / "audit.zip").code == 0
    return tmp_path / "audit.zip"


def _unpack(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _pack(path: Path, files: Files) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def test_an_export_passes_its_checks(run: Run, export: Path) -> None:
    ran = run("check-export", export, "--json")
    assert (ran.code, ran.json["ok"]) == (0, True)
    assert not [check for check in ran.json["checks"] if check["failed"]]
    idle = [check["name"] for check in ran.json["checks"] if not check["checked"]]
    expected = ["each overlap", "each work is", "each review ", "what dispute", *STATEMENTS]
    assert [name[:12] for name in idle] == expected, "none shared, gone, held or disputed, and nothing closed"
    assert "The records are unaltered" in run("check-export", export).out


def test_an_export_counts_its_facts(run: Run, export: Path, tmp_path: Path) -> None:
    described = run("export", "-o", tmp_path / "again.zip", "--json").json
    assert (described["facts"]["work"], described["facts"]["generation"]) == (4, 1)
    out = run("export", "-o", tmp_path / "again.zip").out
    assert described["log"]["root"] in out
    past = run("export", "-o", tmp_path / "past.zip", "--until", "2000-01-01", "--json").json
    assert past["facts"]["generation"] == 0


def test_an_altered_amount_is_found(run: Run, export: Path) -> None:
    files = _unpack(export)
    files["generation.jsonl"] = files["generation.jsonl"].replace(b'"micros":"80000"', b'"micros":"90000"')
    _pack(export, files)
    ran = run("check-export", export)
    assert ran.code == 1
    assert "generation.jsonl was altered" in ran.out
    assert "This export doesn't hold what was recorded." in ran.out


def test_a_forged_manifest_does_not_help(run: Run, export: Path) -> None:
    files = _unpack(export)
    forged = files["generation.jsonl"].replace(b'"micros":"80000"', b'"micros":"90000"')
    assert forged != files["generation.jsonl"]
    files["generation.jsonl"] = forged
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["generation.jsonl"] = {"bytes": len(forged), "sha256": hashlib.sha256(forged).hexdigest()}
    files["manifest.json"] = json.dumps(manifest).encode()
    _pack(export, files)
    ran = run("check-export", export, "--json")
    failed = {check["name"] for check in ran.json["checks"] if check["failed"]}
    assert ran.code == 1
    assert "every fact is a leaf of the log" in failed
    assert "accruals follow from shares, terms and claims" in failed


def test_a_file_that_is_no_export_is_told(run: Run, export: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no zip", encoding="utf-8")
    (tmp_path / "short.zip").write_bytes(export.read_bytes()[:5000])
    _pack(tmp_path / "other.zip", {"readme.txt": b"hello"})
    for name in ("note.txt", "short.zip", "other.zip", "nowhere.zip"):
        ran = run("check-export", tmp_path / name, "--json")
        assert (ran.code, json.loads(ran.err)["error"]) == (1, "invalid_input"), name


def test_a_full_disk_leaves_no_half_export(run: Run, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = export.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("provenance.adapters.zip_archive.os.fsync", full)
        ran = run("export", "-o", export)
    assert ran.code == 1
    assert "error: The disk is full" in ran.err
    assert export.read_bytes() == before
    assert not list(export.parent.glob(".*part"))


def test_an_export_into_no_folder_is_told(run: Run, library: Path, tmp_path: Path) -> None:
    ran = run("export", "-o", tmp_path / "nowhere" / "audit.zip")
    assert ran.code == 1
    assert "can't be written" in ran.err
