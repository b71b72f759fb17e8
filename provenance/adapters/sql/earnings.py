"""What parties earned: sums over their accruals, by the time at which the generation was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from provenance.adapters.sql.reading import PAGE_MAX, cut
from provenance.adapters.sql.session import Session
from provenance.adapters.sql.tables import accrual, attribution, generation, work, work_use
from provenance.services.records import EarningsLine, Page, Recorded, UseLine

_EARNED = accrual.join(generation, generation.c.id == accrual.c.generation).join(work, work.c.id == accrual.c.work)


class month_of(GenericFunction[str]):  # noqa: N801  functions of SQL are written in lower case
    """The month of a `UtcTime` column, as ``2026-11``."""

    type = sa.Text()
    inherit_cache = True


@compiles(month_of, "sqlite")
def _month_on_sqlite(element: month_of, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 7)"


@compiles(month_of, "postgresql")
def _month_on_postgresql(element: month_of, compiler: Any, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)} AT TIME ZONE 'UTC', 'YYYY-MM')"


class SqlEarnings:
    """Implements the port `Earnings`. ``since`` is included, ``until`` is not."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_work(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]:
        """One line a work and currency, the highest earnings of each currency first."""
        lines = self._sums(accrual.c.work, work.c.title, party, since, until)
        return sorted(lines, key=lambda line: (line.currency, -line.micros, line.key))

    def by_month(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]:
        """One line a month (UTC) and currency that something was earned in, oldest first; no titles."""
        lines = self._sums(month_of(generation.c.recorded_at), sa.literal(""), party, since, until)
        return sorted(lines, key=lambda line: (line.key, line.currency))

    def total(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]:
        """One line a currency, under the key ``total``."""
        lines = self._sums(sa.literal("total"), sa.literal(""), party, since, until)
        return sorted(lines, key=lambda line: line.currency)

    def uses(
        self, party: str, since: datetime, until: datetime, *, work: str | None, after: int = 0, limit: int
    ) -> Page[Recorded[UseLine]]:
        """Single accruals in the order of recording; ``recorded_at`` is the generation's."""
        size = min(limit, PAGE_MAX)
        statement = _USES.where(*_of(party, since, until), accrual.c.seq > after)
        if work is not None:
            statement = statement.where(accrual.c.work == work)
        rows = self._session.rows(statement.order_by(accrual.c.seq).limit(size + 1))
        return cut([Recorded(seq=r.seq, fact=UseLine(**_line(r)), recorded_at=r.recorded_at) for r in rows], size)

    def _sums(
        self,
        key: sa.ColumnElement[str],
        title: sa.ColumnElement[str],
        party: str,
        since: datetime,
        until: datetime,
    ) -> list[EarningsLine]:
        earned = (
            sa.select(key.label("key"), title.label("title"), accrual.c.currency, accrual.c.micros)
            .select_from(_EARNED)
            .where(*_of(party, since, until))
            .subquery()
        )
        group = (earned.c.key, earned.c.title, earned.c.currency)
        sums = sa.select(*group, sa.func.sum(earned.c.micros).label("micros"), sa.func.count().label("uses"))
        # PostgreSQL adds BIGINT up as numeric, which arrives as Decimal.
        return [
            EarningsLine(key=row.key, title=row.title, currency=row.currency, micros=int(row.micros), uses=row.uses)
            for row in self._session.rows(sums.group_by(*group))
        ]


def _of(party: str, since: datetime, until: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    at = generation.c.recorded_at
    return (accrual.c.party == party, at >= since, at < until)


_LINE = ("generation", "work", "title", "share_ppb", "confidence_ppm", "licence", "basis_points", "currency", "micros")

_USES = sa.select(
    accrual.c.seq,
    generation.c.recorded_at,
    accrual.c.generation,
    accrual.c.work,
    work.c.title,
    work_use.c.share_ppb,
    attribution.c.confidence_ppm,
    work_use.c.licence,
    accrual.c.basis_points,
    accrual.c.currency,
    accrual.c.micros,
).select_from(
    _EARNED.join(
        work_use, (work_use.c.generation == accrual.c.generation) & (work_use.c.number == accrual.c.work_use)
    ).join(attribution, (attribution.c.generation == accrual.c.generation) & (attribution.c.work == accrual.c.work))
)


def _line(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _LINE}
