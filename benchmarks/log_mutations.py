"""Mutations of a copied database, one after the other, and whether `provenance log verify` finds each.

A story of facts of every kind is recorded on SQLite and sealed. Then, with every guard of the database dropped, one
thing is changed at random, looked for, and undone. What no leaf commits to is left alone: see `NOT_SEALED`.
"""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from provenance.adapters.ed25519 import KeyFile, verify
from provenance.adapters.log_folder import LogFolder
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.session import Session
from provenance.adapters.sql.tables import metadata
from provenance.adapters.sql.unit_of_work import SqlUnitOfWork
from provenance.services.seal import Sequencer
from provenance.services.verify_log import verify_log
from provenance.transparency.note import ED25519

ROOT = Path(__file__).resolve().parent.parent
# Tables that follow from facts or serve to find them, and columns that say how a fact came in and not what it is.
NOT_SEALED = {
    *("content", "revision_vectors", "publication", "comparison", "ledger_checkpoint", "use_count", "statement_line"),
    *("ledger_account", "alembic_version", "webhook_event", "webhook_outcome", "outbound_endpoint", "outbound_secret"),
    *("outbound_standing", "outbound_event", "outbound_delivery", "outbound_try"),
    *("generation.idempotency_key", "generation.prompt", "ledger_transaction.payload_digest", "part.text"),
    *("accrual.seq", "released.seq", "api_key.created_at"),
}
NOW = datetime(2027, 2, 1, tzinfo=UTC)


class Copied:
    """A database whose every view is one connection's, so that what it changed is seen and can be undone."""

    def __init__(self, path: Path) -> None:
        self._engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(path, isolation_level=None))
        self.connection = self._engine.connect()
        for name in self.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            self.run(f'DROP TRIGGER "{name[0]}"')

    @contextmanager
    def begin(self, *, write: bool = False) -> Iterator[SqlUnitOfWork]:
        """A view of what is there now."""
        assert not write
        work = SqlUnitOfWork(self._engine, writes=False)
        work._open_stores(Session(self.connection, writes=False))  # noqa: SLF001  the stores over our connection
        yield work

    def run(self, statement: str, *values: object) -> int:
        """Run a statement; how many rows it changed."""
        return int(self.connection.exec_driver_sql(statement, tuple(values)).rowcount)

    def rows(self, statement: str, *values: object) -> Sequence[Any]:
        """Rows of a query."""
        return self.connection.exec_driver_sql(statement, tuple(values)).all()


def mutations(count: int, seed: int = 11) -> dict[str, Any]:
    """So many mutations; how many were found, and which weren't, by kind."""
    with TemporaryDirectory(prefix="provenance-bench-") as name:
        folder = Path(name)
        database, key = _recorded(folder)
        tiles = LogFolder(folder / "log", folder / "lock")
        Sequencer(database=database, tiles=tiles, signer=key, clock=lambda: NOW).integrate()
        database.dispose()
        copied, random = Copied(folder / "provenance.db"), Random(seed)
        assert not _failed(copied, tiles, key), "before anything is changed all is well"
        found, made, missed = 0, Counter[str](), Counter[str]()
        while sum(made.values()) < count:
            copied.run("SAVEPOINT mutation")
            told = random.choice(KINDS)(copied, random)
            if told is not None:
                made[told.split(" ")[0]] += 1
                if _failed(copied, tiles, key):
                    found += 1
                else:
                    missed[told] += 1
            copied.run("ROLLBACK TO mutation")
            copied.run("RELEASE mutation")
        assert not _failed(copied, tiles, key), "all was undone"
    figures = {"mutations": count, "mutations_found": found, "mutations_by_kind": dict(made)}
    return figures | ({"mutations_missed": dict(missed)} if missed else {})


def _failed(copied: Copied, tiles: LogFolder, key: KeyFile) -> bool:
    return any(check.failed for check in verify_log(copied, tiles, key.key, verify))  # type: ignore[arg-type]


def _recorded(folder: Path) -> tuple[SqlDatabase, KeyFile]:
    """The story that the tests of the database record, which has facts of every kind."""
    sys.path.insert(0, str(ROOT))
    story = import_module("tests.ports.sql_story").Story()
    database = SqlDatabase(f"sqlite:///{folder}/provenance.db")
    database.migrate()
    story.record(database)
    story.record_terms(database)
    return database, KeyFile.create(folder / "key", "example.org/bench", ED25519)


def _tables() -> list[str]:
    return sorted(set(metadata.tables) - NOT_SEALED)


def _row(copied: Copied, random: Random) -> tuple[str, int]:
    """A table with rows, and the row's number in it."""
    while True:
        table = random.choice(_tables())
        if rows := copied.rows(f'SELECT rowid FROM "{table}"'):
            return table, int(random.choice(rows)[0])


