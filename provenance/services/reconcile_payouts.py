"""Reconcile: payouts, the books and a provider's balance; and statements with what settles them. Records nothing.

The database is read in one transaction and page by page; the provider is asked before.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from provenance.payouts.reconciled_rows import Break, IntentRow, LedgerRow, LedgerStep, LineRow, LinkRow
from provenance.payouts.reconciliation import Horizon, reconcile_payouts
from provenance.payouts.settled_lines import reconcile_lines
from provenance.services.ports import Database, UnitOfWork
from provenance.services.reconciliation_stores import Line, Movements

PAGE = 1_000
SETTLED_WITHIN = timedelta(days=31)


def reconcile(
    database: Database,
    providers: Mapping[str, Movements],
    *,
    now: datetime,
    settled_within: timedelta = SETTLED_WITHIN,
) -> Iterator[Break]:
    """Every break, provider by provider and then the statements'.

    Raises:
        Unavailable: a provider doesn't answer; nothing is told then.
    """
    moved = {name: list(provider.movements(now)) for name, provider in sorted(providers.items())}
    horizon = Horizon(now=now)
    with database.begin() as work:
        for name, movements in moved.items():
            yield from reconcile_payouts(_intents(work, name), _booked(work, name), movements, horizon)
        yield from reconcile_lines(_lines(work, settled_within), _links(work), horizon)


def _intents(work: UnitOfWork, provider: str) -> Iterator[IntentRow]:
    after = ""
    while page := work.reconciling.intents(provider, after=after, limit=PAGE):
        yield from page
        after = page[-1].payout


def _booked(work: UnitOfWork, provider: str) -> Iterable[LedgerRow]:
    return heapq.merge(*(_of_step(work, provider, step) for step in LedgerStep), key=lambda row: row.payout)


def _of_step(work: UnitOfWork, provider: str, step: LedgerStep) -> Iterator[LedgerRow]:
    after = ""
    while page := work.reconciling.booked(provider, step, after=after, limit=PAGE):
        yield from (row for _, row in page)
        after = page[-1][0]


def _lines(work: UnitOfWork, settled_within: timedelta) -> Iterator[LineRow]:
    after: Line = ("", 0)
    while page := work.reconciling.lines(after=after, limit=PAGE, settled_within=settled_within):
        yield from page
        after = page[-1].statement, page[-1].number


def _links(work: UnitOfWork) -> Iterator[LinkRow]:
    after: Line = ("", 0)
    payout = ""
    while page := work.reconciling.links(after=after, payout=payout, limit=PAGE):
        yield from page
        after, payout = (page[-1].statement, page[-1].number), page[-1].payout
