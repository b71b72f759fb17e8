"""An export that somebody forged, manifest and all, fails its check and never crashes it."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.zip_archive import ZipReader, writing_zip
from provenance.kernel.canonical import canonical_bytes, sha256_hex
from provenance.kernel.errors import ProvenanceError
from provenance.services.check_export import Check, check_export
from provenance.services.export import (
    EXPORT_FORMAT,
    FROM_THE_BEGINNING,
    LABELS_COLUMNS,
    OF_THE_PERIOD,
    TRIAL_BALANCE_COLUMNS,
)
from provenance.services.export_tables import TABLES, csv_rows, table_csv
from provenance.transparency.leaf import leaf_of
from provenance.transparency.merkle import Tree

PARTY = {"id": "a", "kind": "party", "name_sha256": sha256_hex(b"A"), "recorded_at": "2026-11-21T08:00:00.000000Z"}
GENERATION = {"id": "gen_1", "attributions": [], "unattributed_ppb": 1_000_000_000, "uses": []}
KINDS = (*FROM_THE_BEGINNING, *OF_THE_PERIOD)
MANIFEST = {
    "format": EXPORT_FORMAT,
    "since": "1970-01-01T00:00:00.000000Z",
    "until": "2026-11-22T00:00:00.000000Z",
    "exported_at": "2026-11-22T00:00:00.000000Z",
    "facts": {kind: int(kind == "party") for kind in KINDS},
    "later": dict.fromkeys(KINDS, 0),
}
Files = dict[str, bytes]


def _files() -> Files:
    """A small export that is right: one party, its leaf."""
    files = {f"{kind}.jsonl": b"" for kind in KINDS}
    files["party.jsonl"] = canonical_bytes(PARTY) + b"\n"
    files["leaves.jsonl"] = leaf_of("party", "a", PARTY).data + b"\n"
    for kind, tables in TABLES.items():
        forms = [PARTY] if kind == "party" else []
        files |= {f"{name}.csv": b"".join(table_csv(table, forms)) for name, table in tables.items()}
    files["labels.csv"] = b"".join(csv_rows(LABELS_COLUMNS, [("party", "a", "A", "")]))
    files["trial_balance.csv"] = b"".join(csv_rows(TRIAL_BALANCE_COLUMNS, []))
    return files


def _check(path: Path, content: Mapping[str, bytes], **changes: Any) -> list[Check]:
    tree = Tree()
    for line in content["leaves.jsonl"].splitlines():
        tree = tree.after(line)
    with writing_zip(path) as archive:
        for name, data in content.items():
            with archive.file(name) as out:
                out.write(data)
        described = {name: dict(d) for name, d in archive.described().items()}
        log = {"leaves": tree.size, "root": tree.root.hex()}
        with archive.file("manifest.json") as out:
            out.write(json.dumps(MANIFEST | {"files": described, "log": log} | changes).encode())
    return check_export(ZipReader(path))


def test_what_is_right_passes(tmp_path: Path) -> None:
    assert not [c for c in _check(tmp_path / "x.zip", _files()) if c.failed]


@pytest.mark.parametrize(
    "forge",
    [
        lambda f: f.update({"leaves.jsonl": b"no json\n"}),
        lambda f: f.update({"leaves.jsonl": b"[]\n"}),
        lambda f: f.update({"leaves.jsonl": b"{}\n"}),
        lambda f: f.update({"party.jsonl": b"no json\n"}),
        lambda f: f.update({"party.jsonl": b"[" * 100_000 + b"\n"}),
        lambda f: f.update({"party.jsonl": b'{"id": 1.5}\n'}),
        lambda f: f.update({"party.jsonl": b'{"id":' + b"[" * 900 + b"]" * 900 + b"}\n"}),
        lambda f: f.update({"party.jsonl": f["party.jsonl"] * 2}),
        lambda f: f.update({"leaves.jsonl": f["leaves.jsonl"] * 2}),
        lambda f: f.update({"party.jsonl": b""}),
        lambda f: f.update({"labels.csv": b'"'}),
        lambda f: f.update({"labels.csv": f["labels.csv"] + b"\xff"}),
        lambda f: f.update({"labels.csv": f["labels.csv"] + b"x" * 200_000}),
        lambda f: f.update({"trial_balance.csv": f["trial_balance.csv"] + b"a/USD,USD,x,0.000000\r\n"}),
        lambda f: f.update({"trial_balance.csv": f["trial_balance.csv"] + b"short\r\n"}),
        lambda f: f.pop("parties.csv"),
        lambda f: f.pop("labels.csv"),
        lambda f: f.update({"party.jsonl": canonical_bytes(PARTY | {"id": "b"}) + b"\n"}),
        lambda f: f.update({"party.jsonl": canonical_bytes(PARTY | {"name_sha256": "1" * 64}) + b"\n"}),
        lambda f: f.update({"licence.jsonl": b'{"id": "lic_1"}\n'}),
        lambda f: f.update({"claims.jsonl": b'{"id": "c", "basis_points": 7, "valid_from": 8}\n'}),
        lambda f: f.update({"transaction.jsonl": b"{}\n"}),
        lambda f: f.update({"transaction.jsonl": b'{"id": "t", "entries": [{"account": 1, "micros": "x"}]}\n'}),
        lambda f: f.update({"generation.jsonl": canonical_bytes(GENERATION) + b"\n"}),
        lambda f: f.update({"generation.jsonl": b'{"id": "g", "transaction": "t", "attributions": 3}\n'}),
    ],
)
def test_a_forgery_fails_a_check(tmp_path: Path, forge: Callable[[Files], None]) -> None:
    files = _files()
    forge(files)
    assert [c for c in _check(tmp_path / "x.zip", files) if c.failed]


@pytest.mark.parametrize("log", [None, "root", {"leaves": 1, "root": "0" * 64}])
def test_a_log_that_the_manifest_misstates_fails(tmp_path: Path, log: object) -> None:
    assert [c for c in _check(tmp_path / "x.zip", _files(), log=log) if c.failed]


@pytest.mark.parametrize(
    "changes",
    [{"format": "other"}, {"files": 3}, {"files": None}, {"since": 1}, {"until": "x"}, {"later": {}}, {"facts": None}],
)
def test_a_manifest_of_something_else_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ProvenanceError):
        _check(tmp_path / "x.zip", _files(), **changes)


def test_damaged_bytes_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    _check(path, _files())
    with zipfile.ZipFile(path) as archive:
        header = archive.getinfo("leaves.jsonl").header_offset
    data = bytearray(path.read_bytes())
    # APPNOTE 6.3, section 4.3.7: lengths of the name and the extra field end the fixed part of 30 bytes.
    start = header + 30 + sum(int.from_bytes(data[header + at : header + at + 2], "little") for at in (26, 28))
    data[start : start + 20] = b"\xff" * 20
    path.write_bytes(data)
    with pytest.raises(ProvenanceError, match=r"leaves\.jsonl"):
        check_export(ZipReader(path))
