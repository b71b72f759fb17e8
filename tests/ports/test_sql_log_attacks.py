"""Checkpoints in raw SQL: each must follow the one before, and none is ever changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.services.log_stores import SealedCheckpoint
from provenance.sources.party import Party

from .conftest import Raw

AT = datetime(2026, 11, 28, tzinfo=UTC)
BEFORE, AFTER = "2026-11-27T00:00:00.000000Z", "2026-11-29T00:00:00.000000Z"
ROOT = "ab" * 32


@pytest.fixture(autouse=True)
def _sealed(database: SqlDatabase) -> None:
    with database.begin(write=True) as work:
        for name in ("one", "two", "three"):
            work.parties.add(Party(id=name, name=name), AT)
        work.log.add_checkpoint(
            SealedCheckpoint(origin="example.org/log", size=2, root=bytes(32), note="note\n", signed_at=AT)
        )
        work.commit()


def insert(size: int = 3, origin: str = "example.org/log", at: str = AFTER, root: str = ROOT) -> str:
    values = f"({size}, '{origin}', '{root}', 'note', '{at}')"
    return f"INSERT INTO log_checkpoint (size, origin, root, note, signed_at) VALUES {values}"


def test_one_that_follows_is_taken(raw: Raw, database: SqlDatabase) -> None:
    raw(insert())
    with database.begin() as work:
        assert [c.size for c in work.log.checkpoints()] == [2, 3]
        assert work.log.last_checkpoint().size == 3
        assert work.log.checkpoint_at(1).size == 2
        assert work.log.checkpoint_at(4) is None


@pytest.mark.parametrize(
    "statement",
    [
        insert(size=1),
        insert(size=2),
        insert(at=BEFORE),
        insert(origin="example.org/other"),
        insert(size=4),
        insert(root="ab"),
        "UPDATE log_checkpoint SET root = 'x'",
        "DELETE FROM log_checkpoint",
    ],
)
def test_any_other_is_refused(raw: Raw, statement: str) -> None:
    said = raw.refused(statement)
    assert any(word in said for word in ("log: ", "append-only: ", "constraint", "FOREIGN KEY", "UNIQUE")), said


def test_one_that_would_replace_another_is_refused(raw: Raw) -> None:
    if raw.sqlite:
        assert "log: " in raw.refused(insert(size=2).replace("INSERT", "INSERT OR REPLACE"))
    else:
        assert "append-only: " in raw.refused(f"{insert()} ON CONFLICT (size) DO NOTHING", "TRUNCATE log_checkpoint")
