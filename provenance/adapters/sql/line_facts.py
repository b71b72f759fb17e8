"""What lies under a line of a statement: single accruals and releases, or transactions, a page at a time.

A line's span bounds what is read: a page costs the same, however long the books.
"""

from __future__ import annotations

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
    """Accruals, or releases, in the order of their numbers; ``recorded_at`` is when each was effective."""
    drill, size = statement.lines[number - 1].drill, min(limit, PAGE_MAX)
    if span.first is None:
        return Page(items=(), next_after=None)
    earned, select = (released, _RELEASES) if drill.cause == RELEASE else (accrual, _ACCRUALS)
    found = select.where(
        earned.c.party == statement.party,
        earned.c.currency == statement.currency,
        earned.c.seq > max(after, span.first - 1),
        earned.c.seq <= span.last,
        _T.cause == drill.cause,
        *_of_line(window, drill.late_from),
    )
    rows = session.rows(found.order_by(earned.c.seq).limit(size + 1))
    return cut([Recorded(seq=r.seq, fact=UseLine(**_use(r)), recorded_at=r.effective_at) for r in rows], size)


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


def _select(earned: sa.FromClause, columns: sa.FromClause, *, use: sa.Column[str], of: sa.Column[str]) -> Select:
    """Uses with what a creator sees of each; ``of`` and ``use`` are the columns of the generation and the work."""
    joined = (
        earned.join(work, work.c.id == use)
        .join(work_use, (work_use.c.generation == of) & (work_use.c.work == use))
        .join(attribution, (attribution.c.generation == of) & (attribution.c.work == use))
    )
    return sa.select(
        columns.c.seq,
        _T.effective_at,
        of.label("generation"),
        use.label("work"),
        work.c.title,
        work_use.c.share_ppb,
        attribution.c.confidence_ppm,
        work_use.c.licence,
        columns.c.basis_points,
        columns.c.currency,
        columns.c.micros,
    ).select_from(joined)


_ACCRUALS = _select(
    accrual.join(generation, generation.c.id == accrual.c.generation).join(
        ledger_transaction, _T.id == generation.c.transaction_id
    ),
    accrual,
    use=accrual.c.work,
    of=accrual.c.generation,
)
_RELEASES = _select(
    released.join(review, review.c.id == released.c.review).join(ledger_transaction, _T.id == review.c.transaction_id),
    released,
    use=review.c.work,
    of=review.c.generation,
)
_POSTED = (
    sa.select(
        _T.seq, _T.id, _T.business_key, _T.cause, _T.effective_at, _T.corrects, _T.recorded_at, ledger_entry.c.micros
    )
    .join_from(ledger_account, ledger_entry, ledger_entry.c.account == ledger_account.c.id)
    .join(ledger_transaction, _T.id == ledger_entry.c.transaction_id)
)
_LINE = ("generation", "work", "title", "share_ppb", "confidence_ppm", "licence", "basis_points", "currency", "micros")


def _use(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _LINE}


def _posted(row: Row) -> PostedLine:
    return PostedLine(
        transaction=row.id,
        business_key=row.business_key,
        cause=row.cause,
        effective_at=row.effective_at,
        corrects=row.corrects,
        micros=-row.micros,
    )
