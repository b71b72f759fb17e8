"""The log: how fast it takes facts in, how soon they are under a signed root, what sealing costs the books, proofs.

On a real PostgreSQL with fsync on, and real files with fsync. Two threads post batches of a thousand, as
`benchmarks.ledger` does; sealing runs beside them as `provenance serve` runs it, in the same process.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ledger import accrual, entries_per_s
from benchmarks.ledger_books import PARTIES, START, party
from benchmarks.ledger_statements import fresh, postgresql
from benchmarks.log_bundle import bundle
from benchmarks.log_mutations import mutations
from benchmarks.log_proofs import proofs
from benchmarks.shared import show
from provenance.adapters.ed25519 import KeyFile
from provenance.adapters.log_folder import LogFolder
from provenance.adapters.sql import SqlDatabase
from provenance.api.sealer import Sealer
from provenance.cli.log_files import pause
from provenance.services.log_stores import SealedCheckpoint
from provenance.services.seal import Sequencer
from provenance.sources.party import Party
from provenance.transparency.note import ED25519

ROUNDS = 5
BATCH = 1_000
APPEND_BATCHES = 30
COST_BATCHES = 16
# What a busy installation records: paced, so that it is the sealing that is measured and not a queue.
PACED_A_SECOND, PACED_BATCH, PACED_SECONDS = 2_000, 50, 15
PARTS = ("appends", "integrate", "cost", "proofs", "verify", "mutations")
_numbers = count(1)


def sequencer(database: SqlDatabase, folder: Path) -> Sequencer:
    """What seals the log of a folder."""
    tiles = LogFolder(folder / "log", folder / "lock")
    return Sequencer(
        database=database, tiles=tiles, signer=KeyFile.read(folder / "key"), clock=lambda: datetime.now(UTC)
    )


def follow(url: str, folder: Path) -> None:
    """Seal until the process is ended."""
    sequencer(SqlDatabase(url, lock_wait_seconds_max=30), folder).follow(pause)


class Log:
    """A database with a log over it, sealed in the background where it is asked to be."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database = SqlDatabase(url, lock_wait_seconds_max=30)
        self.sealed: list[tuple[float, int]] = []
        KeyFile.create(folder / "key", "example.org/bench", ED25519)
        self._url, self._folder = url, folder
        self._sequencer = sequencer(self.database, folder)
        with self.database.begin(write=True) as work:
            for name in ("service", *(party(n) for n in range(PARTIES))):
                work.parties.add(Party(id=name, name=name), START)
            work.commit()

    def seal(self) -> SealedCheckpoint | None:
        """As `System.seal`; when it was done is noted."""
        with self.database.begin() as work:
            size, last = work.log.size(), work.log.last_checkpoint()
        if size == (last.size if last else 0):
            return last
        sealed = self._sequencer.integrate()
        if sealed is not None:
            self.sealed.append((time.perf_counter(), sealed.size))
        return sealed

    @contextmanager
    def sealing(self) -> Iterator[None]:
        """Sealed as `provenance serve` does it, until the block ends."""
        sealer = Sealer(self)  # type: ignore[arg-type]  # what it answers is looked at by nobody
        sealer.start()
        try:
            yield
        finally:
            sealer.stop()

    @contextmanager
    def sealing_apart(self) -> Iterator[None]:
        """Sealed by a process of its own, as `provenance log integrate --follow` does, until the block ends."""
        there = multiprocessing.get_context("spawn").Process(target=follow, args=(self._url, self._folder))
        there.start()
        try:
            last = self.append(1)
            while self._sealed_size() < last:
                time.sleep(0.05)  # it is starting
            yield
        finally:
            there.terminate()
            there.join()

    def _sealed_size(self) -> int:
        with self.database.begin() as work:
            last = work.log.last_checkpoint()
        return last.size if last else 0

    def append(self, number: int) -> int:
        """So many leaves in one durable transaction; the number of the last."""
        with self.database.begin(write=True) as work:
            leaves = [(f"txn_{next(_numbers):024x}", "0" * 64) for _ in range(number)]
            first = work.log._session.record_many("transaction", leaves)  # type: ignore[attr-defined]  # noqa: SLF001
            work.commit()
        return int(first) + number - 1

    def close(self) -> None:
        """Close the connections."""
        self.database.dispose()


