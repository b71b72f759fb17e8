"""What lies under a line of a statement: single accruals and releases, or transactions, a page at a time.

A line's span bounds what is read: a page costs the same, however long the books.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provenance.adapters.sql.closing_sums import counted, late_from
from provenance.adapters.sql.reading import PAGE_MAX, cut
from provenance.adapters.sql.session import Row, Select, Session
from provenance.adapters.sql.tables import (
    accrual,
    attribution,
    generation,
    ledger_account,
    ledger_entry,
    ledger_transaction,
    released,
    review,
    work,
    work_use,
)
from provenance.ledger.accounts import Account, AccountKind
from provenance.services.records import Page, Recorded, UseLine
from provenance.services.statement_stores import LineSpan, PostedLine
from provenance.statements.close import Window
from provenance.statements.movement import RELEASE
from provenance.statements.statement import Statement

_T = ledger_transaction.c


def uses(
    session: Session, statement: Statement, number: int, window: Window, span: LineSpan, *, after: int, limit: int
) -> Page[Recorded[UseLine]]:
    """Accruals, or releases, in the order of their numbers; ``recorded_at`` is when each was effective.

    Three statements for a page, each with one plan whatever the size of the books: some of the party's rows by their
    numbers, which of them belong to the line, and what is shown of these.
    """
    drill, size = statement.lines[number - 1].drill, min(limit, PAGE_MAX)
    if span.first is None or span.last is None:
        return Page(items=(), next_after=None)
    rows_of, dated = (_RELEASED, _RELEASES) if drill.cause == RELEASE else (_ACCRUED, _ACCRUALS)
    found: list[tuple[Row, datetime]] = []
    last, chunk = max(after, span.first - 1), size + 1
    while len(found) <= size:
        values = {"party": statement.party, "currency": statement.currency, "after": last, "until": span.last}
        rows = session.rows(rows_of.limit(chunk), values)
        if not rows:
            break
        of_line = dated.where(_T.cause == drill.cause, *_of_line(window, drill.late_from))
        dates = {row.owner: row.effective_at for row in session.rows(of_line, {"owners": [r.owner for r in rows]})}
        found += [(row, dates[row.owner]) for row in rows if row.owner in dates]
        last, chunk = rows[-1].seq, min(2 * chunk, PAGE_MAX)
    shown = _shown(session, [row for row, _ in found[: size + 1]])
    lines = [
        Recorded(seq=row.seq, fact=_use(row, shown[row.generation, row.work]), recorded_at=at)
        for row, at in found[: size + 1]
    ]
    return cut(lines, size)


def transactions(
    session: Session, statement: Statement, number: int, window: Window, span: LineSpan, *, after: int, limit: int
) -> Page[Recorded[PostedLine]]:
    """Transactions with an entry on the party's account, in the order of recording."""
    drill, size = statement.lines[number - 1].drill, min(limit, PAGE_MAX)
    if span.first is None:
        return Page(items=(), next_after=None)
    account = Account(kind=AccountKind.PARTY_PAYABLE, party=statement.party, currency=statement.currency)
    found = _POSTED.where(
        ledger_account.c.id == account.id,
        _T.seq > max(after, span.first - 1),
        _T.seq <= span.last,
        _T.cause == drill.cause,
        *_of_line(window, drill.late_from),
    )
    rows = session.rows(found.order_by(_T.seq).limit(size + 1))
    return cut([Recorded(seq=r.seq, fact=_posted(r), recorded_at=r.recorded_at) for r in rows], size)


def _of_line(window: Window, late: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    if window.closed_until is None:
        return (counted(window),)
    in_its_month = late_from(window) == late if late is not None else _T.effective_at >= window.closed_until
    return counted(window), in_its_month


def _page(earned: sa.Table, columns: sa.Select[*tuple[Any, ...]]) -> Select:
    """A party's rows above a number, in order: `owner` is what has the transaction that they were posted with."""
    return columns.where(
        earned.c.party == sa.bindparam("party"),
        earned.c.currency == sa.bindparam("currency"),
        earned.c.seq > sa.bindparam("after"),
        earned.c.seq <= sa.bindparam("until"),
    ).order_by(earned.c.seq)


def _dated(owner: sa.Table) -> Select:
    dates = sa.select(owner.c.id.label("owner"), _T.effective_at)
    joined = dates.join_from(owner, ledger_transaction, _T.id == owner.c.transaction_id)
    return joined.where(owner.c.id.in_(sa.bindparam("owners", expanding=True)))


_ACCRUED = _page(
    accrual,
    sa.select(
        accrual.c.seq,
        accrual.c.generation.label("owner"),
        accrual.c.generation,
        accrual.c.work,
        accrual.c.basis_points,
        accrual.c.currency,
        accrual.c.micros,
    ),
)
_RELEASED = _page(
    released,
    sa.select(
        released.c.seq,
        released.c.review.label("owner"),
        review.c.generation,
        review.c.work,
        released.c.basis_points,
        released.c.currency,
        released.c.micros,
    ).join_from(released, review, review.c.id == released.c.review),
)
_ACCRUALS, _RELEASES = _dated(generation), _dated(review)
_SHOWN = (
    sa.select(
        work_use.c.generation,
        work_use.c.work,
        work.c.title,
        work_use.c.share_ppb,
        attribution.c.confidence_ppm,
        work_use.c.licence,
    )
    .select_from(
        work_use.join(
            attribution,
            (attribution.c.generation == work_use.c.generation) & (attribution.c.work == work_use.c.work),
        ).join(work, work.c.id == work_use.c.work)
    )
    .where(work_use.c.generation.in_(sa.bindparam("generations", expanding=True)))
)
_POSTED = (
    sa.select(
        _T.seq, _T.id, _T.business_key, _T.cause, _T.effective_at, _T.corrects, _T.recorded_at, ledger_entry.c.micros
    )
    .join_from(ledger_account, ledger_entry, ledger_entry.c.account == ledger_account.c.id)
    .join(ledger_transaction, _T.id == ledger_entry.c.transaction_id)
)


def _shown(session: Session, rows: Sequence[Row]) -> Mapping[tuple[str, str], Row]:
    """What is shown of the uses that rows belong to."""
    generations = sorted({row.generation for row in rows})
    found = session.rows(_SHOWN, {"generations": generations}) if generations else ()
    return {(row.generation, row.work): row for row in found}


def _use(row: Row, shown: Row) -> UseLine:
    return UseLine(
        generation=row.generation,
        work=row.work,
        title=shown.title,
        share_ppb=shown.share_ppb,
        confidence_ppm=shown.confidence_ppm,
        licence=shown.licence,
        basis_points=row.basis_points,
        currency=row.currency,
        micros=row.micros,
    )


def _posted(row: Row) -> PostedLine:
    return PostedLine(
        transaction=row.id,
        business_key=row.business_key,
        cause=row.cause,
        effective_at=row.effective_at,
        corrects=row.corrects,
        micros=-row.micros,
    )