def _change(copied: Copied, random: Random) -> str | None:
    """Another value in one column of one row."""
    table, row = _row(copied, random)
    columns = [c.name for c in metadata.tables[table].columns if f"{table}.{c.name}" not in NOT_SEALED]
    column = random.choice(columns)
    old = copied.rows(f'SELECT "{column}" FROM "{table}" WHERE rowid = ?', row)[0][0]
    return _set(copied, "change", table, column, row, _other(old, random))


def _other(old: object, random: Random) -> object:
    if isinstance(old, int):
        return old + random.choice((-1, 1, 10, 1_000))
    if old is None:
        return "1"
    text = str(old)
    if not text:
        return "x"
    # A moment has separators that nobody reads: only its digits say anything.
    places = [at for at, c in enumerate(text) if c.isdigit()] if text.endswith("Z") and "T" in text else []
    at = random.choice(places or range(len(text)))
    return text[:at] + random.choice([c for c in "0123456789abcxyz" if c != text[at]]) + text[at + 1 :]


def _set(copied: Copied, what: str, table: str, column: str, row: int, value: object) -> str | None:
    try:
        changed = copied.run(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', value, row)
    except sa.exc.DBAPIError:
        return None  # a constraint stands in the way: nothing was changed
    return f"{what} {table}.{column}" if changed else None


def _delete(copied: Copied, random: Random) -> str | None:
    table, row = _row(copied, random)
    return f"delete {table}" if copied.run(f'DELETE FROM "{table}" WHERE rowid = ?', row) else None


def _insert(copied: Copied, random: Random) -> str | None:
    """A row once more, with another name and number."""
    table, row = _row(copied, random)
    columns = [c.name for c in metadata.tables[table].columns]
    values = list(copied.rows(f'SELECT * FROM "{table}" WHERE rowid = ?', row)[0])
    for at, column in enumerate(columns):
        if column in ("seq", "number", "size"):
            values[at] += 1_000
        elif column == "id" or column in {c.name for c in metadata.tables[table].primary_key}:
            values[at] = f"{values[at]}x" if isinstance(values[at], str) else values[at]
    try:
        copied.run(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(values))})', *values)
    except sa.exc.DBAPIError:
        return None
    return f"insert {table}"


def _reorder(copied: Copied, random: Random) -> str | None:
    """Two leaves in each other's place."""
    leaves = [row[0] for row in copied.rows("SELECT seq FROM leaf")]
    one, other = random.sample(leaves, 2)
    copied.run("UPDATE leaf SET seq = -1 WHERE seq = ?", one)
    copied.run("UPDATE leaf SET seq = ? WHERE seq = ?", one, other)
    copied.run("UPDATE leaf SET seq = ? WHERE seq = -1", other)
    return "reorder leaf"


def _cut(copied: Copied, random: Random) -> str | None:
    """The last leaves, with the rows of their facts, and whatever was signed of them."""
    size = int(copied.rows("SELECT max(seq) FROM leaf")[0][0])
    after = size - random.randrange(1, 6)
    for table in _tables():
        if "seq" in metadata.tables[table].columns:
            copied.run(f'DELETE FROM "{table}" WHERE seq > ?', after)
    copied.run("DELETE FROM log_checkpoint WHERE size > ?", after)
    return "cut leaf"


def _swap(copied: Copied, random: Random) -> str | None:
    """Two parties in each other's place, in one table."""
    tables = [t for t in _tables() if "party" in metadata.tables[t].columns]
    table = random.choice(tables)
    there = [row[0] for row in copied.rows(f'SELECT DISTINCT party FROM "{table}" WHERE party IS NOT NULL')]
    known = [row[0] for row in copied.rows("SELECT id FROM party")]
    if not there:
        return None
    one = random.choice(there)
    other = random.choice([p for p in known if p != one])
    swapped = "CASE party WHEN ? THEN ? WHEN ? THEN ? ELSE party END"
    try:
        copied.run(f'UPDATE "{table}" SET party = {swapped}', one, other, other, one)
    except sa.exc.DBAPIError:
        return None
    return f"swap {table}"


def _metadata(copied: Copied, random: Random) -> str | None:
    """A name, a title, an author, a reason, a time."""
    named = ("name", "title", "author", "reason", "recorded_at", "source_id", "region", "model_version", "note", "root")
    columns = [(t, c.name) for t in _tables() for c in metadata.tables[t].columns if c.name in named]
    table, column = random.choice(columns)
    rows = copied.rows(f'SELECT rowid, "{column}" FROM "{table}"')
    if not rows:
        return None
    row, old = random.choice(rows)
    return _set(copied, "metadata", table, column, row, _other(old, random))


KINDS: tuple[Callable[[Copied, Random], str | None], ...] = (
    _change,
    _delete,
    _insert,
    _reorder,
    _cut,
    _swap,
    _metadata,
)
