"""Uses that are held for review, and how they were resolved: releases first, then the review that seals them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import PAGE_MAX, FactRows, cut
from provenance.adapters.sql.session import Row, Session, batches
from provenance.kernel.errors import Conflict
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.accrual import Accrual, Outcome
from provenance.royalties.review import Resolution, Review
from provenance.services.records import AwaitingReview, Page, Recorded

# A hold's place in the list: its generation's number, then its own among the uses. No generation has as many.
USES_MAX = 1 << 20


class SqlReviews:
    """Implements the port `ReviewStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, review: Review, at: datetime) -> None:
        """Record a review.

        Raises:
            Conflict: the use was resolved before, isn't held for review, or holds something else.
            NotFound: the party, or the transaction, isn't recorded.
        """
        table = tables.review
        if self._session.scalar(sa.select(table.c.seq).where(table.c.id == review.id)) is not None:
            raise Conflict("This hold was resolved before.", mend="A hold is resolved once.", review=review.id)
        first = next_earned(self._session)
        rows = [
            {
                "seq": first + number,
                "review": review.id,
                "number": number,
                "party": accrual.party,
                "basis_points": accrual.basis_points,
                "currency": accrual.money.currency,
                "micros": accrual.money.micros,
            }
            for number, accrual in enumerate(review.released)
        ]
        self._session.insert(tables.released, rows)
        seal = {
            "seq": self._session.record(review, at),
            "id": review.id,
            "generation": review.generation,
            "work": review.work,
            "resolution": review.resolution.value,
            "decided_by": review.decided_by,
            "reason": review.reason,
            "transaction_id": review.transaction,
            "recorded_at": at,
        }
        self._session.insert(table, [seal])

    def of(self, generation: str) -> Sequence[Recorded[Review]]:
        """The reviews of a generation's uses, oldest first."""
        return REVIEWS.all(self._session, tables.review.c.generation == generation)

    def awaiting(self, *, after: int = 0, limit: int) -> Page[Recorded[AwaitingReview]]:
        """Holds that nobody has resolved, oldest first; ``recorded_at`` is the generation's."""
        generation, use, size = tables.generation, tables.work_use, min(limit, PAGE_MAX)
        seq, number = divmod(after, USES_MAX)
        later = (generation.c.seq > seq) | ((generation.c.seq == seq) & (use.c.number > number))
        rows = self._session.rows(_AWAITING.where(later).order_by(generation.c.seq, use.c.number).limit(size + 1))
        return cut([_hold(row) for row in rows], size)


def _last(table: sa.Table) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.select(sa.func.max(table.c.seq)).scalar_subquery(), 0)


# The greater of the two; the databases name that function differently.
_ACCRUED, _RELEASED = _last(tables.accrual), _last(tables.released)
_LAST_EARNED = sa.select(sa.case((_ACCRUED > _RELEASED, _ACCRUED), else_=_RELEASED))


def next_earned(session: Session) -> int:
    """The number after the highest of accruals and releases, which count together."""
    return int(session.scalar(_LAST_EARNED, {})) + 1


def _awaiting() -> sa.Select[*tuple[object, ...]]:
    generation, use, review = tables.generation, tables.work_use, tables.review
    attribution, licence, work = tables.attribution, tables.licence, tables.work
    held = (
        use.join(generation, generation.c.id == use.c.generation)
        .join(work, work.c.id == use.c.work)
        .join(licence, licence.c.id == use.c.licence)
        .join(attribution, (attribution.c.generation == use.c.generation) & (attribution.c.work == use.c.work))
        .outerjoin(review, (review.c.generation == use.c.generation) & (review.c.work == use.c.work))
    )
    return (
        sa.select(
            generation.c.seq,
            generation.c.recorded_at,
            generation.c.service,
            generation.c.external_id,
            use,
            work.c.title,
            attribution.c.confidence_ppm,
            licence.c.risk_basis_points_max,
        )
        .select_from(held)
        .where(use.c.outcome == Outcome.REVIEW.value, review.c.id.is_(None))
    )


_AWAITING = _awaiting()


def _hold(row: Row) -> Recorded[AwaitingReview]:
    assert row.number < USES_MAX, "a page is cut by the number of a use"
    hold = AwaitingReview(
        generation=row.generation,
        service=row.service,
        external_id=row.external_id,
        work=row.work,
        title=row.title,
        share_ppb=row.share_ppb,
        confidence_ppm=row.confidence_ppm,
        threshold_ppm=row.threshold_ppm,
        risk_basis_points_max=row.risk_basis_points_max,
        held=Money(row.held_currency, MicroUnits(row.held_micros)),
    )
    return Recorded(seq=row.seq * USES_MAX + row.number, fact=hold, recorded_at=row.recorded_at)


def _reviews(session: Session, rows: Sequence[Row]) -> list[Review]:
    table = tables.released
    released: dict[str, list[Row]] = defaultdict(list)
    for batch in batches([row.id for row in rows]):
        for found in session.rows(sa.select(table).where(table.c.review.in_(batch)).order_by(table.c.number)):
            released[found.review].append(found)
    return [
        Review(
            generation=row.generation,
            work=row.work,
            resolution=Resolution(row.resolution),
            decided_by=row.decided_by,
            reason=row.reason,
            held=Money(row.held_currency, MicroUnits(row.held_micros)),
            released=tuple(_accrual(row.work, r) for r in released[row.id]),
            transaction=row.transaction_id,
        )
        for row in rows
    ]


def _accrual(work: str, row: Row) -> Accrual:
    money = Money(row.currency, MicroUnits(row.micros))
    return Accrual(work=work, party=row.party, basis_points=row.basis_points, money=money)


_OF_USE = (tables.work_use.c.generation == tables.review.c.generation) & (
    tables.work_use.c.work == tables.review.c.work
)
REVIEWS = FactRows(
    table=tables.review,
    select=sa.select(tables.review, tables.work_use.c.held_currency, tables.work_use.c.held_micros).join_from(
        tables.review, tables.work_use, _OF_USE
    ),
    rebuild=_reviews,
)
