"""What many threads record, recorded together: one commit, and one wait for the disk, for all that came meanwhile.

Nobody waits for company: where nothing is being recorded, a request goes straight through in its caller's thread.
Whoever has recorded hands on to the one who has waited longest, who takes those behind along. There is no thread of our
own. Each caller gets the answer of its own request, after it is committed: one that is refused is told apart by
halves, and the others are recorded without it.

From time to time whoever has recorded also takes the checkpoints that are due.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from provenance.kernel.errors import Conflict, Overloaded, Unavailable
from provenance.ledger.accounts import Account
from provenance.ledger.transaction import Transaction
from provenance.services.ports import Database, UnitOfWork
from provenance.services.posting_digests import Posting, posting

BATCH_MAX = 1_000
QUEUE_MAX = 4_000
WAIT_SECONDS_MAX = 30.0
# Of entries of all accounts, between two looks for accounts that are due for a checkpoint.
ENTRIES_BETWEEN_CHECKPOINTS = 10_000

T = TypeVar("T")


class Recorder(Protocol):
    """Commits steps that write: each whole, or not at all."""

    def record(self, step: Callable[[UnitOfWork], T]) -> T:
        """What ``step`` answers, once all that it wrote is committed; it may be run again where it wasn't."""


class EachByItself:
    """A recorder that commits every step in a unit of work of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, step: Callable[[UnitOfWork], T]) -> T:
        """Raises what the step raises, and nothing is written then."""
        with self._database.begin(write=True) as work:
            answer = step(work)
            work.commit()
        return answer


@dataclass(slots=True, eq=False)
class _Request:
    """What one caller wants recorded: transactions, or a step. ``batch`` is set where it is the one to do it."""

    postings: Sequence[Posting] = ()
    step: Callable[[UnitOfWork], Any] | None = None
    turn: threading.Event = field(default_factory=threading.Event)
    batch: Sequence[_Request] = ()
    answer: Any = None
    error: Exception | None = None


class GroupCommit:
    """Records in one database for many threads. Implements `Recorder`."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        batch_max: int = BATCH_MAX,
        entries_between_checkpoints: int = ENTRIES_BETWEEN_CHECKPOINTS,
    ) -> None:
        """A batch has about ``batch_max`` transactions.

        ``clock`` says when a transaction came, which is what stands as the time of its recording.
        """
        self._database, self._clock = database, clock
        self._batch_max, self._between = batch_max, entries_between_checkpoints
        self._lock = threading.Lock()
        self._waiting: deque[_Request] = deque()
        self._busy = False
        # Only whoever is posting touches these.
        self._touched: set[Account] = set()
        self._entries = 0

    def post(self, *transactions: Transaction) -> None:
        """Record them, all or none; when this returns they are committed. The same again does nothing.

        Raises:
            Conflict, NotFound, ...: as `Books.post` does, of these transactions alone.
            Overloaded: too many are waiting, or these have waited too long; nothing was recorded.
        """
        at = self._clock()
        # Digests are made in the caller's thread, before its turn: the next batch is made ready while one is posted.
        self._do(_Request([posting(t, at) for t in transactions]))

    def record(self, step: Callable[[UnitOfWork], T]) -> T:
        """What ``step`` answers; when this returns, what it wrote is committed.

        A step that shares a unit of work with one that fails is run again: it reads and writes through what it is given
        alone.

        Raises:
            Overloaded: too many are waiting, or this has waited too long; nothing was recorded.
            Exception: what the step raises; nothing of it was recorded.
        """
        request = _Request(step=step)
        self._do(request)
        answer: T = request.answer
        return answer

    def _do(self, request: _Request) -> None:
        if not self._enter(request):
            self._wait(request)
        if request.batch:
            try:
                self._write(request.batch)
                self._take_checkpoints()
            finally:
                self._hand_on(request.batch)
        if request.error is not None:
            raise request.error

    def _enter(self, request: _Request) -> bool:
        with self._lock:
            if not self._busy:
                self._busy, request.batch = True, (request,)
                return True
            if len(self._waiting) >= QUEUE_MAX:
                raise _overloaded()
            self._waiting.append(request)
            return False

    def _wait(self, request: _Request) -> None:
        """Until it is recorded, or is the one to record."""
        if request.turn.wait(WAIT_SECONDS_MAX):
            return
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
                raise _overloaded()
        request.turn.wait()

    def _write(self, batch: Sequence[_Request]) -> None:
        try:
            with self._database.begin(write=True) as work:
                _run(batch, work)
                posted = work.books.posted
                work.commit()
        except Exception as error:  # noqa: BLE001  it is raised to the callers that it belongs to
            if len(batch) == 1 or isinstance(error, Unavailable):
                for request in batch:
                    request.error = error
                return
            half = len(batch) // 2
            self._write(batch[:half])
            self._write(batch[half:])
            return
        self._touched.update(posted)
        self._entries += posted.total()

    def _take_checkpoints(self) -> None:
        if self._entries < self._between:
            return
        touched, self._touched, self._entries = self._touched, set(), 0
        try:
            with self._database.begin(write=True) as work:
                if work.books.take_checkpoints(touched):
                    work.commit()
        except (Conflict, Unavailable):
            return  # another process takes them, or nobody can now; one saves time, and says nothing new

    def _hand_on(self, posted: Sequence[_Request]) -> None:
        """Wake those whose transactions are recorded, and the next one in the queue, with those behind it, to post."""
        with self._lock:
            batch: list[_Request] = []
            size = 0
            while self._waiting and size < self._batch_max:
                batch.append(self._waiting.popleft())
                size += max(1, len(batch[-1].postings))
            self._busy = bool(batch)
        for request in posted[1:]:
            request.turn.set()
        if batch:
            batch[0].batch = batch
            batch[0].turn.set()


def _run(batch: Sequence[_Request], work: UnitOfWork) -> None:
    """In the order in which they came; transactions of several callers in a row are posted as one lot."""
    lot: list[Posting] = []
    for request in batch:
        if request.step is None:
            lot += request.postings
            continue
        if lot:
            work.books.post_prepared(lot)
            lot = []
        request.answer = request.step(work)
    if lot:
        work.books.post_prepared(lot)


def _overloaded() -> Overloaded:
    return Overloaded(
        "More transactions are waiting to be recorded than can be soon.", mend="Try again in some seconds."
    )
