"""What a close counts: the entries of parties' accounts, and the single uses behind them.

All of it is bounded by the window: rows before the first number that can count are never read, however long the books.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provenance.adapters.sql.earnings import month_of
from provenance.adapters.sql.session import Row, Session
from provenance.adapters.sql.tables import (
    accrual,
    attribution,
    generation,
    ledger_account,
    ledger_entry,
    ledger_transaction,
    licence,
    match,
    part,
    released,
    review,
    work_use,
)
from provenance.ledger.accounts import AccountKind
from provenance.services.statement_stores import AccountMovement, StatedUse
from provenance.statements.close import Window
from provenance.statements.movement import ACCRUAL, RELEASE, Movement

USES_READ = 5_000

_T = ledger_transaction.c


def counted(window: Window) -> sa.ColumnElement[bool]:
    """`Window.counts` of a transaction, as a condition."""
    inside = _T.effective_at < window.until
    if window.closed_until is None:
        return inside
    return inside & ((_T.effective_at >= window.closed_until) | (_T.seq > window.closed_seq))


def late_from(window: Window) -> sa.ColumnElement[Any]:
    """The closed month that a transaction belongs to, NULL where its period is open."""
    if window.closed_until is None:
        return sa.null()
    return sa.case((_T.effective_at < window.closed_until, month_of(_T.effective_at)), else_=sa.null())


def first_counted(session: Session, window: Window) -> int:
    """A number that no transaction which counts lies below: what was recorded before it was counted, or isn't due."""
    if window.closed_until is None or window.closed_seq is None:
        return 0
    early = sa.select(sa.func.min(_T.seq)).where(_T.effective_at >= window.closed_until, _T.effective_at < window.until)
    found = session.scalar(early)
    return window.closed_seq if found is None else min(int(found), window.closed_seq)


def movements(session: Session, window: Window) -> Iterator[AccountMovement]:
    """What was posted to parties' accounts, by party, currency, cause and closed month."""
    late = late_from(window).label("late_from")
    rows = (
        sa.select(
            ledger_account.c.party,
            ledger_account.c.currency,
            _T.cause,
            late,
            ledger_entry.c.micros,
            _T.effective_at,
            _T.seq,
        )
        .select_from(
            ledger_transaction.join(ledger_entry, ledger_entry.c.transaction_id == _T.id).join(
                ledger_account, ledger_account.c.id == ledger_entry.c.account
            )
        )
        .where(
            ledger_account.c.kind == AccountKind.PARTY_PAYABLE.value,
            counted(window),
            _T.seq >= first_counted(session, window),
        )
        .subquery()
    )
    group = (rows.c.party, rows.c.currency, rows.c.cause, rows.c.late_from)
    sums = sa.select(
        *group,
        sa.func.sum(rows.c.micros).label("micros"),
        sa.func.count().label("entries"),
        sa.func.min(rows.c.effective_at).label("first_at"),
        sa.func.max(rows.c.effective_at).label("last_at"),
        sa.func.min(rows.c.seq).label("first"),
        sa.func.max(rows.c.seq).label("last"),
    )
    for row in session.rows(sums.group_by(*group)):
        moved = Movement(
            cause=row.cause,
            micros=-int(row.micros),  # what a party is owed stands on the credit side
            count=row.entries,
            first_at=row.first_at,
            last_at=row.last_at,
            late_from=row.late_from,
        )
        yield AccountMovement(party=row.party, currency=row.currency, movement=moved, first=row.first, last=row.last)


def uses(session: Session, window: Window) -> Iterator[StatedUse]:
    """All accruals and releases that count, `USES_READ` in memory at a time; first the ones, then the others."""
    lowest = first_counted(session, window)
    yield from _stream(session, _accruals(window), accrual.c.seq, _lowest_accrual(session, lowest), ACCRUAL)
    yield from _stream(session, _releases(window), released.c.seq, _lowest_release(session, lowest), RELEASE)


def _stream(
    session: Session, select: sa.Select[*tuple[object, ...]], seq: sa.Column[int], lowest: int, cause: str
) -> Iterator[StatedUse]:
    after = lowest - 1
    while rows := session.rows(select.where(seq > after).order_by(seq).limit(USES_READ)):
        matched = _matched(session, rows)
        for row in rows:
            yield StatedUse(
                seq=row.seq,
                party=row.party,
                currency=row.currency,
                micros=row.micros,
                basis_points=row.basis_points,
                cause=cause,
                late_from=row.late_from,
                generation=row.generation,
                work=row.work,
                purpose=row.purpose,
                territory=row.territory,
                effective_at=row.effective_at,
                workers=matched.get((row.generation, row.work), {}),
            )
        after = rows[-1].seq


def _accruals(window: Window) -> sa.Select[*tuple[object, ...]]:
    earned = accrual.join(generation, generation.c.id == accrual.c.generation)
    earned = earned.join(ledger_transaction, _T.id == generation.c.transaction_id)
    return (
        sa.select(
            accrual.c.seq,
            accrual.c.party,
            accrual.c.currency,
            accrual.c.micros,
            accrual.c.basis_points,
            accrual.c.generation,
            accrual.c.work,
            generation.c.purpose,
            generation.c.territory,
            _T.effective_at,
            late_from(window).label("late_from"),
        )
        .select_from(earned)
        .where(counted(window))
    )


