"""The audit bundle: an export, what it is held against, and what checks it without this program.

It is sealed first: the checkpoint in it is of exactly the leaves in it. The log signs the manifest too, and so every
byte of the bundle: also what follows from the facts and is no leaf of its own, such as the spreadsheets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from provenance.kernel.canonical import Json, canonical_bytes
from provenance.ledger.journal import JournalFormat
from provenance.services.export import (
    LABELS_COLUMNS,
    MANIFEST_NOTE,
    TRIAL_BALANCE_COLUMNS,
    Archive,
    Exported,
    Progress,
    write_export,
)
from provenance.services.export_tables import TABLES
from provenance.services.journal import journal_of
from provenance.services.log_stores import SealedCheckpoint, TileStore
from provenance.services.ports import UnitOfWork
from provenance.services.seal import CHECKPOINT, Sequencer
from provenance.statements.period import Period
from provenance.transparency.note import Note, Signature, Signer
from provenance.transparency.tiles import all_names

JOURNALS = {JournalFormat.HLEDGER: "books.journal", JournalFormat.BEANCOUNT: "books.beancount"}
PROFILE = "tabular-data-package"


def export_bundle(
    sequencer: Sequencer,
    archive: Archive,
    period: Period,
    *,
    scripts: Mapping[str, bytes],
    at: datetime,
    progress: Progress,
) -> tuple[Exported, SealedCheckpoint]:
    """Seal, and write the bundle of a period to ``archive``; ``scripts`` are the files of the verifier.

    Raises as `Sequencer.sealed` does.
    """
    with sequencer.sealed() as (work, sealed):
        files = {CHECKPOINT: sealed.note.encode(), "vkey": f"{sequencer.signer.key.text}\n".encode(), **scripts}
        for name, data in files.items():
            _write(archive, name, data)
        _write_tiles(archive, sequencer.tiles, sealed.size)
        _write_checkpoints(work, archive, sealed)
        for form, name in JOURNALS.items():
            with archive.file(name) as out:
                out.writelines(piece.encode() for piece in journal_of(work, form, at=at))
        _write(archive, "datapackage.json", canonical_bytes(_descriptor()))
        exported = write_export(work, archive, period, at=at, progress=progress)
    _write(archive, MANIFEST_NOTE, signed_manifest(exported.manifest_sha256, sequencer.signer))
    return exported, sealed


def signed_manifest(manifest_sha256: str, signer: Signer) -> bytes:
    """The log's word for a manifest. Its text has two lines, so that it can't be taken for a checkpoint."""
    text = f"{signer.key.name} audit bundle\n{manifest_sha256}\n"
    line = Signature(name=signer.key.name, key_id=signer.key.id, data=signer.sign(text.encode()))
    return Note(text=text, signatures=(line,)).whole.encode()


def _write(archive: Archive, name: str, data: bytes) -> None:
    with archive.file(name) as out:
        out.write(data)


def _write_tiles(archive: Archive, tiles: TileStore, size: int) -> None:
    for name in all_names(size):
        _write(archive, name.path, tiles.read_tile(name))


def _write_checkpoints(work: UnitOfWork, archive: Archive, sealed: SealedCheckpoint) -> None:
    """All that was signed up to this, one a line: whoever kept one finds it here."""
    with archive.file("checkpoints.jsonl") as out:
        for found in work.log.checkpoints():
            if found.size < sealed.size:
                out.write(_checkpoint_line(found))
        out.write(_checkpoint_line(sealed))


def _checkpoint_line(found: SealedCheckpoint) -> bytes:
    form: dict[str, Json] = {"size": found.size, "root": found.root.hex(), "note": found.note}
    return canonical_bytes(form) + b"\n"


def _descriptor() -> dict[str, Json]:
    """What the spreadsheets hold, as a Frictionless data package. Amounts are texts: no program shall round them."""
    tables = {name: columns for of_kind in TABLES.values() for name, (columns, _) in of_kind.items()}
    tables |= {"labels": LABELS_COLUMNS, "trial_balance": TRIAL_BALANCE_COLUMNS}
    return {"profile": PROFILE, "name": "provenance-audit-bundle", "resources": _resources(tables)}


def _resources(tables: Mapping[str, Sequence[str]]) -> list[Json]:
    return [
        {
            "name": name.replace("_", "-"),
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            "format": "csv",
            "encoding": "utf-8",
            "schema": {"fields": [{"name": column, "type": "string"} for column in columns]},
        }
        for name, columns in sorted(tables.items())
    ]
