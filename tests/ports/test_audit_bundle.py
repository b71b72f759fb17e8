"""A bundle proves itself with Python alone; whatever is altered in it, or in the database it is made from, is found."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.ed25519 import KeyFile, verify
from provenance.adapters.log_folder import LogFolder
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.verifier import signature
from provenance.adapters.verifier.main import LABELLED, main
from provenance.adapters.verifier_files import verifier_files
from provenance.adapters.zip_archive import ZipReader, writing_zip
from provenance.services.audit_bundle import export_bundle, signed_manifest
from provenance.services.check_export import check_export
from provenance.services.check_rows import LABELLED as KNOWN
from provenance.services.seal import Sequencer
from provenance.sources.party import Party
from provenance.statements.period import THE_BEGINNING, Period
from provenance.transparency.note import ED25519

from .closing_values import subscribe
from .payout_story import Payouts

NOW = datetime(2027, 2, 1, tzinfo=UTC)
WELL, FAILED, UNREADABLE, UNSURE = 0, 1, 2, 3


class Bundles:
    """A sealed database, and bundles of it."""

    def __init__(self, database: SqlDatabase, folder: Path) -> None:
        self.database, self.folder, self.path = database, folder, folder / "bundle.zip"
        self.key = KeyFile.create(folder / "key", "example.org/log", ED25519)
        self.tiles = LogFolder(folder / "log", folder / "lock")
        self.sequencer = Sequencer(database=database, tiles=self.tiles, signer=self.key, clock=lambda: NOW)

    def export(self, since: datetime = THE_BEGINNING, until: datetime = NOW) -> Path:
        period = Period(since=since, until=until)
        with writing_zip(self.path) as archive:
            export_bundle(self.sequencer, archive, period, scripts=verifier_files(), at=NOW, progress=lambda _: None)
        return self.path

    def check(self, path: Path | None = None, *more: str, cores: int = 1) -> tuple[int, str]:
        out = io.StringIO()
        told = [str(path or self.path), "--key", self.key.key.text, "--cores", str(cores), *more]
        return main(told, out), out.getvalue()


@pytest.fixture
def bundles(database: SqlDatabase, recorded: Any, tmp_path: Path) -> Bundles:
    recorded.record_terms(database)
    return Bundles(database, tmp_path)


def rewritten(path: Path, change: dict[str, bytes | None], key: KeyFile | None = None) -> Path:
    """A copy with other files; with a key, its manifest is made to fit and signed again."""
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        files = {name: old.read(name) for name in old.namelist()}
        for name, data in change.items():
            if data is None:
                files.pop(name)
            else:
                files[name] = data
        if key is not None:
            refit(files, key)
        for name, data in files.items():
            new.writestr(name, data)
    return other


def refit(files: dict[str, bytes], key: KeyFile) -> None:
    from provenance.kernel.canonical import canonical_bytes, sha256_hex

    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"bytes": len(data), "sha256": sha256_hex(data)}
        for name, data in files.items()
        if not name.startswith("manifest.")
    }
    files["manifest.json"] = canonical_bytes(manifest)
    files["manifest.note"] = signed_manifest(sha256_hex(files["manifest.json"]), key)


def test_a_bundle_is_found_right_by_its_own_script_and_by_ours(bundles: Bundles) -> None:
    bundles.export()
    assert bundles.check() == (WELL, bundles.check()[1])
    assert "FAILED" not in bundles.check()[1]
    ours = {check.name: check.problems for check in check_export(ZipReader(bundles.path))}
    for name in ("files have the manifest's digests", "the log's root follows from its leaves"):
        assert ours[name] == []


def test_the_script_in_it_runs_on_the_standard_library_alone(bundles: Bundles, tmp_path: Path) -> None:
    bundles.export()
    folder = tmp_path / "stranger"
    with zipfile.ZipFile(bundles.path) as bundle:
        bundle.extractall(folder, [name for name in bundle.namelist() if name.startswith("verif")])
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import runpy, sys; sys.path.insert(0, '.'); sys.argv = sys.argv[1:]; "
        "runpy.run_path('verify.py', run_name='__main__')",
    ]
    told = ["verify.py", str(bundles.path), "--key", bundles.key.key.text, "--cores", "1"]
    ran = subprocess.run([*command, *told], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode in (WELL, UNSURE), ran.stdout + ran.stderr
    assert "The record is unaltered." in ran.stdout


def test_all_cores_find_what_one_does(bundles: Bundles) -> None:
    bundles.export()
    assert bundles.check(cores=2) == bundles.check(cores=1)


def test_a_period_has_its_own_generations_and_all_rights(bundles: Bundles, story: Any) -> None:
    bundles.export(since=story.at, until=NOW)
    assert bundles.check()[0] == WELL, bundles.check()[1]


def test_an_older_checkpoint_is_held_against_the_leaves(bundles: Bundles, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text(bundles.sequencer.integrate().note, encoding="utf-8")
    with bundles.database.begin(write=True) as work:
        work.parties.add(Party(id="late", name="Late"), NOW)
        work.commit()
    bundles.export()
    assert bundles.check(None, "--old", str(old))[0] == WELL
    forged = old.read_text(encoding="utf-8").replace("\n", "\nx", 1)
    old.write_text(forged, encoding="utf-8")
    assert bundles.check(None, "--old", str(old))[0] in (FAILED, UNREADABLE)


def test_another_key_is_told(bundles: Bundles, tmp_path: Path) -> None:
    bundles.export()
    stranger = KeyFile.create(tmp_path / "stranger", "example.org/log", ED25519)
    out = io.StringIO()
    assert main([str(bundles.path), "--key", stranger.key.text, "--cores", "1"], out) == FAILED
    assert "isn't signed by this key" in out.getvalue()


def test_the_bundles_own_key_is_said_to_prove_nothing(bundles: Bundles) -> None:
    bundles.export()
    out = io.StringIO()
    assert main([str(bundles.path), "--cores", "1"], out) == WELL
    assert "which anybody can make" in out.getvalue()


@pytest.mark.parametrize("name", ["leaves.jsonl", "generation.jsonl", "manifest.note", "checkpoint", "labels.csv"])
def test_a_missing_or_truncated_file_is_told(bundles: Bundles, name: str) -> None:
    bundles.export()
    with zipfile.ZipFile(bundles.path) as bundle:
        data = bundle.read(name)
    for change in (None, data[: len(data) // 2]):
        assert bundles.check(rewritten(bundles.path, {name: change}))[0] in (FAILED, UNREADABLE)


def test_a_truncated_bundle_is_told(bundles: Bundles) -> None:
    data = bundles.export().read_bytes()
    for cut in (0, 10, len(data) // 2, len(data) - 1):
        bundles.path.write_bytes(data[:cut])
        assert bundles.check()[0] == UNREADABLE


def test_an_operator_that_signs_an_altered_record_is_found_by_the_root(bundles: Bundles) -> None:
    """Whoever holds the key can sign another manifest; the leaves and the checkpoint that others kept stay."""
    bundles.export()
    with zipfile.ZipFile(bundles.path) as bundle:
        facts = bundle.read("generation.jsonl")
        leaves = bundle.read("leaves.jsonl")
    altered = facts.replace(b'"share_ppb":', b'"share_ppb":1', 1)
    code, said = bundles.check(rewritten(bundles.path, {"generation.jsonl": altered}, bundles.key))
    assert code == FAILED
    assert "was altered" in said
    lines = leaves.splitlines(keepends=True)
    swapped = b"".join([lines[1], lines[0], *lines[2:]])
    code, said = bundles.check(rewritten(bundles.path, {"leaves.jsonl": swapped}, bundles.key))
    assert code == FAILED
    assert "don't have that of the checkpoint" in said


@pytest.mark.parametrize(
    ("kind", "old", "new", "check"),
    [
        ("transaction", b'"micros":"-', b'"micros":"-1', "add up to zero"),
        ("generation", b'"unattributed_ppb":', b'"unattributed_ppb":1', "shares add up"),
        ("statement", b'"opening":{"micros":"', b'"opening":{"micros":"7', "statements foot"),
        ("claims", b'"basis_points":{"ann":', b'"basis_points":{"ann":1', "claims add up"),
    ],
)
def test_what_does_not_add_up_is_told_by_name(bundles: Bundles, kind: str, old: bytes, new: bytes, check: str) -> None:
    bundles.export()
    with zipfile.ZipFile(bundles.path) as bundle:
        data = bundle.read(f"{kind}.jsonl")
    assert old in data
    code, said = bundles.check(rewritten(bundles.path, {f"{kind}.jsonl": data.replace(old, new, 1)}, bundles.key))
    assert code == FAILED
    assert [line for line in said.splitlines() if line.startswith("FAILED") and check in line], said


def test_where_nothing_can_check_the_signature_it_says_so(bundles: Bundles, monkeypatch: pytest.MonkeyPatch) -> None:
    bundles.export()
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    assert bundles.check()[0] == WELL, "openssl"
    monkeypatch.setattr(signature, "_OPENSSL", "there-is-no-such-program")
    code, said = bundles.check()
    assert code == UNSURE
    assert "NOT checked" in said


def test_openssl_and_cryptography_agree(bundles: Bundles, monkeypatch: pytest.MonkeyPatch) -> None:
    key, message = bundles.key, b"message"
    right = key.sign(message)
    wrong = right[:-1] + bytes([right[-1] ^ 1])
    assert verify(key.key.public, right, message)
    for data, expected in ((right, True), (wrong, False)):
        assert signature.verified(key.key.public, data, message) is expected
        assert signature.verified_by_openssl(key.key.public, data, message) in (expected, None)


def test_the_verifier_knows_all_that_has_words_beside_it() -> None:
    assert LABELLED == KNOWN


def test_a_bundle_with_payouts_proves_itself(database: SqlDatabase, payouts: Payouts, tmp_path: Path) -> None:
    payouts.advance(payouts.one("ann"))
    subscribe(database, payouts.clock())
    made = Bundles(database, tmp_path)
    made.sequencer.integrate()
    made.export()
    code, said = made.check()
    assert code == WELL, said
