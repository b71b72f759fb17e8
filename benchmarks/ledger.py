"""Books: how fast they are written to, beside the usual way in the same run, and what a balance of the past costs.

On a real PostgreSQL with fsync on, and on SQLite. A transaction is made from plain values, digested, logged, checked by
the database and committed within what is timed. The peers' transfers are in plain SQL: see `benchmarks.ledger_peers`.
``--sizes`` are those of the books that are posted to and asked; the first and the last are compared.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from benchmarks import ledger_books
from benchmarks.ledger_books import END, PARTIES, START, party
from benchmarks.ledger_peers import Peer, Transfer
from benchmarks.ledger_statements import fresh, postgresql
from benchmarks.shared import show
from provenance.adapters.sql import SqlDatabase
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Entry, Transaction
from provenance.services.group_commit import GroupCommit
from provenance.sources.party import Party

BATCH = 1_000
ROUNDS = 5
ONE_BY_ONE = 400
BATCHES_A_ROUND = 6
POSTERS = 2
WRITERS, ACCOUNTS, POSTS_A_WRITER = 32, 10, 100
REQUESTS, TIMES = 10_000, 5
ASKED = 200
PARTS = ("rates", "growth", "writers", "requests", "sqlite", "statements")

AT = END + timedelta(days=1)
POOL = Account(kind=AccountKind.UNATTRIBUTED_POOL, currency="USD")
REVENUE = Account(kind=AccountKind.GENERATION_REVENUE, currency="USD")
SERVICE = Account(kind=AccountKind.SERVICE_RECEIVABLE, party="service", currency="USD")
PAYABLE = [Account(kind=AccountKind.PARTY_PAYABLE, party=party(n), currency="USD") for n in range(PARTIES)]
_numbers = count(1)


def hot(number: int) -> Transaction:
    """A transfer into the one pool."""
    return _transaction(number, ((POOL, -5), (SERVICE, 5)))


def cold(number: int) -> Transaction:
    """A transfer between two of a thousand accounts."""
    one, other = number % PARTIES, (number * 7 + 1 + number // PARTIES) % PARTIES
    return _transaction(number, ((PAYABLE[one], -5), (PAYABLE[other if other != one else one - 1], 5)))


def accrual(number: int) -> Transaction:
    """Four entries, one of them in the pool."""
    return _transaction(number, ((POOL, -1), (SERVICE, 10), (REVENUE, -6), (PAYABLE[number % PARTIES], -3)))


def _transaction(number: int, legs: Sequence[tuple[Account, int]]) -> Transaction:
    return Transaction(
        business_key=f"accrual:gen_{number * 0x9E3779B97F4A7C15 % 2**64:024x}",
        cause="accrual",
        entries=tuple(Entry(account=a, micros=m) for a, m in legs),
        effective_at=AT,
    )


def entries_per_s(database: SqlDatabase, made: Callable[[int], Transaction], batches: int) -> float:
    """Two threads make and post so many batches, each in a database transaction of its own."""
    group = GroupCommit(database, lambda: AT, entries_between_checkpoints=10**9)

    def post(_: int) -> int:
        transactions = [made(next(_numbers)) for _ in range(BATCH)]
        group.post(*transactions)
        return sum(len(t.entries) for t in transactions)

    started = time.perf_counter()
    with ThreadPoolExecutor(POSTERS) as threads:
        entries = sum(threads.map(post, range(batches)))
    return entries / (time.perf_counter() - started)


def rates(server: Any, rounds: int) -> dict[str, float]:
    """Ours and the two peers', in turns; medians of the rounds."""
    url = fresh(server, "rates")
    database = _with_parties(url)
    peer = Peer(fresh(server, "peer"), [a.id for a in (POOL, SERVICE)])
    found: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        transfers = [
            Transfer(key=f"k{next(_numbers)}", debit=SERVICE.id, credit=POOL.id, micros=5)
            for _ in range(ONE_BY_ONE + BATCH * BATCHES_A_ROUND)
        ]
        one, many = transfers[:ONE_BY_ONE], transfers[ONE_BY_ONE:]
        measured = {
            "entries_per_s_hot": entries_per_s(database, hot, BATCHES_A_ROUND),
            "server_batch_entries_per_s": 2 * len(many) / peer.in_batches(many, AT, size=BATCH),
            "row_lock_entries_per_s": 2 * len(one) / peer.one_by_one(one, AT),
            "entries_per_s_cold": entries_per_s(database, cold, BATCHES_A_ROUND),
            "entries_per_s_accruals_of_four": entries_per_s(database, accrual, BATCHES_A_ROUND),
        }
        for name, value in measured.items():
            found.setdefault(name, []).extend([value] if number else [])  # the first round warms up
    database.dispose()
    peer.close()
    figures = {name: median(values) for name, values in found.items()}
    return figures | {
        "ratio_to_row_lock": _ratio(found, "entries_per_s_hot", "row_lock_entries_per_s"),
        "ratio_to_server_batch": _ratio(found, "entries_per_s_hot", "server_batch_entries_per_s"),
        "hot_to_cold": _ratio(found, "entries_per_s_hot", "entries_per_s_cold"),
    }


