"""Stages beside one another: same items, same order, same errors as in turn; bounded, and never left running."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters import threads
from provenance.adapters.threads import Threads
from provenance.services.ports import Stages
from provenance.services.stages import InTurn

BOTH = [InTurn(), Threads()]
SECONDS_MAX = 10


def failing(count: int, error: BaseException) -> Iterator[int]:
    yield from range(count)
    raise error


def taken(items: Iterator[int]) -> tuple[list[int], str]:
    found: list[int] = []
    try:
        for item in items:
            found.append(item)  # noqa: PERF402  what came before an error counts
    except (ValueError, KeyboardInterrupt) as error:
        return found, type(error).__name__
    return found, ""


@given(st.lists(st.integers(1, 3_000_000), max_size=12))
def test_items_come_in_order_whatever_their_sizes(sizes: list[int]) -> None:
    def double(n: int) -> int:
        return 2 * n

    for stages in BOTH:
        assert [*stages.behind(stages.ahead(sizes, int), double, int)] == [2 * n for n in sizes]


@pytest.mark.parametrize("stages", BOTH)
@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt()])
def test_an_error_comes_after_the_items_before_it(stages: Stages, error: BaseException) -> None:
    assert taken(stages.ahead(failing(3, error), int)) == ([0, 1, 2], type(error).__name__)
    assert taken(stages.behind(failing(3, error), int, int)) == ([0, 1, 2], type(error).__name__)


@pytest.mark.parametrize("stages", BOTH)
def test_nothing_is_acted_on_after_a_failure(stages: Stages) -> None:
    acted: list[int] = []

    def act(item: int) -> int:
        acted.append(item)
        if item == 2:
            raise ValueError
        return item

    assert taken(stages.behind(iter(range(9)), act, int)) == ([0, 1], "ValueError")
    assert acted == [0, 1, 2]


def test_no_more_waits_than_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "AHEAD_SIZE_MAX", 10)
    made: list[int] = []
    items = (made.append(n) or n for n in range(100))  # type: ignore[func-returns-value]  # for its effect
    with closing(Threads().ahead(items, lambda _: 4)) as ahead:
        for done, item in enumerate(ahead):
            assert item == done
            time.sleep(0.002)
            assert len(made) <= done + 1 + 3 + 1  # three wait, one is being made


def test_two_large_items_are_never_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "BESIDE_SIZE_MAX", 10)
    under_way: list[int] = []

    def make() -> Iterator[int]:
        for size in (50, 60, 1):
            assert not under_way
            yield size

    def act(size: int) -> int:
        under_way.append(size)
        time.sleep(0.01)
        under_way.remove(size)
        return size

    assert [*Threads().behind(make(), act, int)] == [50, 60, 1]


def test_a_consumer_that_stops_stops_the_stage_before_it() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1_000
        finally:
            closed.set()

    with closing(Threads().ahead(endless(), int)) as ahead:
        assert next(ahead) == 1_000
    assert closed.wait(SECONDS_MAX)
    assert not [t for t in threading.enumerate() if t.name == "ahead"]


def test_stages_go_beside_one_another() -> None:
    both = threading.Barrier(2, timeout=SECONDS_MAX)

    def make() -> Iterator[int]:
        yield 1
        both.wait()  # passes only while `act` has the first item at hand
        yield 2

    def act(item: int) -> int:
        if item == 1:
            both.wait()
        return item

    assert [*Threads().behind(make(), act, int)] == [1, 2]
