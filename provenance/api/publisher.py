"""The publisher: brings the index up to date after works were registered or withdrawn, and tidies up behind.

Each of its tasks has a thread of its own, so that none waits for another: publishing, which is quick and comes first;
comparing what is new with what was there; merging small shards; merging large ones. Requests that come in a burst are
answered by one run. It is the database that says what is missing from the index, so a request that is lost with its
process is made up for at the next start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import structlog

from provenance.kernel.errors import AlreadyRunning, ProvenanceError, Unavailable
from provenance.services.compare import Comparison
from provenance.services.publish import Publication

SETTLE_SECONDS = 0.05
# Another process holds the lock for a publication, which is short, or for as long as it registers files.
BUSY_SECONDS = 0.03
BUSY_SECONDS_MAX = 60.0
WAITS_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
STOP_SECONDS_MAX = 30.0
# Merges up to this size take a moment, and don't wait for larger ones.
SMALL_SEGMENTS_MAX = 4_096
MERGES_MAX = 100

_log = structlog.get_logger("provenance.api.publisher")

T = TypeVar("T")


class Publishing(Protocol):
    """What the publisher needs of the installation."""

    def is_current(self) -> bool:
        """Whether the index holds all that is registered."""

    def publish(self) -> Publication:
        """Publish a snapshot of all that is registered; `writing` is held."""

    def compare(self) -> Comparison:
        """Compare what is new. Raises `AlreadyRunning` where another process does."""

    def merge(self, *, segments_max: int | None = None) -> bool:
        """Do one merge of shards that is due; whether there was one. `writing` isn't held."""

    def writing(self) -> AbstractContextManager[None]:
        """Be the one that writes the index. Raises `AlreadyRunning`."""


class Publisher:
    """Publishes in the background when asked to, and at once for a caller that waits; never both at a time."""

    def __init__(
        self,
        system: Publishing,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        busy_seconds: float = BUSY_SECONDS,
        waits_seconds: tuple[float, ...] = WAITS_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._system = system
        self._busy_seconds, self._monotonic = busy_seconds, monotonic
        self._stopping, self._publishing = threading.Event(), threading.Lock()
        stopping = self._stopping
        self._publish = _Task("publisher", self._publish_due, stopping, settle_seconds, waits_seconds)
        self._beside = (
            _Task("comparer", lambda: self._patiently(self._compare), stopping, settle_seconds, waits_seconds),
            _Task("small-merger", lambda: self._merge(SMALL_SEGMENTS_MAX), stopping, settle_seconds, waits_seconds),
            _Task("merger", lambda: self._merge(None), stopping, settle_seconds, waits_seconds),
        )

    def start(self) -> None:
        """Start the threads."""
        for task in (self._publish, *self._beside):
            task.start()

    def request(self) -> None:
        """Ask for an index that holds all that is registered by now. Returns at once."""
        self._publish.request()

    def stop(self) -> None:
        """Stop after the runs at hand; waits for them, but not for ever."""
        self._stopping.set()
        deadline = time.monotonic() + STOP_SECONDS_MAX
        for task in (self._publish, *self._beside):
            task.stop(max(0.0, deadline - time.monotonic()))

    def publish_now(self) -> Publication:
        """Publish in the caller's thread and compare what is new, after a run that is under way in this process.

        Raises:
            AlreadyRunning: the index is being built, here or in another process, for longer than we wait.
            Unavailable: and its kinds.
        """
        if not self._publishing.acquire(timeout=BUSY_SECONDS_MAX):
            raise AlreadyRunning("The index is being built.", mend="Wait until that has ended.")
        try:
            publication = self._patiently(self._publish_locked)
        finally:
            self._publishing.release()
        self._patiently(self._compare)
        self._tidy()
        return publication

    def _publish_due(self) -> None:
        """Publish where something is missing: another process may have taken it in already."""
        if self._system.is_current():
            return
        with self._publishing:
            publication = self._patiently(self._publish_locked)
        snapshot = publication.snapshot
        _log.info("published", snapshot=snapshot.digest, works=snapshot.works, built=publication.built)
        self._tidy()

    def _publish_locked(self) -> Publication:
        with self._system.writing():
            return self._system.publish()

    def _compare(self) -> None:
        self._system.compare()

    def _merge(self, segments_max: int | None) -> None:
        for _ in range(MERGES_MAX):
            if self._stopping.is_set() or not self._system.merge(segments_max=segments_max):
                return

    def _tidy(self) -> None:
        for task in self._beside:
            task.request()

    def _patiently(self, run: Callable[[], T]) -> T:
        """Run as soon as no other process does. Raises `AlreadyRunning` after a bounded time."""
        deadline = self._monotonic() + BUSY_SECONDS_MAX
        while True:
            try:
                return run()
            except AlreadyRunning:
                if self._monotonic() >= deadline or self._stopping.wait(self._busy_seconds):
                    raise


class _Task:
    """A thread that runs something when asked to, trying again for a bounded time where it can't be done now."""

    def __init__(
        self,
        name: str,
        run: Callable[[], None],
        stopping: threading.Event,
        settle_seconds: float,
        waits_seconds: tuple[float, ...],
    ) -> None:
        self._name, self._run, self._stopping = name, run, stopping
        self._settle_seconds, self._waits_seconds = settle_seconds, waits_seconds
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        assert self._thread is None, "a task is started once"
        # A daemon, so that a run that hangs can't keep the process alive: one that is cut off harms nothing.
        self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
        self._thread.start()

    def request(self) -> None:
        self._asked.set()

    def stop(self, wait_seconds: float) -> None:
        self._asked.set()
        if self._thread is not None:
            self._thread.join(wait_seconds)

    def _loop(self) -> None:
        while True:
            self._asked.wait()
            # Requests that come in one after the other settle first, and are answered together.
            if self._stopping.wait(self._settle_seconds):
                return
            self._asked.clear()
            self._run_patiently()

    def _run_patiently(self) -> None:
        for wait_seconds in (*self._waits_seconds, None):
            try:
                self._run()
                return
            except (AlreadyRunning, Unavailable) as error:
                _log.warning("not_done", task=self._name, code=error.code, retry_seconds=wait_seconds)
                if wait_seconds is None or self._stopping.wait(wait_seconds):
                    return
            except ProvenanceError as error:
                _log.error("not_done", task=self._name, code=error.code)
                return
            except Exception as error:  # noqa: BLE001  a bug must not end the thread: the next request asks again
                _log.error("not_done", task=self._name, error=type(error).__qualname__)
                return
