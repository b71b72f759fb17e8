"""Close a period: state what each party's came to, post what the close takes or adds, and seal all of it for ever.

One transaction: a close that fails leaves nothing. The same facts give the same statements, byte for byte; the time of
closing is in none of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from provenance.kernel.errors import NotFound, OpenWork
from provenance.ledger.transaction import Transaction
from provenance.royalties.pool import PoolPolicy
from provenance.services.advances import advances_due
from provenance.services.earned import Earned, fold
from provenance.services.guarantees import top_ups
from provenance.services.in_force import last_day
from provenance.services.pools import pool_parts, subscription_parts
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import Page, Recorded
from provenance.services.statement_stores import LineSpan
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.addition import Addition
from provenance.statements.close import PeriodClose, Window, check_order, statements_sha256
from provenance.statements.closing import NOTHING, ToClose, statement_of
from provenance.statements.line import DrillKind
from provenance.statements.movement import OF_USES, Movement
from provenance.statements.payee import in_force
from provenance.statements.postings import close_transaction
from provenance.statements.statement import Carried, Statement

OPEN_SHOWN_MAX = 100
PAGE = 1_000

T = TypeVar("T")
Payee = tuple[str, str]  # a party and a currency
Span = tuple[Movement, LineSpan]
Stated = tuple[Statement, Sequence[LineSpan]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The close as recorded."""

    recorded: Recorded[PeriodClose]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Statements with the spans of their lines, and what is posted beside them."""

    statements: Sequence[Stated]
    unattributed: Sequence[Transaction]


def close_period(
    database: Database, period: AccountingPeriod, *, closed_by: str, at: datetime, policy: PoolPolicy = PoolPolicy.KEEP
) -> Closed:
    """Close a period, for good; ``policy`` says what becomes of the unattributed pool.

    Raises:
        NotFound: ``closed_by`` isn't a registered party.
        PeriodClosed: it, or a part of it, was closed before.
        PeriodOrder: one before it is open, or it isn't over.
        OpenWork: something of the period has to be decided first; ``data["open"]`` lists it.
    """
    with database.begin(write=True) as work:
        if work.parties.get(closed_by) is None:
            raise NotFound(f"There is no party {closed_by!r}.", mend="Register it first.", party=closed_by)
        last = work.statements.last_close()
        first_at = None if last else work.statements.first_effective()
        check_order(period, last.fact if last else None, first_at=first_at, now=at)
        _check_decided(work, period)
        found = _find(work, period, last, policy)
        statements = [statement for statement, _ in found.statements]
        posted = (close_transaction(period, s.party, s.currency, s.lines) for s in statements)
        work.books.post_many([*(t for t in posted if t is not None), *found.unattributed], at)
        work.statements.add(found.statements, at)
        sealed = PeriodClose(
            period=period,
            closed_by=closed_by,
            statements=len(statements),
            statements_sha256=statements_sha256(statements),
            pool_policy=policy,
        )
        work.statements.close(sealed, at)
        recorded = work.statements.close_of(period)
        assert recorded is not None, "it was recorded just now"
        work.commit()
    return Closed(recorded=recorded)


def preview_period(
    database: Database, period: AccountingPeriod, *, policy: PoolPolicy = PoolPolicy.KEEP
) -> Sequence[Statement]:
    """The statements that a close would make of what is recorded by now. Records nothing, and asks for no order."""
    with database.begin() as work:
        return [s for s, _ in _find(work, period, work.statements.last_close(), policy).statements]


def _check_decided(work: UnitOfWork, period: AccountingPeriod) -> None:
    """Raises `OpenWork` where a use of the period, or of one before, waits for a review, or is disputed."""
    reviews = [
        {"kind": "review", "generation": r.fact.generation, "work": r.fact.work}
        for r in _all(work.reviews.awaiting)
        if r.recorded_at < period.until
    ]
    disputes = [
        {"kind": "dispute", "dispute": r.fact.id, "work": r.fact.work}
        for r in _all(work.disputes.open)
        if r.fact.held_from < period.until
    ]
    if reviews or disputes:
        raise OpenWork(
            f"{len(reviews)} uses of {period.name} or before wait for a review, {len(disputes)} disputes are open.",
            mend="Resolve each first: provenance reviews lists the ones.",
            open=[*reviews, *disputes][:OPEN_SHOWN_MAX],
            count=len(reviews) + len(disputes),
        )


def _all(page_of: Callable[..., Page[Recorded[T]]]) -> Iterator[Recorded[T]]:
    """Every item of a paged list."""
    after: int | None = 0
    while after is not None:
        page = page_of(after=after, limit=PAGE)
        yield from page.items
        after = page.next_after


def _find(work: UnitOfWork, period: AccountingPeriod, last: Recorded[PeriodClose] | None, policy: PoolPolicy) -> _Found:
    """What closing a period after the ``last`` one comes to."""
    window = Window(
        until=period.until,
        closed_until=last.fact.period.until if last else None,
        closed_seq=last.seq if last else None,
    )
    shared = subscription_parts(work, period, window)
    added: dict[Payee, list[Addition]] = defaultdict(list)
    for found in (
        top_ups(work, period),
        shared.additions,
        pool_parts(work, period, window, policy),
        advances_due(work, period),
    ):
        for payee, additions in found.items():
            added[payee] += additions
    statements = _statements(work, period, window, last.fact.period if last else None, added)
    return _Found(statements=[*statements], unattributed=shared.unattributed)


def _statements(
    work: UnitOfWork,
    period: AccountingPeriod,
    window: Window,
    before: AccountingPeriod | None,
    added: Mapping[Payee, Sequence[Addition]],
) -> Iterator[Stated]:
    openings = _openings(work, before)
    earned = fold(work.statements.uses(window))
    moved = _moved(work, window, earned)
    advances = work.statements.advances(window)
    terms, taxes = work.payees.terms(), work.payees.taxes()
    for payee in sorted(openings.keys() | moved.keys() | added.keys()):
        party, currency = payee
        spans = moved.get(payee, [])
        to_close = ToClose(
            period=period,
            party=party,
            currency=currency,
            opening=openings.get(payee, NOTHING),
            movements=tuple(movement for movement, _ in spans),
            additions=tuple(added.get(payee, ())),
            earned=earned[payee].works() if payee in earned else {},
            advance_micros=advances.get(payee, 0),
            terms=in_force(terms.get(payee, ()), on=last_day(period)),
            tax=in_force(taxes.get(party, ()), on=last_day(period)),
            breakdowns=earned[payee].breakdowns() if payee in earned else (),
        )
        if not to_close.is_nil:
            statement = statement_of(to_close)
            yield statement, _spans_of(statement, spans)


def _openings(work: UnitOfWork, before: AccountingPeriod | None) -> dict[Payee, Carried]:
    """What the statements of the period before handed on; what is nil isn't carried."""
    found: dict[Payee, Carried] = {}
    after: int | None = 0
    while before is not None and after is not None:
        page = work.statements.of_period(before, after=after, limit=PAGE)
        found |= {(r.fact.party, r.fact.currency): r.fact.closing for r in page.items}
        after = page.next_after
    return {payee: carried for payee, carried in found.items() if not carried.is_nil}


def _moved(work: UnitOfWork, window: Window, earned: Mapping[Payee, Earned]) -> dict[Payee, list[Span]]:
    """What was posted to each account. What uses earned is told by the uses, which must come to the same."""
    found: dict[Payee, list[Span]] = defaultdict(list)
    for posted in work.statements.movements(window):
        payee, moved = (posted.party, posted.currency), posted.movement
        span: Span = (moved, LineSpan(first=posted.first, last=posted.last))
        if moved.cause in OF_USES:
            uses = earned[payee].movement(moved.cause, moved.late_from) if payee in earned else None
            assert uses is not None, f"{payee}: royalties were posted that no use accrued"
            assert uses[0].micros == moved.micros, f"{payee}: uses accrued {uses[0].micros}, posted {moved.micros}"
            span = uses
        found[payee].append(span)
    return found


def _spans_of(statement: Statement, spans: Sequence[Span]) -> list[LineSpan]:
    """For each line the numbers of what it sums; a line that the close made has none."""
    by_line = {(m.cause, m.late_from): span for m, span in spans}
    return [
        LineSpan() if line.drill.kind is DrillKind.CLOSE else by_line[line.drill.cause, line.drill.late_from]
        for line in statement.lines
    ]
