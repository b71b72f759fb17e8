"""Reconcile statements with the payouts that settle them: every line once, for what it states.

Lines and links come as streams in the order of statement and number, and are merged; memory holds the links of one
line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from provenance.payouts.reconciled_rows import Break, BreakKind, LineRow, LinkRow
from provenance.payouts.reconciliation import Horizon

UNKNOWN_CURRENCY = "XXX"  # ISO 4217: no currency is involved


def reconcile_lines(lines: Iterable[LineRow], links: Iterable[LinkRow], horizon: Horizon) -> Iterator[Break]:
    """The breaks between statements' lines and what settles them, in the order of the lines."""
    groups = _by_line(links)
    waiting = next(groups, None)
    for line in lines:
        key = (line.statement, line.number)
        while waiting is not None and waiting[0] < key:
            yield from _unknown(waiting[1])
            waiting = next(groups, None)
        of_line: list[LinkRow] = []
        if waiting is not None and waiting[0] == key:
            of_line = waiting[1]
            waiting = next(groups, None)
        yield from _of_line(line, of_line, horizon)
    while waiting is not None:
        yield from _unknown(waiting[1])
        waiting = next(groups, None)


def _of_line(line: LineRow, links: list[LinkRow], horizon: Horizon) -> Iterator[Break]:
    subject = f"{line.statement}#{line.number}"
    live = [link for link in links if link.live]
    if not live and line.due_at is not None:
        late = line.due_at <= horizon.now
        kind = BreakKind.STATEMENT_UNSETTLED if late else BreakKind.LINE_NOT_YET_SETTLED
        yield Break(kind=kind, subject=subject, currency=line.currency, micros=-line.micros)
    for link in live[1:]:
        yield Break(
            kind=BreakKind.STATEMENT_SETTLED_TWICE,
            subject=subject,
            currency=line.currency,
            micros=link.micros,
            detail=f"by {live[0].payout} and {link.payout}",
        )
    for link in live[:1]:
        if link.micros != line.micros:
            yield Break(
                kind=BreakKind.LINE_AMOUNT_DIFFERS,
                subject=subject,
                currency=line.currency,
                micros=link.micros - line.micros,
                detail=link.payout,
            )


def _unknown(links: list[LinkRow]) -> Iterator[Break]:
    for link in links:
        yield Break(
            kind=BreakKind.LINE_UNKNOWN,
            subject=f"{link.statement}#{link.number}",
            currency=UNKNOWN_CURRENCY,
            micros=link.micros,
            detail=link.payout,
        )


def _by_line(links: Iterable[LinkRow]) -> Iterator[tuple[tuple[str, int], list[LinkRow]]]:
    for key, of_line in groupby(links, key=lambda link: (link.statement, link.number)):
        yield key, list(of_line)
