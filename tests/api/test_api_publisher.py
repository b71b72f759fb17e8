"""The publisher: coalesces, waits for others, survives failures, stops."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from provenance.api.publisher import SMALL_SEGMENTS_MAX, Publisher
from provenance.kernel.errors import AlreadyRunning, InvalidInput, StorageFull
from provenance.services.compare import NOTHING_COMPARED, Comparison
from provenance.services.publish import Publication
from provenance.services.records import PublishedSnapshot

Eventually = Callable[[Callable[[], bool]], None]

PUBLICATION = Publication(snapshot=PublishedSnapshot(digest="d" * 64, encoder="toy", works=1, segments=1), built=True)


class Installation:
    """Counts publications; raises what it is told to, and blocks while it is told to."""

    def __init__(self) -> None:
        self.published, self.compared = 0, 0
        self.merged: list[int | None] = []
        self.current = False
        self.may_tidy = threading.Event()
        self.may_tidy.set()
        self.failures: list[Exception] = []
        self.busy: list[Exception] = []
        self.may_build = threading.Event()
        self.may_build.set()
        self.building = threading.Event()
        self._one = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[None]:
        if self.busy:
            raise self.busy.pop()
        assert self._one.acquire(blocking=False), "two write at a time"
        try:
            yield
        finally:
            self._one.release()

    def is_current(self) -> bool:
        return self.current

    def compare(self) -> Comparison:
        self.compared += 1
        assert self.may_tidy.wait(10)
        return NOTHING_COMPARED

    def merge(self, *, segments_max: int | None = None) -> bool:
        assert self.may_tidy.wait(10)
        self.merged.append(segments_max)
        return self.merged.count(segments_max) < 3

    def publish(self) -> Publication:
        self.building.set()
        assert self.may_build.wait(10)
        if self.failures:
            raise self.failures.pop()
        self.published += 1
        return PUBLICATION


@pytest.fixture
def system() -> Installation:
    return Installation()


@pytest.fixture
def publisher(system: Installation) -> Iterator[Publisher]:
    made = Publisher(system, settle_seconds=0.02, busy_seconds=0.01, waits_seconds=(0.01, 0.01, 0.01))
    made.start()
    yield made
    system.may_build.set()
    system.may_tidy.set()
    made.stop()


def test_requests_while_an_index_is_built_are_answered_by_one_more(
    system: Installation, publisher: Publisher, eventually: Eventually
) -> None:
    system.may_build.clear()
    publisher.request()
    assert system.building.wait(10)
    for _ in range(50):
        publisher.request()
    system.may_build.set()
    eventually(lambda: system.published == 2)
    assert not threading.Event().wait(0.1)
    assert system.published == 2


def test_it_waits_for_another_process_and_for_the_machine(
    system: Installation, publisher: Publisher, eventually: Eventually
) -> None:
    system.busy = [AlreadyRunning("busy"), AlreadyRunning("busy")]
    system.failures = [StorageFull("full")]
    publisher.request()
    eventually(lambda: system.published == 1)


def test_it_gives_up_after_a_bounded_time_and_the_next_request_tries_again(
    system: Installation, publisher: Publisher, eventually: Eventually
) -> None:
    system.failures = [StorageFull("full") for _ in range(4)]
    publisher.request()
    eventually(lambda: not system.failures)
    assert not threading.Event().wait(0.1)
    assert system.published == 0
    publisher.request()
    eventually(lambda: system.published == 1)


def test_what_another_process_has_published_is_not_published_again(system: Installation, publisher: Publisher) -> None:
    system.current = True
    publisher.request()
    assert not threading.Event().wait(0.2)
    assert system.published == 0


def test_comparing_and_merging_delay_no_publication(
    system: Installation, publisher: Publisher, eventually: Eventually
) -> None:
    system.may_tidy.clear()
    publisher.request()
    eventually(lambda: system.compared == 1)
    publisher.request()
    eventually(lambda: system.published == 2)
    assert (system.compared, system.merged) == (1, [])
    system.may_tidy.set()
    eventually(lambda: system.compared == 2)


def test_small_merges_are_done_beside_large_ones_until_none_is_due(
    system: Installation, publisher: Publisher, eventually: Eventually
) -> None:
    publisher.request()
    eventually(lambda: system.merged.count(None) >= 3 and system.merged.count(SMALL_SEGMENTS_MAX) >= 3)


@pytest.mark.parametrize("failure", [InvalidInput("bad"), RuntimeError("a bug")])
def test_a_failure_does_not_end_the_thread(
    system: Installation, publisher: Publisher, eventually: Eventually, failure: Exception
) -> None:
    system.failures = [failure]
    publisher.request()
    eventually(lambda: not system.failures)
    publisher.request()
    eventually(lambda: system.published == 1)


def test_publishing_at_once_waits_for_the_build_at_hand(system: Installation, publisher: Publisher) -> None:
    system.may_build.clear()
    publisher.request()
    assert system.building.wait(10)
    answers: list[Publication] = []
    thread = threading.Thread(target=lambda: answers.append(publisher.publish_now()))
    thread.start()
    system.may_build.set()
    thread.join(10)
    assert answers == [PUBLICATION]
    assert system.published == 2


def test_publishing_at_once_waits_for_another_process_for_a_bounded_time(system: Installation) -> None:
    times = iter([0.0, 10.0, 30.0, 59.0, 61.0])
    publisher = Publisher(system, busy_seconds=0.001, monotonic=lambda: next(times))
    system.busy = [AlreadyRunning("busy")] * 10
    with pytest.raises(AlreadyRunning):
        publisher.publish_now()
    assert len(system.busy) == 6
    system.busy = []
    again = Publisher(system)
    assert again.publish_now() == PUBLICATION


def test_it_stops_while_it_waits(system: Installation) -> None:
    others = set(threading.enumerate())
    publisher = Publisher(system, settle_seconds=0.0, busy_seconds=60.0, waits_seconds=(60.0,))
    system.busy = [AlreadyRunning("busy")] * 2
    publisher.start()
    publisher.request()
    while len(system.busy) == 2:
        threading.Event().wait(0.01)
    publisher.stop()
    assert not [t for t in threading.enumerate() if t not in others and t.is_alive()]
