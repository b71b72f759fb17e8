"""How many planted breaks are found, and how fast: python -m benchmarks.reconciliation [--json] [--limit N].

Books of 100,000 payouts (``--limit`` of another number) are made from a seed, fit, and get a thousand breaks of every
kind in turn; then all rows are shuffled. Sorting them is part of the time. ``found`` are breaks told of the right
payout or line and of the right kind, ``false`` all others that are told. The peer is what one writes in SQL: full outer
joins of sums by payout in SQLite, in memory, on the same rows in the same run; it sees what is missing, and sums.
"""

from __future__ import annotations

import json
import resource
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from time import perf_counter
from typing import TypeVar

from benchmarks.reconciliation_books import NOW, Books, make_books
from benchmarks.shared import parser, show
from provenance.payouts.reconciled_rows import Break, BreakKind
from provenance.payouts.reconciliation import Horizon, reconcile_payouts
from provenance.payouts.settled_lines import reconcile_lines

PAYOUTS = 100_000
BREAKS_PART = 0.01
SEED = 20_261_130

Told = set[tuple[str, BreakKind]]
T = TypeVar("T")

# A payout's sums on either side, and their full outer join: what the peer can tell apart follows from them.
_SUMS = """
CREATE TABLE {side}_sum AS SELECT payout, min(currency) AS currency, sum(micros) AS micros FROM {side} GROUP BY payout;
CREATE UNIQUE INDEX {side}_sum_payout ON {side}_sum (payout);
"""
_OUTER_JOIN = """
SELECT ours.payout, ours.currency, theirs.currency, ours.micros, theirs.micros
FROM ledger_sum AS ours LEFT JOIN provider_sum AS theirs ON theirs.payout = ours.payout
WHERE theirs.payout IS NULL OR ours.currency <> theirs.currency OR ours.micros <> theirs.micros
UNION ALL
SELECT theirs.payout, NULL, theirs.currency, NULL, theirs.micros
FROM provider_sum AS theirs LEFT JOIN ledger_sum AS ours ON ours.payout = theirs.payout WHERE ours.payout IS NULL
"""
_UNSETTLED = """
SELECT line.statement || '#' || line.number, count(link.payout)
FROM line LEFT JOIN link ON link.statement = line.statement AND link.number = line.number AND link.live
WHERE line.due GROUP BY line.statement, line.number HAVING count(link.payout) <> 1
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    args = parser(__doc__).parse_args(argv)
    payouts = args.limit or PAYOUTS
    books = make_books(payouts, breaks=max(1, int(payouts * BREAKS_PART)), seed=SEED)
    figures = {
        "rows": books.rows,
        "payouts": payouts,
        "breaks_planted": len(books.planted),
        "kinds_planted": len({kind for _, kind in books.planted}),
        "ours": _measured(books, _ours),
        "sql_outer_join": _measured(books, _peer),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if args.json:
        print(json.dumps(figures))
        return
    columns = ["found", "false", "seconds"]
    rows = {name: [figures[name][c] for c in columns] for name in ("ours", "sql_outer_join")}  # type: ignore[index]  # ours
    show(f"{books.rows:,} rows, {len(books.planted):,} breaks planted", columns, rows)


def _measured(books: Books, reconcile: Callable[[Books], Iterable[tuple[str, BreakKind]]]) -> dict[str, float]:
    started = perf_counter()
    told = list(reconcile(books))
    seconds = perf_counter() - started
    found = books.planted & set(told)
    return {"found": len(found), "false": len(told) - len(found), "seconds": round(seconds, 3)}


def _ours(books: Books) -> Iterator[tuple[str, BreakKind]]:
    return ((b.subject, b.kind) for b in breaks(books))


def breaks(books: Books) -> Iterator[Break]:
    """All breaks of books whose rows are in whichever order."""
    horizon, by_line = Horizon(now=NOW), attrgetter("statement", "number")
    yield from reconcile_payouts(
        sorted(books.intents, key=attrgetter("payout")),
        sorted(books.ledger, key=attrgetter("payout")),
        sorted(books.provider, key=lambda row: row.payout or ""),
        horizon,
    )
    yield from reconcile_lines(sorted(books.lines, key=by_line), sorted(books.links, key=by_line), horizon)


def _peer(books: Books) -> Iterator[tuple[str, BreakKind]]:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE ledger (payout TEXT, currency TEXT, micros INTEGER)")
    database.execute("CREATE TABLE provider (payout TEXT, currency TEXT, micros INTEGER)")
    database.execute("CREATE TABLE line (statement TEXT, number INTEGER, due INTEGER)")
    database.execute("CREATE TABLE link (statement TEXT, number INTEGER, payout TEXT, live INTEGER)")
    signs = {"sent": 1, "reversed": -1}
    ours = ((r.payout, r.currency, r.micros * signs[r.step]) for r in books.ledger if r.step in signs)
    theirs = ((r.payout or r.id, r.currency, r.micros * signs[r.step]) for r in books.provider if r.step in signs)
    database.executemany("INSERT INTO ledger VALUES (?, ?, ?)", ours)
    database.executemany("INSERT INTO provider VALUES (?, ?, ?)", theirs)
    lines = ((r.statement, r.number, r.due_at is not None) for r in books.lines)
    database.executemany("INSERT INTO line VALUES (?, ?, ?)", lines)
    database.executemany(
        "INSERT INTO link VALUES (?, ?, ?, ?)", ((r.statement, r.number, r.payout, r.live) for r in books.links)
    )
    for side in ("ledger", "provider"):
        database.executescript(_SUMS.format(side=side))
    database.execute("CREATE INDEX link_line ON link (statement, number)")
    for payout, our_currency, their_currency, our_micros, their_micros in database.execute(_OUTER_JOIN):
        yield payout, _kind(our_currency, their_currency, our_micros, their_micros)
    for line, count in database.execute(_UNSETTLED):
        yield line, BreakKind.STATEMENT_SETTLED_TWICE if count else BreakKind.STATEMENT_UNSETTLED
    database.close()


def _kind(ours: str | None, theirs: str | None, our_micros: int, their_micros: int) -> BreakKind:
    if theirs is None:
        return BreakKind.MISSING_AT_PROVIDER
    if ours is None:
        return BreakKind.MISSING_IN_LEDGER
    if ours != theirs:
        return BreakKind.CURRENCY_DIFFERS
    return BreakKind.DUPLICATE_AT_PROVIDER if their_micros == 2 * our_micros else BreakKind.AMOUNT_DIFFERS


if __name__ == "__main__":
    main()