def _ratio(found: dict[str, list[float]], one: str, other: str) -> float:
    """The median of the rounds' ratios: what else the machine does falls on both sides of each."""
    return median(a / b for a, b in zip(found[one], found[other], strict=True))


def growth(server: Any, sizes: Sequence[int], rounds: int) -> dict[str, Any]:
    """What an accrual costs in books of several sizes, in turns; what a balance of the past costs in the largest."""
    opened = {}
    for size in sizes:
        url = fresh(server, f"books_{size}")
        ledger_books.make(url, size)
        opened[size] = SqlDatabase(url)
    costs: dict[int, list[float]] = {size: [] for size in sizes}
    for number in range(rounds + 1):
        for size, database in opened.items():
            cost = 1e6 / entries_per_s(database, accrual, BATCHES_A_ROUND)
            costs[size].extend([cost] if number else [])
    ratio = median(a / b for a, b in zip(costs[sizes[-1]], costs[sizes[0]], strict=True))
    figures: dict[str, Any] = {
        "micros_an_entry": {str(size): median(values) for size, values in costs.items()},
        "cost_ratio_largest_to_smallest": ratio,
        "cost_ratio_10m_to_10k": ratio if (sizes[0], sizes[-1]) == (10_000, 10_000_000) else None,
        **as_known(opened[sizes[-1]], sizes[-1]),
    }
    for database in opened.values():
        database.dispose()
    return figures


def as_known(database: SqlDatabase, size: int) -> dict[str, Any]:
    """Ask for the hot pool's balance, effective at some times and known at others; and for the balance of today."""
    random = Random(3)
    took, today = [], []
    for _ in range(ASKED):
        known = START + (END - START) * random.random()
        effective = known - timedelta(days=random.choice((0, 1, 30, 300)))
        started = time.perf_counter()
        with database.begin() as work:
            work.books.balance_as_known(POOL, effective=effective, known=known)
        took.append((time.perf_counter() - started) * 1e3)
        started = time.perf_counter()
        with database.begin() as work:
            work.books.balance(POOL)
        today.append((time.perf_counter() - started) * 1e3)
    with database.begin() as work:
        started = time.perf_counter()
        work.books.balances_as_known(effective=START + (END - START) / 2, known=END - (END - START) / 4)
        whole = (time.perf_counter() - started) * 1e3
    return {
        "as_known_at_ms": sorted(took)[int(len(took) * 0.95)],
        "as_known_at_p50_ms": median(took),
        "as_known_at_of_entries": size,
        "balance_today_p50_ms": median(today),
        "trial_balance_as_known_ms": whole,
    }


