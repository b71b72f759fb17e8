"""Texts that come together are encoded together; nobody waits for company, and errors go where they belong."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from provenance.adapters.encoders import batching
from provenance.adapters.encoders.batching import (
    BATCH_CHARS_MAX,
    LONG_CHARS,
    LONG_QUEUE_TEXTS_MAX,
    QUEUE_TEXTS_MAX,
    BatchingEncoder,
    Text,
)
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.kernel.errors import ModelMissing, Overloaded
from provenance.kernel.span import Span
from provenance.services.ports import Encoder
from provenance.settings import Settings

SECONDS_MAX = 10.0
BAD = "this one can't be encoded"


class Recording:
    """Encodes a text as its length, remembers its batches, and stands still where a gate is shut."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(
            model="lengths",
            weights_sha256="",
            tokenizer_sha256="",
            precision="",
            pooling="",
            segmenting="",
            dimensions=1,
        )

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        return self.encode_many([(text, spans)])[0]

    def encode_many(self, texts: Sequence[Text]) -> list[Vectors]:
        self.batches.append([text for text, _ in texts])
        assert self.gate.wait(SECONDS_MAX)
        if any(text == BAD for text, _ in texts):
            raise ValueError(BAD)
        return [np.full((1, 1), len(text), np.float32) for text, _ in texts]


@pytest.fixture
def inner() -> Recording:
    return Recording()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(QUEUE_TEXTS_MAX + 4) as threads:
        yield threads


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def _busy(inner: Recording, encoder: BatchingEncoder, pool: ThreadPoolExecutor) -> Future[Vectors]:
    """One caller stands in the encoder until the gate opens."""
    inner.gate.clear()
    first = pool.submit(encoder.encode, "first", [Span(0, 5)])
    _until(lambda: inner.batches == [["first"]])
    return first


def _queue(encoder: BatchingEncoder, pool: ThreadPoolExecutor, texts: Sequence[str]) -> list[Future[Vectors]]:
    """Callers that come one after the other, and wait."""
    found = []
    for text in texts:
        waiting = len(encoder._short._waiting)
        found.append(pool.submit(encoder.encode, text, [Span(0, len(text))]))
        _until(lambda waiting=waiting: len(encoder._short._waiting) == waiting + 1)  # type: ignore[misc]
    return found


def test_a_lone_text_goes_straight_through(inner: Recording) -> None:
    encoder = BatchingEncoder(inner)
    for text in ("a", "bb", "ccc"):
        assert encoder.encode(text, [Span(0, 1)])[0, 0] == len(text)
    assert inner.batches == [["a"], ["bb"], ["ccc"]]
    assert encoder.identity == inner.identity


def test_texts_that_come_meanwhile_are_encoded_together_in_their_order(
    inner: Recording, pool: ThreadPoolExecutor
) -> None:
    encoder = BatchingEncoder(inner, texts_max=3)
    first = _busy(inner, encoder, pool)
    rest = _queue(encoder, pool, ["a", "bb", "ccc", "dddd"])
    inner.gate.set()
    assert [f.result(SECONDS_MAX)[0, 0] for f in (first, *rest)] == [5, 1, 2, 3, 4]
    assert inner.batches == [["first"], ["a", "bb", "ccc"], ["dddd"]]