def appends(log: Log) -> dict[str, float]:
    """Leaves alone, as they are appended beside facts: batches of a thousand, each on disk before the next."""
    log.append(BATCH)
    started = time.perf_counter()
    for _ in range(APPEND_BATCHES):
        log.append(BATCH)
    alone = APPEND_BATCHES * BATCH / (time.perf_counter() - started)
    with log.sealing():
        started = time.perf_counter()
        for _ in range(APPEND_BATCHES):
            log.append(BATCH)
        beside = APPEND_BATCHES * BATCH / (time.perf_counter() - started)
    log.seal()
    return {"appends_per_s": beside, "appends_per_s_unsealed": alone}


def integrate(log: Log, seconds: int) -> dict[str, float]:
    """From the commit of a fact to the published checkpoint above it, while facts keep coming."""
    log.seal()
    log.sealed.clear()
    appended: list[tuple[float, int]] = []
    with log.sealing():
        started = time.perf_counter()
        for number in range(seconds * PACED_A_SECOND // PACED_BATCH):
            last = log.append(PACED_BATCH)
            appended.append((time.perf_counter(), last))
            time.sleep(max(0.0, started + (number + 1) * PACED_BATCH / PACED_A_SECOND - time.perf_counter()))
    log.seal()
    waits, checkpoints = [], iter(log.sealed)
    at, size = next(checkpoints)
    for committed, last in appended:
        while size < last:
            at, size = next(checkpoints)
        waits.append((at - committed) * 1e3)
    waits.sort()
    p95, p50 = waits[int(len(waits) * 0.95)], median(waits)
    return {"integrate_p95_ms": p95, "integrate_p50_ms": p50, "integrate_max_ms": waits[-1]}


def cost(log: Log, rounds: int) -> dict[str, float]:
    """What part of its throughput the ledger loses to sealing, by a process of its own or within the one that posts.

    Accruals of four entries, in turns; medians. Beside it the computing that sealing takes, by that of posting.
    """
    found: dict[str, list[float]] = {"apart": [], "within": [], "plain": [], "work": []}
    for number in range(rounds + 1):
        started = time.process_time()
        plain = entries_per_s(log.database, accrual, COST_BATCHES)
        posted = time.process_time()
        log.seal()
        work = (time.process_time() - posted) / (posted - started)
        with log.sealing():
            within = 1 - entries_per_s(log.database, accrual, COST_BATCHES) / plain
        log.seal()
        with log.sealing_apart():
            apart = 1 - entries_per_s(log.database, accrual, COST_BATCHES) / plain
        if number:  # the first round warms up
            for values, value in zip(found.values(), (apart, within, plain, work), strict=True):
                values.append(value)
    return {
        "ledger_cost_ratio": median(found["apart"]),
        "ledger_cost_ratio_one_process": median(found["within"]),
        "ledger_cost_cpu_ratio": median(found["work"]),
        "ledger_entries_per_s_unsealed": median(found["plain"]),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--seconds", type=int, default=PACED_SECONDS, help="how long facts keep coming")
    asked.add_argument("--leaves", type=int, default=10_000_000, help="of the log that proofs are made from")
    asked.add_argument("--mutations", type=int, default=10_000, help="of a copied database, one after the other")
    asked.add_argument("--parts", default=",".join(PARTS), help="some of them, with commas between")
    options = asked.parse_args(argv)
    parts = options.parts.split(",")
    figures: dict[str, Any] = {}
    measured: dict[str, Callable[[Log], dict[str, float]]] = {
        "appends": appends,
        "integrate": lambda log: integrate(log, options.seconds),
        "cost": lambda log: cost(log, options.rounds),
    }
    if wanted := [part for part in measured if part in parts]:
        with postgresql() as server:
            for part in wanted:
                with TemporaryDirectory(prefix="provenance-bench-") as folder:
                    log = Log(fresh(server, part), Path(folder))
                    figures |= measured[part](log)
                    log.close()
    if "proofs" in parts:
        figures |= proofs(options.leaves)
    if "verify" in parts:
        figures |= bundle()
    if "mutations" in parts:
        figures |= mutations(options.mutations)
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        show("The log", ["figure"], {name: [value] for name, value in figures.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
