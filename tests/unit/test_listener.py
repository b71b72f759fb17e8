"""The listening socket of several processes: whoever has fewer connections takes the next one."""

import socket
from collections.abc import Iterator

import pytest

from provenance.cli.listener import PATIENCE_SECONDS, PATIENCE_SECONDS_MAX, Listener


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def two(clock: _Clock) -> Iterator[tuple[Listener, Listener]]:
    """One socket as two processes have it."""
    with Listener.of(socket.create_server(("127.0.0.1", 0))) as one, Listener.of(socket.fromfd(
        one.fileno(), one.family, one.type)) as other:  # fmt: skip
        for listener in (one, other):
            listener.setblocking(False)
            listener.monotonic = clock
        yield one, other


@pytest.fixture
def kept() -> Iterator[list[socket.socket]]:
    """Connections of both sides, closed at the end."""
    found: list[socket.socket] = []
    yield found
    for connection in found:
        connection.close()


def _take(listener: Listener, kept: list[socket.socket]) -> bool:
    try:
        kept.append(listener.accept()[0])
    except BlockingIOError:
        return False
    return True


def _connect(listener: Listener, kept: list[socket.socket]) -> None:
    kept.append(socket.create_connection(listener.getsockname()))


def test_the_first_connection_is_taken_at_once(two: tuple[Listener, Listener], kept: list[socket.socket]) -> None:
    _connect(two[0], kept)
    assert _take(two[0], kept)


def test_who_has_a_connection_leaves_the_next_one_to_others(
    two: tuple[Listener, Listener], kept: list[socket.socket]
) -> None:
    one, other = two
    _connect(one, kept)
    assert _take(one, kept)
    _connect(one, kept)
    assert not _take(one, kept)
    assert _take(other, kept)


def test_nobody_waits_for_ever_for_others(
    two: tuple[Listener, Listener], kept: list[socket.socket], clock: _Clock
) -> None:
    one, _ = two
    for taken in range(40):
        _connect(one, kept)
        if taken:
            assert not _take(one, kept)
        clock.now += 2 * PATIENCE_SECONDS_MAX
        assert _take(one, kept)


def test_a_connection_that_was_closed_does_not_count(two: tuple[Listener, Listener], kept: list[socket.socket]) -> None:
    one, _ = two
    _connect(one, kept)
    assert _take(one, kept)
    kept[-1].close()
    _connect(one, kept)
    assert _take(one, kept)


def test_more_connections_wait_longer(two: tuple[Listener, Listener], kept: list[socket.socket], clock: _Clock) -> None:
    one, _ = two
    for _ in range(3):
        _connect(one, kept)
        clock.now += PATIENCE_SECONDS_MAX
        _take(one, kept)
        clock.now += PATIENCE_SECONDS_MAX
        _take(one, kept)
    _connect(one, kept)
    assert not _take(one, kept)
    clock.now += 2.5 * PATIENCE_SECONDS
    assert not _take(one, kept)
    clock.now += PATIENCE_SECONDS
    assert _take(one, kept)


def test_as_many_may_wait_as_before_whatever_it_is_told(
    two: tuple[Listener, Listener], kept: list[socket.socket]
) -> None:
    one, _ = two
    one.listen(1)
    for _ in range(8):  # the ninth of those who may wait would hang
        _connect(one, kept)
