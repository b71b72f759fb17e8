"""Stages of a pipeline on threads: while a text is encoded, the next is read and prepared, and the one before recorded.

One thread a stage, so that the order stays. A stage that fails, or a consumer that stops, ends the others; nothing is
waited for without end.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# What waits between two stages, in characters; one item may be larger, and then nothing else waits.
AHEAD_SIZE_MAX = 2_000_000
# An item larger than this is acted on before the next one is made: two of them would fill the memory.
BESIDE_SIZE_MAX = 4_000_000
# How long a stage that was told to stop may take to finish the item at hand; past that it is left to die with us.
STOP_SECONDS_MAX = 5.0


class Threads:
    """Implements the port `Stages`."""

    def ahead(self, items: Iterable[T], size: Callable[[T], int]) -> Generator[T]:
        """The items, made on a thread of their own."""
        lane = _Lane(iter(items), size)
        try:
            yield from lane
        finally:
            lane.stop()

    def behind(self, items: Iterable[T], act: Callable[[T], R], size: Callable[[T], int]) -> Generator[R]:
        """What ``act`` answers on a thread of its own; the items are made on the caller's, where Ctrl-C arrives."""
        due: list[Future[R]] = []  # one at most
        with ThreadPoolExecutor(1, "behind") as executor:
            try:
                for item in items:
                    if due:
                        yield due.pop().result()
                    due.append(executor.submit(act, item))
                    if size(item) > BESIDE_SIZE_MAX:
                        yield due.pop().result()
            except GeneratorExit:
                raise
            except BaseException:
                if due:
                    yield due.pop().result()
                raise
            if due:
                yield due.pop().result()


class _Lane(Generic[T]):
    """Items on their way from the thread that makes them to the one that takes them."""

    def __init__(self, items: Iterator[T], size: Callable[[T], int]) -> None:
        self._items, self._size = items, size
        self._waiting: deque[tuple[T, int]] = deque()
        self._filled = 0
        self._ended = self._stopped = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        # A daemon: a program that was told to end doesn't wait for a book that is being read.
        self._thread = threading.Thread(target=self._make, name="ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    break
                item, size = self._waiting.popleft()
                self._filled -= size
                self._changed.notify_all()
            yield item
            del item
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Make no more items, and let go of those that wait."""
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._changed.notify_all()
        self._thread.join(STOP_SECONDS_MAX)

    def _make(self) -> None:
        try:
            while self._has_room():
                item = next(self._items)
                self._put(item, self._size(item))
                del item
        except StopIteration:
            pass
        except BaseException as error:  # noqa: BLE001  it is raised where the items are taken
            self._error = error
        close: Callable[[], Any] = getattr(self._items, "close", lambda: None)
        with suppress(Exception):
            close()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        """Wait for room; false where nobody takes items any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._filled < AHEAD_SIZE_MAX)
            return not self._stopped

    def _put(self, item: T, size: int) -> None:
        with self._changed:
            self._waiting.append((item, size))
            self._filled += size
            self._changed.notify_all()
