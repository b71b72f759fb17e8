"""An index that lives: are answers right while processes and threads register, replace and search at once.

What was registered over a second ago must be found in every process, and what was replaced or withdrawn over a second
ago must not be. Real processes, the real encoder, the real services; texts are made up.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import structlog

from benchmarks.shared import show
from provenance.api.publisher import Publisher
from provenance.bootstrap import System
from provenance.fingerprints.exact import Hashes
from provenance.fingerprints.sampling import sampled_kgrams
from provenance.fingerprints.vector import Vectors
from provenance.fingerprints.words import fold_words
from provenance.services.ingest import ingest
from provenance.services.ports import SourceIndex
from provenance.services.publish import current_digest
from provenance.services.withdraw import withdraw
from provenance.settings import Settings
from provenance.sources.document import Document
from provenance.sources.party import Party

VISIBLE_SECONDS_MAX = 1.0
REPLACED_EVERY, WITHDRAWN_EVERY = 4, 5  # writes: of so many, one replaces a text, and one is followed by a withdrawal
WRITE_PAUSE_SECONDS, READ_PAUSE_SECONDS, WATCH_PAUSE_SECONDS = 1.0, 0.5, 0.02
READ_EVENTS = 3  # looked for at a time
SAMPLES = 20
SYLLABLES = "bar dun fel gor hul kem lor mip nor pal quo rin sol tam ver wex yor zed".split()
PARTY = Party(id="press", name="Press")


@dataclass(frozen=True, slots=True)
class Event:
    """A text that was registered at some moment, and perhaps gone at another (seconds of the system's one clock)."""

    work: str
    revision: str
    hashes: Hashes
    vectors: Vectors
    added: float
    gone: float | None = None


@dataclass
class Tally:
    """What one process saw."""

    added: int = 0
    replaced: int = 0
    withdrawn: int = 0
    answers: int = 0
    wrong: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    visible_ms: list[float] = field(default_factory=list)
    gone_ms: list[float] = field(default_factory=list)


class Worker:
    """One process: a publisher, as the API has one, and threads that write, read and watch."""

    def __init__(self, system: System, number: int, events: Any, end: float) -> None:
        self.system, self.number, self.events, self.end = system, number, events, end
        self.publisher = Publisher(system)
        self.tally, self.known = Tally(), dict[str, Event]()
        self._lock = threading.Lock()

    def run(self, threads: int) -> Tally:
        """Run all jobs to the end."""
        writers = max(1, threads // 3)
        jobs: list[Callable[[int], None]] = [self.write] * writers + [self.read] * (threads - writers) + [self.watch]
        self.publisher.start()
        started = [threading.Thread(target=self._guarded, args=(job, n)) for n, job in enumerate(jobs)]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()
        self.publisher.stop()
        self.system.close()
        return self.tally

    def _guarded(self, job: Callable[[int], None], number: int) -> None:
        while time.monotonic() < self.end:
            try:
                job(number)
            except Exception as error:  # noqa: BLE001  each one is counted
                self.tally.errors.append(f"{job.__name__}: {type(error).__name__}: {error}"[:300])

    def write(self, number: int) -> None:
        """Register texts; now and then another one in the place of an earlier one, or withdraw one."""
        drawn = random.Random(f"{self.number} {number} {time.monotonic()}")
        mine: list[tuple[str, Event]] = []
        for count in range(10**9):
            if time.monotonic() >= self.end - 2 * VISIBLE_SECONDS_MAX:
                return
            replaces = mine.pop(drawn.randrange(len(mine))) if count % REPLACED_EVERY == REPLACED_EVERY - 1 else None
            source = replaces[0] if replaces else f"{self.number}-{number}-{count}"
            made = self._registered(source, made_up(drawn))
            if replaces:
                self.events.append(replace(replaces[1], gone=made.added))
                self.tally.replaced += 1
            self.events.append(made)
            self.tally.added += 1
            mine.append((source, made))
            if count % WITHDRAWN_EVERY == WITHDRAWN_EVERY - 1:
                self._withdraw(mine.pop(drawn.randrange(len(mine)))[1])
            time.sleep(drawn.uniform(0, 2 * WRITE_PAUSE_SECONDS))

    def _withdraw(self, event: Event) -> None:
        system = self.system
        withdraw(system.database, event.work, by=None, reason="", at=system.clock())
        self.events.append(replace(event, gone=time.monotonic()))
        self.publisher.request()
        self.tally.withdrawn += 1

    def _registered(self, source: str, text: str) -> Event:
        system = self.system
        (done,) = ingest([document(source, text)], PARTY, system.database, system.encoder, system.clock)
        at = time.monotonic()
        self.publisher.request()
        if done.error:
            raise done.error
        with system.database.begin() as work:
            revision = work.works.latest(done.work or "")
            assert revision is not None, "it was registered"
            found = work.works.indexed_revision(revision.id, system.encoder.identity.name)
        assert found is not None, "it has vectors"
        return Event(revision.work, revision.id, sampled_kgrams(fold_words(text).folded)[1], found.vectors, at)

    def read(self, number: int) -> None:
        """Look for texts that some process registered, and check what is found."""
        drawn = random.Random(f"{number} {time.monotonic()}")
        while time.monotonic() < self.end:
            time.sleep(drawn.uniform(0, 2 * READ_PAUSE_SECONDS))
            with self._lock:
                some = drawn.sample(list(self.known.values()), min(READ_EVENTS, len(self.known)))
            if some:
                self._check(some, self.system.index(), time.monotonic())

    def _check(self, events: Sequence[Event], index: SourceIndex, asked: float) -> None:
        by_words = shared(events, index)
        near = {int(o) for o in index.nearest(np.concatenate([e.vectors for e in events]), 4).ravel() if o >= 0}
        by_vectors = set(index.revisions(near).values())
        for event in events:
            with self._lock:
                gone = self.known[event.revision].gone
            self.tally.answers += 1
            told = [event.revision in some for some in (by_words, by_vectors)]
            if gone is None and asked - event.added > VISIBLE_SECONDS_MAX and not all(told):
                self.tally.wrong.append(f"not found {asked - event.added:.2f} s after it was registered")
            if event.gone is not None and asked - event.gone > VISIBLE_SECONDS_MAX and any(told):
                self.tally.wrong.append(f"found {asked - event.gone:.2f} s after it was replaced or withdrawn")

    def watch(self, _: int) -> None:
        """Learn what others did, and when it is seen in this process."""
        seen, digest = 0, ""
        waiting: dict[str, Event] = {}
        while time.monotonic() < self.end:
            time.sleep(WATCH_PAUSE_SECONDS)
            new = self.events[seen:]
            seen += len(new)
            for event in new:
                waiting[event.revision] = event
                with self._lock:
                    self.known[event.revision] = event
            index = self.system.index()
            if waiting and (new or index.published.digest != digest):
                digest = index.published.digest
                there = shared(list(waiting.values()), index)
                waiting = {n: event for n, event in waiting.items() if not self._seen(event, there)}

    def _seen(self, event: Event, there: Set[str]) -> bool:
        if (event.revision in there) == (event.gone is not None):
            return False
        since, told = (event.added, self.tally.visible_ms) if event.gone is None else (event.gone, self.tally.gone_ms)
        told.append(1000 * (time.monotonic() - since))
        return True


def shared(events: Sequence[Event], index: SourceIndex) -> Set[str]:
    """The revisions in which the index finds words of these."""
    found = index.sharing(np.concatenate([e.hashes[:4] for e in events]))
    return set(index.revisions({o for some in found for o in some}).values())


def made_up(drawn: random.Random) -> str:
    """A few sentences that no other text has, of words that all have."""
    sentences = []
    for _ in range(drawn.randint(2, 6)):
        words = ["".join(drawn.choices(SYLLABLES, k=drawn.randint(1, 3))) for _ in range(drawn.randint(8, 14))]
        sentences.append(" ".join(words).capitalize() + ".")
    return " ".join(sentences)


def work(settings: Settings, number: int, threads: int, events: Any, ready: Any, minutes: float, results: Any) -> None:
    """A process's life: the time begins once every process has registered, published and found a text of its own."""
    log_to_stderr()
    system = System(settings)
    system.attributor()
    first_text(system, f"first-{number}")
    system.attributor().attribute("What is asked first loads what is left to load.")
    ready.wait()
    results.append(Worker(system, number, events, time.monotonic() + 60 * minutes).run(threads))


def first_text(system: System, source: str) -> None:
    """Register a text and publish it, one process after the other."""
    text = f"The first text of all that come from {source}."
    list(ingest([document(source, text)], PARTY, system.database, system.encoder, system.clock))
    Publisher(system).publish_now()


def document(source: str, text: str) -> Document:
    """A text of a source that names itself."""
    return Document(origin=source, source_id=source, title=source, author="", text=text)


def log_to_stderr() -> None:
    """Standard output is for the figures alone."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def measure(settings: Settings, *, minutes: float, processes: int, threads: int) -> dict[str, Any]:
    """Run all processes for so long, and put together what they saw."""
    system = System(settings)
    system.database.migrate()
    first_text(system, "first")
    context = get_context("spawn")
    with context.Manager() as manager:
        events, results, ready = manager.list(), manager.list(), manager.Barrier(processes)
        given = [(settings, n, threads, events, ready, minutes, results) for n in range(processes)]
        started = [context.Process(target=work, args=g) for g in given]
        for process in started:
            process.start()
        over_time = []
        while any(p.is_alive() for p in started):
            over_time.append(_disk(system))
            time.sleep(max(1.0, 60 * minutes / SAMPLES))
        crashed = sum(p.exitcode != 0 for p in started)
        return _figures(list(results), over_time, crashed)


def _disk(system: System) -> dict[str, int]:
    folder = system.settings.home / "snapshots"
    digest = current_digest(system.database, system.encoder.identity.name)
    shards = json.loads((folder / "manifests" / f"{digest}.json").read_text())["shards"]
    used = 0
    for path, _, names in os.walk(folder):  # passes over what is cleared away meanwhile
        for name in names:
            with suppress(OSError):
                used += (Path(path) / name).stat().st_size
    return {"shards": len(shards), "disk_bytes": used, "snapshots": len(list((folder / "manifests").iterdir()))}


def _figures(tallies: Sequence[Tally], over_time: Sequence[dict[str, int]], crashed: int) -> dict[str, Any]:
    visible = np.array([ms for t in tallies for ms in t.visible_ms] or [np.nan])
    gone = np.array([ms for t in tallies for ms in t.gone_ms] or [np.nan])
    return {
        "errors": crashed + sum(len(t.errors) for t in tallies),
        "wrong": sum(len(t.wrong) for t in tallies),
        "visible_p50_ms": float(np.percentile(visible, 50)),
        "visible_p99_ms": float(np.percentile(visible, 99)),
        "visible_max_ms": float(visible.max()),
        "gone_p99_ms": float(np.percentile(gone, 99)),
        "added": sum(t.added for t in tallies),
        "replaced": sum(t.replaced for t in tallies),
        "withdrawn": sum(t.withdrawn for t in tallies),
        "answers": sum(t.answers for t in tallies),
        "shards_max": max(o["shards"] for o in over_time),
        "first_errors": [e for t in tallies for e in t.errors][:5],
        "first_wrong": [w for t in tallies for w in t.wrong][:5],
        "over_time": list(over_time),
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print; exits with 1 where an answer was wrong or something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--threads", type=int, default=8, help="in each process")
    parser.add_argument("--retention-seconds", type=float, default=60.0)
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite if left out")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args(argv)
    log_to_stderr()
    with TemporaryDirectory(prefix="provenance-living-") as home:
        settings = Settings(
            home=Path(home),
            database_url=given.database_url,
            index_retention_seconds=given.retention_seconds,
            encoder_threads=1,  # the processes share the cores
        )
        found = measure(settings, minutes=given.minutes, processes=given.processes, threads=given.threads)
    if given.json:
        print(json.dumps(found))
    else:
        rows = {name: [value] for name, value in found.items() if isinstance(value, int | float)}
        show("An index that lives", [f"{given.minutes:g} minutes"], rows)
        print(*found["first_errors"], *found["first_wrong"], sep="\n")
    if found["errors"] or found["wrong"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