def test_a_batch_is_bounded_by_its_characters_too(inner: Recording, pool: ThreadPoolExecutor) -> None:
    encoder = BatchingEncoder(inner)
    _busy(inner, encoder, pool)
    half = "x" * (BATCH_CHARS_MAX // 2)
    rest = _queue(encoder, pool, [half, half, "a"])
    inner.gate.set()
    assert [len(f.result(SECONDS_MAX)) for f in rest] == [1, 1, 1]
    assert inner.batches[1:] == [[half, half], ["a"]]


def test_a_long_text_holds_up_no_short_one(inner: Recording, pool: ThreadPoolExecutor) -> None:
    encoder = BatchingEncoder(inner)
    inner.gate.clear()
    long = "x" * (LONG_CHARS + 1)
    slow = pool.submit(encoder.encode, long, [Span(0, 1)])
    _until(lambda: inner.batches == [[long]])
    quick = pool.submit(encoder.encode, "quick", [Span(0, 1)])
    _until(lambda: inner.batches == [[long], ["quick"]])  # it is being encoded beside the long one
    for _ in range(LONG_QUEUE_TEXTS_MAX):
        pool.submit(encoder.encode, long, [Span(0, 1)])
    _until(lambda: len(encoder._long._waiting) == LONG_QUEUE_TEXTS_MAX)
    with pytest.raises(Overloaded):
        encoder.encode(long, [Span(0, 1)])
    inner.gate.set()
    assert (slow.result(SECONDS_MAX)[0, 0], quick.result(SECONDS_MAX)[0, 0]) == (LONG_CHARS + 1, 5)


def test_an_error_goes_to_the_caller_that_it_belongs_to(inner: Recording, pool: ThreadPoolExecutor) -> None:
    encoder = BatchingEncoder(inner)
    first = _busy(inner, encoder, pool)
    good, bad, other = _queue(encoder, pool, ["good", BAD, "other"])
    inner.gate.set()
    assert [f.result(SECONDS_MAX)[0, 0] for f in (first, good, other)] == [5, 4, 5]
    with pytest.raises(ValueError, match=BAD):
        bad.result(SECONDS_MAX)
    assert encoder.encode("after", [Span(0, 1)])[0, 0] == 5


def test_an_error_of_a_lone_text_leaves_the_encoder_free(inner: Recording) -> None:
    encoder = BatchingEncoder(inner)
    with pytest.raises(ValueError, match=BAD):
        encoder.encode(BAD, [Span(0, 1)])
    assert encoder.encode("after", [Span(0, 1)])[0, 0] == 5


def test_too_long_a_queue_is_refused_at_once(inner: Recording, pool: ThreadPoolExecutor) -> None:
    encoder = BatchingEncoder(inner)
    _busy(inner, encoder, pool)
    waiting = _queue(encoder, pool, ["x"] * QUEUE_TEXTS_MAX)
    with pytest.raises(Overloaded):
        encoder.encode("one more", [Span(0, 1)])
    inner.gate.set()
    assert all(f.result(SECONDS_MAX)[0, 0] == 1 for f in waiting)


def test_who_waits_too_long_is_refused_and_not_encoded(inner: Recording, pool: ThreadPoolExecutor) -> None:
    encoder = BatchingEncoder(inner, wait_ms_max=20)
    first = _busy(inner, encoder, pool)
    with pytest.raises(Overloaded):
        encoder.encode("late", [Span(0, 1)])
    inner.gate.set()
    first.result(SECONDS_MAX)
    assert encoder.encode("again", [Span(0, 1)])[0, 0] == 5
    assert ["late"] not in inner.batches


def test_texts_of_one_caller_pass_the_queue(inner: Recording) -> None:
    assert [v[0, 0] for v in BatchingEncoder(inner).encode_many([("a", []), ("bb", [])])] == [1, 2]
    assert inner.batches == [["a", "bb"]]


def test_every_caller_of_many_gets_its_own_vectors(inner: Recording, pool: ThreadPoolExecutor) -> None:
    encoder = BatchingEncoder(inner, texts_max=4)
    texts = ["x" * (1 + n % 50) for n in range(400)]
    callers = [texts[n::16] for n in range(16)]

    def call(mine: Sequence[str]) -> bool:
        return all(encoder.encode(text, [Span(0, 1)])[0, 0] == len(text) for text in mine)

    assert all(pool.map(call, callers))
    assert sum(map(len, inner.batches)) == len(texts)
    assert max(map(len, inner.batches)) <= 4


def test_together_and_alone_have_the_same_bits(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        real: Encoder = System(Settings()).encoder
    except ModelMissing as error:
        pytest.skip(str(error))
    encoder = real if isinstance(real, BatchingEncoder) else BatchingEncoder(real)  # type: ignore[arg-type]
    texts = ["A bell rang. The tide turned at noon. " * n + f"And {n} gulls rose." for n in range(1, 9)]
    alone = [encoder.encode(text, segment(text)) for text in texts]
    sizes = []
    many = encoder.encode_many

    def counting(given: Sequence[Text]) -> list[Vectors]:
        sizes.append(len(given))
        return many(given)

    monkeypatch.setattr(encoder._short, "_encode_many", counting)
    together = list(pool.map(lambda text: encoder.encode(text, segment(text)), texts * 2))
    assert max(sizes) > 1
    assert all(np.array_equal(a, b) for a, b in zip(alone * 2, together, strict=True))
    assert max(sizes) <= batching.TEXTS_MAX