def writers(server: Any) -> dict[str, float]:
    """Threads that post transfers between ten accounts, one at a time each, and wait for each."""
    database = _with_parties(fresh(server, "writers"))
    group = GroupCommit(database, lambda: AT)
    errors: list[Exception] = []

    def write(number: int) -> list[float]:
        random, took = Random(number), []
        for _ in range(POSTS_A_WRITER):
            one, other = random.sample(range(ACCOUNTS), 2)
            transaction = _transaction(next(_numbers), ((PAYABLE[one], -5), (PAYABLE[other], 5)))
            started = time.perf_counter()
            try:
                group.post(transaction)
            except Exception as error:  # noqa: BLE001  they are counted
                errors.append(error)
            took.append((time.perf_counter() - started) * 1e3)
        return took

    group.post(_transaction(next(_numbers), [(a, -9 if n else 9 * (ACCOUNTS - 1)) for n, a in enumerate(PAYABLE[:10])]))
    started = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as threads:
        took = sorted(t for times in threads.map(write, range(WRITERS)) for t in times)
    seconds = time.perf_counter() - started
    with database.begin() as work:
        lost = WRITERS * POSTS_A_WRITER + 1 - len(_all(work.books))
    database.dispose()
    return {
        "writers_p99_ms": took[int(len(took) * 0.99)],
        "writers_p50_ms": median(took),
        "writers_errors": len(errors) + lost,
        "writers_transactions_per_s": len(took) / seconds,
    }


def _all(books: Any) -> list[str]:
    found: list[str] = []
    after: int | None = 0
    while after is not None:
        page = books.page(after=after, limit=1_000)
        found += [r.fact.business_key for r in page.items]
        after = page.next_after
    return found


def requests(server: Any, number: int) -> dict[str, int]:
    """Each request is sent five times at once; how many effects there were."""
    database = _with_parties(fresh(server, "requests"))
    group = GroupCommit(database, lambda: AT)
    with database.begin() as work:
        before = work.log.size()
    with ThreadPoolExecutor(WRITERS) as threads:
        list(
            threads.map(
                lambda n: group.post(_transaction(n // TIMES, ((POOL, -5), (SERVICE, 5)))), range(number * TIMES)
            )
        )
    with database.begin() as work:
        effects, micros = work.log.size() - before, -work.books.balance(POOL)
    database.dispose()
    assert micros == effects * 5, "the balance is that of the effects"
    return {"requests": number, "requests_sent": number * TIMES, "effects": effects}


def sqlite(rounds: int) -> dict[str, float]:
    """The same accruals into SQLite, which has its own durable log."""
    with _folder() as folder:
        url = f"sqlite:///{folder}/books.db"
        made = SqlDatabase(url)
        made.migrate()
        made.dispose()
        database = _with_parties(url)
        found = [entries_per_s(database, hot, BATCHES_A_ROUND) for _ in range(rounds + 1)][1:]
        four = [entries_per_s(database, accrual, BATCHES_A_ROUND) for _ in range(rounds)]
        database.dispose()
    return {"sqlite_entries_per_s": median(found), "sqlite_entries_per_s_accruals_of_four": median(four)}


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="provenance-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _with_parties(url: str, at: datetime = START) -> SqlDatabase:
    database = SqlDatabase(url, lock_wait_seconds_max=30)
    with database.begin(write=True) as work:
        for name in ("service", *(party(n) for n in range(PARTIES))):
            work.parties.add(Party(id=name, name=name), at)
        work.commit()
    return database


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked.add_argument("--sizes", default="10000,1000000", help="entries of the books that are posted to and asked")
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--requests", type=int, default=REQUESTS, help=f"each sent {TIMES} times at once")
    asked.add_argument("--parts", default=",".join(PARTS), help="some of them, with commas between")
    options = asked.parse_args(argv)
    parts = options.parts.split(",")
    figures: dict[str, Any] = {}
    if "sqlite" in parts:
        figures |= sqlite(options.rounds)
    with postgresql() as server:
        if "rates" in parts:
            figures |= rates(server, options.rounds)
        if "writers" in parts:
            figures |= writers(server)
        if "requests" in parts:
            figures |= requests(server, options.requests)
        if "growth" in parts:
            figures |= growth(server, [int(size) for size in options.sizes.split(",")], options.rounds)
    if "statements" in parts and find_spec("benchmarks.ledger_statements"):
        from benchmarks.ledger_statements import measured

        figures |= measured()
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        show("Books", ["figure"], {name: [value] for name, value in figures.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
