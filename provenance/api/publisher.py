"""The publisher: one thread that brings the index up to date after works were registered.

Requests that come in a burst, or while an index is built, are answered by one more build. It is the database that says
what is missing from the index, so a request that is lost with its process is made up for at the next start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import structlog

from provenance.kernel.errors import AlreadyRunning, ProvenanceError, Unavailable
from provenance.services.publish import Publication

SETTLE_SECONDS = 0.3
WAITS_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
SYNCHRONOUS_WAIT_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 30.0

_log = structlog.get_logger("provenance.api.publisher")


class Publishing(Protocol):
    """What the publisher needs of the installation."""

    def publish(self) -> Publication:
        """Publish a snapshot of all that is registered."""

    def writing(self) -> AbstractContextManager[None]:
        """Be the one that writes the index. Raises `AlreadyRunning`."""


class Publisher:
    """Publishes in the background when asked to, and at once for a caller that waits; never both at a time."""

    def __init__(
        self,
        system: Publishing,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        waits_seconds: tuple[float, ...] = WAITS_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._system = system
        self._settle_seconds, self._waits_seconds, self._monotonic = settle_seconds, waits_seconds, monotonic
        self._asked, self._stopping = threading.Event(), threading.Event()
        self._publishing = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        assert self._thread is None, "a publisher is started once"
        # A daemon, so that a build that hangs can't keep the process alive: a build that is cut off harms nothing.
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def request(self) -> None:
        """Ask for an index that holds all that is registered by now. Returns at once."""
        self._asked.set()

    def stop(self) -> None:
        """Stop after the build at hand; waits for it, but not for ever."""
        self._stopping.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS_MAX)

    def publish_now(self) -> Publication:
        """Publish in the caller's thread, after a build that is running in this process.

        Raises:
            AlreadyRunning: the index is being built, here or in another process, for longer than we wait.
            Unavailable: and its kinds.
        """
        deadline = self._monotonic() + SYNCHRONOUS_WAIT_SECONDS_MAX
        if not self._publishing.acquire(timeout=SYNCHRONOUS_WAIT_SECONDS_MAX):
            raise AlreadyRunning("The index is being built.", mend="Wait until that has ended.")
        try:
            while True:
                try:
                    with self._system.writing():
                        return self._system.publish()
                except AlreadyRunning:
                    if self._monotonic() >= deadline or self._stopping.wait(self._waits_seconds[0]):
                        raise
        finally:
            self._publishing.release()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            # Works that come in one after the other settle first, and are indexed together.
            if self._stopping.wait(self._settle_seconds):
                return
            self._asked.clear()
            self._publish_patiently()

    def _publish_patiently(self) -> None:
        """Publish, trying again for a bounded time where another process writes or the machine lacks something."""
        for wait_seconds in (*self._waits_seconds, None):
            try:
                with self._publishing, self._system.writing():
                    publication = self._system.publish()
            except (AlreadyRunning, Unavailable) as error:
                _log.warning("not_published", code=error.code, retry_seconds=wait_seconds)
                if wait_seconds is None or self._stopping.wait(wait_seconds):
                    return
            except ProvenanceError as error:
                _log.error("not_published", code=error.code)
                return
            except Exception as error:  # noqa: BLE001  a bug must not end the thread: the next work asks again
                _log.error("not_published", error=type(error).__qualname__)
                return
            else:
                snapshot = publication.snapshot
                _log.info("published", snapshot=snapshot.digest, works=snapshot.works, built=publication.built)
                return
