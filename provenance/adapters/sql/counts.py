"""Uses that are counted, and exchange rates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.kernel.fx import Rate
from provenance.royalties.standing import Count, Standing
from provenance.services.records import GenerationRecord, Page, Recorded

_COUNT, _RATE = tables.use_count, tables.fx_rate
_LAST = (
    sa.select(_COUNT)
    .where(_COUNT.c.line == sa.bindparam("line"), _COUNT.c.period_from == sa.bindparam("period_from"))
    .order_by(_COUNT.c.uses_before.desc())
    .limit(1)
)


class SqlCounts:
    """Implements the port `CountStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def standing(self, count: Count) -> Standing:
        """What the next use of this count has before it: the last row tells, however many there are."""
        rows = self._session.rows(_LAST, {"line": count.line, "period_from": count.period_from})
        return standing_of(rows[0]).after(rows[0].micros) if rows else Standing(count=count)


class SqlRates:
    """Implements the port `RateStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, rate: Rate, at: datetime) -> None:
        """Record a rate. The same again does nothing: its id holds all of it."""
        if self._session.scalar(sa.select(_RATE.c.seq).where(_RATE.c.id == rate.id)) is not None:
            return
        row = {
            "seq": self._session.record(rate, at),
            "id": rate.id,
            "base": rate.base,
            "quote": rate.quote,
            "numerator": rate.numerator,
            "denominator": rate.denominator,
            "on_day": rate.on,
            "source": rate.source,
            "recorded_at": at,
        }
        self._session.insert(_RATE, [row])

    def latest(self, base: str, quote: str, *, on: date) -> Recorded[Rate] | None:
        """The latest rate between the two, in either direction, of a day or before; of one day the last recorded."""
        forward = (_RATE.c.base == base) & (_RATE.c.quote == quote)
        backward = (_RATE.c.base == quote) & (_RATE.c.quote == base)
        day = sa.select(sa.func.max(_RATE.c.on_day)).where(forward | backward, _RATE.c.on_day <= on)
        return RATES.one(self._session, forward | backward, _RATE.c.on_day == day.scalar_subquery())

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Rate]]:
        """Rates in the order of recording."""
        return RATES.page(self._session, after=after, limit=limit)


def count_rows(record: GenerationRecord) -> list[dict[str, object]]:
    """What the uses of a generation count: one row for a licence's count, one for what its claims split."""
    rows = []
    for number, use in enumerate(record.accrual.uses):
        owed = use.royalty or use.held
        assert owed is not None or (use.standing is None and use.split is None), "what counts is owed, or held"
        for counts, standing in (("uses", use.standing), ("splits", use.split)):
            if standing is not None and owed is not None:
                rows.append(
                    {
                        "line": standing.count.line,
                        "period_from": standing.count.period_from,
                        "uses_before": standing.uses_before,
                        "earned_before": standing.earned_before,
                        "micros": owed.micros,
                        "counts": counts,
                        "generation": record.generation.id,
                        "work_use": number,
                    }
                )
    return rows


def standing_of(row: Row) -> Standing:
    """The standing that a row was counted with."""
    return Standing(
        count=Count(line=row.line, period_from=row.period_from),
        uses_before=row.uses_before,
        earned_before=row.earned_before,
    )


def _rates(_: Session, rows: Sequence[Row]) -> list[Rate]:
    return [
        Rate(
            base=row.base,
            quote=row.quote,
            numerator=row.numerator,
            denominator=row.denominator,
            on=row.on_day,
            source=row.source,
        )
        for row in rows
    ]


RATES = FactRows(table=_RATE, select=sa.select(_RATE), rebuild=_rates)
