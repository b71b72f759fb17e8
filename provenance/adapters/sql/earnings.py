"""What parties earned: sums over their accruals and releases, by the time at which each was recorded.

A release is earned when it is released, not when the output was made: a period that was reported doesn't change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from provenance.adapters.sql.reading import PAGE_MAX, cut
from provenance.adapters.sql.session import Session
from provenance.adapters.sql.tables import (
    accrual,
    attribution,
    claim_part,
    generation,
    released,
    review,
    work,
    work_use,
)
from provenance.royalties.accrual import Outcome
from provenance.services.records import EarningsLine, Page, Recorded, UseLine

_EARNED = sa.union_all(
    sa.select(
        accrual.c.seq,
        accrual.c.party,
        accrual.c.generation,
        accrual.c.work,
        accrual.c.basis_points,
        accrual.c.currency,
        accrual.c.micros,
        generation.c.recorded_at,
    ).join_from(accrual, generation, generation.c.id == accrual.c.generation),
    sa.select(
        released.c.seq,
        released.c.party,
        review.c.generation,
        review.c.work,
        released.c.basis_points,
        released.c.currency,
        released.c.micros,
        review.c.recorded_at,
    ).join_from(released, review, review.c.id == released.c.review),
).subquery("earned")


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
        return _largest_first(self._sums(_EARNED.c.work, work.c.title, party, since, until))

    def by_month(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]:
        """One line a month (UTC) and currency that something was earned in, oldest first; no titles."""
        lines = self._sums(month_of(_EARNED.c.recorded_at), sa.literal(""), party, since, until)
        return sorted(lines, key=lambda line: (line.key, line.currency))

    def total(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]:
        """One line a currency, under the key ``total``."""
        lines = self._sums(sa.literal("total"), sa.literal(""), party, since, until)
        return sorted(lines, key=lambda line: line.currency)

    def uses(
        self, party: str, since: datetime, until: datetime, *, work: str | None, after: int = 0, limit: int
    ) -> Page[Recorded[UseLine]]:
        """Single accruals and releases in the order of recording; ``recorded_at`` is when each was earned."""
        size = min(limit, PAGE_MAX)
        statement = _USES.where(*_of(party, since, until), _EARNED.c.seq > after)
        if work is not None:
            statement = statement.where(_EARNED.c.work == work)
        rows = self._session.rows(statement.order_by(_EARNED.c.seq).limit(size + 1))
        return cut([Recorded(seq=r.seq, fact=UseLine(**_line(r)), recorded_at=r.recorded_at) for r in rows], size)

    def held_for_review(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]:
        """What is held of works that the party has a claim on, a line a work and currency, before claims split it."""
        held = work_use.join(generation, generation.c.id == work_use.c.generation)
        held = held.join(work, work.c.id == work_use.c.work)
        held = held.join(claim_part, (claim_part.c.claims == work_use.c.claims) & (claim_part.c.party == party))
        held = held.outerjoin(review, _reviewed())
        group = (work_use.c.work, work.c.title, work_use.c.held_currency)
        sums = (
            sa.select(*group, sa.func.sum(work_use.c.held_micros).label("micros"), sa.func.count().label("uses"))
            .select_from(held)
            .where(work_use.c.outcome == Outcome.REVIEW.value, review.c.id.is_(None))
            .where(generation.c.recorded_at >= since, generation.c.recorded_at < until)
            .group_by(*group)
        )
        return _largest_first(
            EarningsLine(key=r.work, title=r.title, currency=r.held_currency, micros=int(r.micros), uses=r.uses)
            for r in self._session.rows(sums)
        )

    def _sums(
        self,
        key: sa.ColumnElement[str],
        title: sa.ColumnElement[str],
        party: str,
        since: datetime,
        until: datetime,
    ) -> list[EarningsLine]:
        earned = (
            sa.select(key.label("key"), title.label("title"), _EARNED.c.currency, _EARNED.c.micros)
            .select_from(_EARNED.join(work, work.c.id == _EARNED.c.work))
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
    at = _EARNED.c.recorded_at
    return (_EARNED.c.party == party, at >= since, at < until)


def _reviewed() -> sa.ColumnElement[bool]:
    return (review.c.generation == work_use.c.generation) & (review.c.work == work_use.c.work)


def _largest_first(lines: Iterable[EarningsLine]) -> list[EarningsLine]:
    return sorted(lines, key=lambda line: (line.currency, -line.micros, line.key))


_LINE = ("generation", "work", "title", "share_ppb", "confidence_ppm", "licence", "basis_points", "currency", "micros")

_USES = sa.select(
    _EARNED.c.seq,
    _EARNED.c.recorded_at,
    _EARNED.c.generation,
    _EARNED.c.work,
    work.c.title,
    work_use.c.share_ppb,
    attribution.c.confidence_ppm,
    work_use.c.licence,
    _EARNED.c.basis_points,
    _EARNED.c.currency,
    _EARNED.c.micros,
).select_from(
    _EARNED.join(work, work.c.id == _EARNED.c.work)
    .join(work_use, (work_use.c.generation == _EARNED.c.generation) & (work_use.c.work == _EARNED.c.work))
    .join(attribution, (attribution.c.generation == _EARNED.c.generation) & (attribution.c.work == _EARNED.c.work))
)


def _line(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _LINE}
