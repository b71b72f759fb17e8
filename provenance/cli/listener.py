"""A listening socket whose connections are shared out evenly among the processes that serve.

Left to themselves they aren't: asyncio takes all that wait in one go, and a connection that is kept alive stays with
the process that took it, however busy that is while another idles.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from multiprocessing.reduction import DupFd
from typing import Any
from weakref import WeakSet

BACKLOG = 512
# What uvicorn is told, which hands it on to asyncio as both the number to take in one go and the number that may wait.
ACCEPTED_AT_ONCE = 1
# A process leaves a new connection to the others for so long for each that it has.
PATIENCE_SECONDS, PATIENCE_SECONDS_MAX = 0.0005, 0.008


class Listener(socket.socket):
    """It accepts once those that have fewer connections have had the time to. Belongs to one thread."""

    monotonic: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._taken: WeakSet[socket.socket] = WeakSet()
        self._waiting_since: float | None = None

    def listen(self, _backlog: int = BACKLOG) -> None:
        """Listen, with `BACKLOG` that may wait whatever the caller thinks."""
        super().listen(BACKLOG)

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection. `BlockingIOError`, which asyncio takes for none, where it isn't our turn yet."""
        open_now = sum(connection.fileno() >= 0 for connection in self._taken)
        now = self.monotonic()
        if self._waiting_since is None:
            self._waiting_since = now
        # Time that has passed counts whatever became of the one that was left: so nobody can wait for ever.
        if now - self._waiting_since < min(open_now * PATIENCE_SECONDS, PATIENCE_SECONDS_MAX):
            raise BlockingIOError
        self._waiting_since = None
        connection, address = super().accept()
        self._taken.add(connection)
        return connection, address

    @classmethod
    def of(cls, plain: socket.socket) -> Listener:
        """The same socket, which ``plain`` no longer is."""
        return cls(plain.family, plain.type, plain.proto, fileno=plain.detach())

    def __reduce__(self) -> tuple[Any, ...]:
        """As `multiprocessing` hands a plain socket to a process that it starts."""
        return _rebuilt, (DupFd(self.fileno()), self.family, self.type, self.proto)


def _rebuilt(descriptor: Any, family: int, kind: int, protocol: int) -> Listener:
    return Listener(family, kind, protocol, fileno=descriptor.detach())