def _releases(window: Window) -> sa.Select[*tuple[object, ...]]:
    earned = released.join(review, review.c.id == released.c.review)
    earned = earned.join(generation, generation.c.id == review.c.generation)
    earned = earned.join(ledger_transaction, _T.id == review.c.transaction_id)
    return (
        sa.select(
            released.c.seq,
            released.c.party,
            released.c.currency,
            released.c.micros,
            released.c.basis_points,
            review.c.generation,
            review.c.work,
            generation.c.purpose,
            generation.c.territory,
            _T.effective_at,
            late_from(window).label("late_from"),
        )
        .select_from(earned)
        .where(counted(window))
    )


def _lowest_accrual(session: Session, transaction: int) -> int:
    """The number of the first accrual that was recorded with or after a transaction."""
    found = session.scalar(
        sa.select(accrual.c.seq)
        .join_from(generation, accrual, accrual.c.generation == generation.c.id)
        .where(generation.c.seq > transaction)
        .order_by(generation.c.seq, accrual.c.seq)
        .limit(1)
    )
    return 0 if found is None else int(found)


def _lowest_release(session: Session, transaction: int) -> int:
    found = session.scalar(
        sa.select(released.c.seq)
        .join_from(review, released, released.c.review == review.c.id)
        .where(review.c.seq > transaction)
        .order_by(review.c.seq, released.c.seq)
        .limit(1)
    )
    return 0 if found is None else int(found)


def _matched(session: Session, rows: Sequence[Row]) -> Mapping[tuple[str, str], Mapping[str, int]]:
    """Characters that matched, by worker, of each use."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    generations = sorted({row.generation for row in rows})
    for row in session.rows(_MATCHED, {"generations": generations}):
        found[row.generation, row.work][row.worker] = int(row.chars)
    return found


_MATCHED = (
    sa.select(
        attribution.c.generation,
        attribution.c.work,
        part.c.worker,
        sa.func.sum(match.c.part_end - match.c.part_start).label("chars"),
    )
    .select_from(
        attribution.join(
            match, (match.c.generation == attribution.c.generation) & (match.c.attribution == attribution.c.number)
        ).join(part, (part.c.generation == match.c.generation) & (part.c.number == match.c.part))
    )
    .where(attribution.c.generation.in_(sa.bindparam("generations", expanding=True)))
    .group_by(attribution.c.generation, attribution.c.work, part.c.worker)
)


def advances(session: Session, window: Window) -> Mapping[tuple[str, str], int]:
    """Micro-units of advances that were not recouped by the end of the window, by party and currency."""
    sums = (
        sa.select(ledger_account.c.party, ledger_account.c.currency, sa.func.sum(ledger_entry.c.micros).label("micros"))
        .select_from(
            ledger_account.join(ledger_entry, ledger_entry.c.account == ledger_account.c.id).join(
                ledger_transaction, _T.id == ledger_entry.c.transaction_id
            )
        )
        .where(ledger_account.c.kind == AccountKind.ADVANCE_RECOUPABLE.value, _T.effective_at < window.until)
        .group_by(ledger_account.c.party, ledger_account.c.currency)
    )
    return {(row.party, row.currency): int(row.micros) for row in session.rows(sums) if row.micros}


def works_stating(session: Session, bound: str) -> Sequence[str]:
    """Works of which a licence states, or stated, a bound of a period: its terms are canonical JSON."""
    stated = sa.select(licence.c.work).where(licence.c.terms.contains(f'"{bound}":')).distinct()
    return [row.work for row in session.rows(stated.order_by(licence.c.work))]


def earned_under(session: Session, licences: Collection[str], since: datetime, until: datetime, currency: str) -> int:
    """Micro-units that uses under these licences earned, at once or by a release, effective in a stretch of time."""
    inside = (_T.effective_at >= since) & (_T.effective_at < until)
    of = work_use.c.licence.in_(sorted(licences))
    accrued = (
        sa.select(sa.func.coalesce(sa.func.sum(accrual.c.micros), 0))
        .select_from(
            ledger_transaction.join(generation, generation.c.transaction_id == _T.id)
            .join(work_use, work_use.c.generation == generation.c.id)
            .join(accrual, (accrual.c.generation == generation.c.id) & (accrual.c.work_use == work_use.c.number))
        )
        .where(inside, of, accrual.c.currency == currency)
    )
    reviewed = (
        sa.select(sa.func.coalesce(sa.func.sum(released.c.micros), 0))
        .select_from(
            ledger_transaction.join(review, review.c.transaction_id == _T.id)
            .join(released, released.c.review == review.c.id)
            .join(work_use, (work_use.c.generation == review.c.generation) & (work_use.c.work == review.c.work))
        )
        .where(inside, of, released.c.currency == currency)
    )
    return int(session.scalar(accrued)) + int(session.scalar(reviewed))
