"""How facts are read back, whatever their kind: one of them, a page, or a stream of a period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Generic, TypeVar

import sqlalchemy as sa

from provenance.adapters.sql.session import Row, Select, Session, batches
from provenance.services.records import Page, Recorded

PAGE_MAX = 1_000
STREAM_ROWS = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRows(Generic[T]):
    """Facts of one kind.

    ``table`` has ``seq`` and ``recorded_at``; ``select`` yields these two and what ``rebuild`` needs. ``rebuild`` turns
    rows into facts, one a row, and may read rows that belong to them: once for all, not once for each.
    """

    table: sa.Table
    select: Select
    rebuild: Callable[[Session, Sequence[Row]], Sequence[T]]

    def one(self, session: Session, *where: sa.ColumnElement[bool]) -> Recorded[T] | None:
        """The fact that meets the conditions; the newest where several do."""
        found = self._read(session, self.select.where(*where).order_by(self.table.c.seq.desc()).limit(1))
        return found[0] if found else None

    def named(self, session: Session, **values: str) -> Recorded[T] | None:
        """The fact with these values in its columns; the newest where several have them.

        Its statement is built once, where `one` builds one each time: for what every request asks.
        """
        found = self._read(session, _named(self.table, self.select, tuple(values)), values)
        return found[0] if found else None

    def belonging(self, session: Session, **values: str) -> tuple[Recorded[T], ...]:
        """All facts with these values in their columns, oldest first, by a statement that is built once."""
        return tuple(self._read(session, _belonging(self.table, self.select, tuple(values)), values))

    def among(self, session: Session, column: str, values: Iterable[str]) -> Iterator[Recorded[T]]:
        """All facts with one of these values in a column, by statements built once; oldest first in each batch."""
        for batch in batches(values):
            parameters = padded(batch)
            yield from self._read(session, _among(self.table, self.select, column, len(parameters)), parameters)

    def all(self, session: Session, *where: sa.ColumnElement[bool]) -> tuple[Recorded[T], ...]:
        """All facts that meet the conditions, oldest first: for lists that belong to one thing."""
        return tuple(self._read(session, self.select.where(*where).order_by(self.table.c.seq)))

    def page(self, session: Session, *where: sa.ColumnElement[bool], after: int, limit: int) -> Page[Recorded[T]]:
        """At most ``limit`` facts (and at most `PAGE_MAX`) with numbers above ``after``."""
        size = min(limit, PAGE_MAX)
        found = self._read(session, self._above(after, size + 1).where(*where))
        return cut(found, size)

    def stream(self, session: Session, since: datetime, until: datetime) -> Iterator[tuple[T, datetime]]:
        """Facts recorded from ``since`` on and before ``until``, in order, `STREAM_ROWS` in memory at a time."""
        at = self.table.c.recorded_at
        after = 0
        while found := self._read(session, self._above(after, STREAM_ROWS).where(at >= since, at < until)):
            yield from ((f.fact, f.recorded_at) for f in found)
            after = found[-1].seq

    def _above(self, after: int, count: int) -> Select:
        seq = self.table.c.seq
        return self.select.where(seq > after).order_by(seq).limit(count)

    def _read(
        self, session: Session, statement: Select, values: Mapping[str, object] | None = None
    ) -> list[Recorded[T]]:
        rows = session.rows(statement, values)
        found = self.rebuild(session, rows) if rows else ()
        return [
            Recorded(seq=row.seq, fact=fact, recorded_at=row.recorded_at) for row, fact in zip(rows, found, strict=True)
        ]


@cache
def _named(table: sa.Table, select: Select, columns: tuple[str, ...]) -> Select:
    return select.where(*(table.c[c] == sa.bindparam(c) for c in columns)).order_by(table.c.seq.desc()).limit(1)


@cache
def _belonging(table: sa.Table, select: Select, columns: tuple[str, ...]) -> Select:
    return select.where(*(table.c[c] == sa.bindparam(c) for c in columns)).order_by(table.c.seq)


@cache
def _among(table: sa.Table, select: Select, column: str, count: int) -> Select:
    return select.where(one_of(table.c[column], count)).order_by(table.c.seq)


def one_of(column: sa.ColumnElement[str], count: int) -> sa.ColumnElement[bool]:
    """Whether the column has one of so many values, which `padded` names."""
    return column.in_([sa.bindparam(f"value_{number}", type_=column.type) for number in range(count)])


def padded(values: Sequence[str]) -> Mapping[str, str]:
    """Values by name, the last one again until they are a power of two: so there are few statements to keep."""
    count = 1 << (len(values) - 1).bit_length()
    return {f"value_{number}": values[min(number, len(values) - 1)] for number in range(count)}


def cut(found: Sequence[Recorded[T]], size: int) -> Page[Recorded[T]]:
    """A page of ``size`` from up to one more: the one more says that there is a rest."""
    assert size > 0, "a page holds something"
    return Page(items=tuple(found[:size]), next_after=found[size - 1].seq if len(found) > size else None)
