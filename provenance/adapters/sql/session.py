"""One database transaction as the stores see it: it runs statements, translates errors and appends leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa

from provenance.adapters.sql import bulk
from provenance.adapters.sql.errors import translated_errors
from provenance.adapters.sql.tables import leaf
from provenance.services import facts

Row: TypeAlias = sa.Row[*tuple[Any, ...]]
Select: TypeAlias = sa.Select[*tuple[Any, ...]]

# Ids in one IN list; both databases allow at least 32,766 parameters.
IDS_MAX = 1_000

T = TypeVar("T")


class Session:
    """Shared by the stores of one unit of work. Every method raises what `translated_errors` does."""

    def __init__(self, connection: sa.Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._leaves: int | None = None

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is SQLite, for the few statements that each database has its own words for."""
        return self._connection.dialect.name == "sqlite"

    def rows(self, statement: sa.Executable, values: Mapping[str, object] | None = None) -> Sequence[Row]:
        """All rows: for statements whose number of rows is bounded. ``values`` are those of its parameters."""
        with self._open() as connection:
            return connection.execute(statement, values).all()

    def first(self, statement: sa.Executable) -> Row | None:
        """The first row."""
        with self._open() as connection:
            return connection.execute(statement).first()

    def scalar(self, statement: sa.Executable, values: Mapping[str, object] | None = None) -> Any:
        """The first column of the first row, None where there is none."""
        with self._open() as connection:
            return connection.execute(statement, values).scalar()

    def insert(self, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Append rows; each has the same columns."""
        assert self._writes, "a unit of work that writes is begun with write=True"
        if rows:
            with self._open() as connection:
                connection.execute(_insert(table), [dict(row) for row in rows])

    def append(self, table: sa.Table, columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> None:
        """Append many rows: tuples in the order of the columns, of text, integers, moments and None."""
        assert self._writes, "a unit of work that writes is begun with write=True"
        if rows:
            with self._open() as connection:
                bulk.append(connection, table, columns, rows)

    def record_many(self, kind: str, leaves: Sequence[tuple[str, str]]) -> int:
        """Append leaves of facts of one kind, each by its name and digest, and return the number of the first one."""
        first = self.next_seq(leaf) if self._leaves is None else self._leaves + 1
        rows = [(seq, kind, fact, sha256) for seq, (fact, sha256) in enumerate(leaves, first)]
        self.append(leaf, ("seq", "kind", "fact", "fact_sha256"), rows)
        self._leaves = first + len(rows) - 1
        return first

    def record(self, fact: facts.Fact, at: datetime) -> int:
        """Append the fact's leaf, and return its number: the ``seq`` of the fact's own row."""
        return self.record_all([fact], at)[0]

    def record_all(self, new: Sequence[facts.Fact], at: datetime) -> list[int]:
        """Append the leaves of facts, in their order, and return their numbers."""
        # Only this unit of work can have added one since it read the last.
        first = self.next_seq(leaf) if self._leaves is None else self._leaves + 1
        self._leaves = first + len(new) - 1
        leaves = [facts.leaf(fact, at) for fact in new]
        rows = [
            {"seq": seq, "kind": made.kind, "fact": made.fact, "fact_sha256": made.fact_sha256}
            for seq, made in enumerate(leaves, start=first)
        ]
        self.insert(leaf, rows)
        return [first + place for place in range(len(new))]

    def next_seq(self, table: sa.Table) -> int:
        """The number after the highest. Only one unit of work writes at a time, so no other can take it."""
        return int(self.scalar(_last_seq(table))) + 1

    @contextmanager
    def _open(self) -> Iterator[sa.Connection]:
        assert not self._connection.closed, "the unit of work is over"
        with translated_errors():
            yield self._connection


# SQLAlchemy takes longer to build a statement than the database to answer it: what is asked often is built once.
@cache
def _insert(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


@cache
def _last_seq(table: sa.Table) -> Select:
    return sa.select(sa.func.coalesce(sa.func.max(table.c.seq), 0))


def batches(items: Iterable[T], size: int = IDS_MAX) -> Iterator[list[T]]:
    """Lists of at most ``size`` items."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
