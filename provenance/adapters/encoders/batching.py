"""Requests that come while the encoder is busy wait for their turn, and are then encoded together.

Nobody waits for company: where the encoder is idle, a text goes straight through in its caller's thread. Whoever has
encoded hands the encoder on to the one who has waited longest, who takes those behind along. There is no thread of our
own, and no vector depends on what else was in its batch: that is the encoder's promise.

A long text goes through a lane of its own, one at a time, so that it holds up no short ones.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.kernel.errors import Overloaded
from provenance.kernel.span import Span
from provenance.services.ports import Encoder

Text: TypeAlias = tuple[str, Sequence[Span]]

WAIT_MS_MAX = 30_000
TEXTS_MAX = 16
BATCH_CHARS_MAX = 40_000  # about ten thousand tokens: a third of a second
LONG_CHARS = 20_000
# Together fewer than the 40 threads that answer requests, so that other requests go on.
QUEUE_TEXTS_MAX = 32
LONG_QUEUE_TEXTS_MAX = 4


class EncodesMany(Encoder, Protocol):
    """An encoder that takes several texts at once."""

    def encode_many(self, texts: Sequence[Text]) -> list[Vectors]:
        """What `encode` answers for each of them, bit for bit."""


class BatchingEncoder:
    """Implements the port `Encoder` over another encoder, for many threads.

    A batch has at most ``texts_max`` texts; nobody waits longer than ``wait_ms_max`` for a turn.
    """

    def __init__(self, encoder: EncodesMany, *, wait_ms_max: int = WAIT_MS_MAX, texts_max: int = TEXTS_MAX) -> None:
        self._encoder = encoder
        many, wait = encoder.encode_many, wait_ms_max / 1000
        self._short = _Lane(many, texts_max=texts_max, queue_max=QUEUE_TEXTS_MAX, wait_seconds_max=wait)
        self._long = _Lane(many, texts_max=1, queue_max=LONG_QUEUE_TEXTS_MAX, wait_seconds_max=wait)

    @property
    def identity(self) -> EncoderIdentity:
        """That of the encoder: batches change no bit of a vector."""
        return self._encoder.identity

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        """One unit vector for each span of ``text``.

        Raises:
            Overloaded: too many texts are waiting, or this one has waited too long.
        """
        return (self._long if len(text) > LONG_CHARS else self._short).encode(text, spans)

    def encode_many(self, texts: Sequence[Text]) -> list[Vectors]:
        """Texts that one caller brings together, past the queue: bulk work makes batches of its own."""
        return self._encoder.encode_many(texts)


@dataclass(slots=True, eq=False)
class _Request:
    """One caller's text, and what becomes of it. ``batch`` is set where the caller is the one to encode it."""

    text: str
    spans: Sequence[Span]
    turn: threading.Event = field(default_factory=threading.Event)
    batch: Sequence[_Request] = ()
    vectors: Vectors | None = None
    error: Exception | None = None


class _Lane:
    """A queue before the encoder, first come, first served; one batch at a time."""

    def __init__(
        self,
        encode_many: Callable[[Sequence[Text]], list[Vectors]],
        *,
        texts_max: int,
        queue_max: int,
        wait_seconds_max: float,
    ) -> None:
        assert texts_max > 0, "a batch holds something"
        self._encode_many, self._texts_max = encode_many, texts_max
        self._queue_max, self._wait_seconds_max = queue_max, wait_seconds_max
        self._lock = threading.Lock()
        self._waiting: deque[_Request] = deque()
        self._busy = False

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        request = _Request(text, spans)
        if not self._enter(request):
            self._wait(request)
        if request.batch:
            try:
                self._answer(request.batch)
            finally:
                self._hand_on(request.batch)
        if request.error is not None:
            raise request.error
        assert request.vectors is not None, "its turn came with an answer"
        return request.vectors

    def _enter(self, request: _Request) -> bool:
        """Take the encoder where it is idle; else stand in the queue."""
        with self._lock:
            if not self._busy:
                self._busy, request.batch = True, (request,)
                return True
            if len(self._waiting) >= self._queue_max:
                raise _overloaded()
            self._waiting.append(request)
            return False

    def _wait(self, request: _Request) -> None:
        """Until it is answered, or is the one to encode."""
        if request.turn.wait(self._wait_seconds_max):
            return
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
                raise _overloaded()
        request.turn.wait()  # it is being encoded, or is just about to lead

    def _answer(self, batch: Sequence[_Request]) -> None:
        try:
            found = self._encode_many([(r.text, r.spans) for r in batch])
            for request, vectors in zip(batch, found, strict=True):
                request.vectors = vectors
        except Exception as error:  # noqa: BLE001  it is raised to the caller that it belongs to
            if len(batch) == 1:
                batch[0].error = error
                return
            for request in batch:
                self._answer((request,))

    def _hand_on(self, answered: Sequence[_Request]) -> None:
        """Wake those who were answered, and the next one in the queue, with those behind it, to lead."""
        with self._lock:
            batch = self._next_batch()
            self._busy = bool(batch)
        for request in answered[1:]:
            request.turn.set()
        if batch:
            batch[0].batch = batch
            batch[0].turn.set()

    def _next_batch(self) -> Sequence[_Request]:
        batch: list[_Request] = []
        chars = 0
        while self._waiting and len(batch) < self._texts_max:
            chars += len(self._waiting[0].text)
            if batch and chars > BATCH_CHARS_MAX:
                break
            batch.append(self._waiting.popleft())
        return batch


def _overloaded() -> Overloaded:
    return Overloaded("More texts are waiting to be encoded than can be soon.", mend="Try again in some seconds.")
