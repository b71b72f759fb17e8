"""The API behind a socket that is bound before anything is loaded, so that a port in use is told in one line."""

from __future__ import annotations

import errno
import gc
import logging
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from provenance.api.access import configure_logging
from provenance.api.app import create_app
from provenance.cli.listener import ACCEPTED_AT_ONCE, BACKLOG, Listener
from provenance.kernel.errors import AlreadyRunning, InvalidInput, Unavailable

if TYPE_CHECKING:
    from provenance.bootstrap import System

GRACE_SECONDS = 10


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        AlreadyRunning: the port is taken.
        InvalidInput: the host isn't an address of this machine.
        Unavailable: the system doesn't hand the port out.
    """
    where = f"{host}, port {port},"
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
        # Accepted connections inherit it. asyncio sets it on sockets of a declared protocol alone, and
        # without it an answer in two writes waits for the caller's delayed acknowledgement: 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (socket.gaierror, UnicodeError) as error:
        raise InvalidInput(f"{host!r} is not an address.", mend="Use --host 127.0.0.1, or 0.0.0.0 for all.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AlreadyRunning(f"{where} is in use.", mend="Choose another one: --port 8001.") from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise InvalidInput(f"{host!r} is not an address of this machine.", mend="Use --host 127.0.0.1.") from error
        raise Unavailable(f"{where} can't be opened: {error.strerror}.", mend="Choose another --port.") from error


def url_of(listener: socket.socket) -> str:
    """The URL at which it is reached from this machine."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server(system: System) -> uvicorn.Server:
    """A server of the API, not yet running."""
    return uvicorn.Server(_config(create_app(system, ready=keep_loaded)))


def run(system: System, listener: socket.socket) -> bool:
    """Serve until a signal ends it, giving requests under way `GRACE_SECONDS`. False where it could not start."""
    _configure_logging()
    api = server(system)
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when all is closed
        api.run(sockets=[listener])
    return api.started


def run_app(app: Starlette, listener: socket.socket) -> None:
    """Serve another app than the API until a signal ends it."""
    _configure_logging()
    with suppress(KeyboardInterrupt):
        uvicorn.Server(_config(app)).run(sockets=[listener])


def run_workers(listener: socket.socket, workers: int, *, encoder_threads: int) -> bool:
    """Serve in several processes until a signal ends them; one that dies is replaced. False where one can't start.

    Each maps the same files of the index. Whichever has works to publish takes the writer lock; the others go on
    answering. The cores are shared out: a process computes vectors, and searches, with its part of them.
    """
    _configure_logging()
    threads = str(encoder_threads or max(1, len(os.sched_getaffinity(0)) // workers))
    os.environ["PROVENANCE_ENCODER_THREADS"] = threads
    os.environ.setdefault("OMP_NUM_THREADS", threads)
    config = _config("provenance.cli.worker:app", factory=True, workers=workers, backlog=ACCEPTED_AT_ONCE)
    with Listener.of(listener) as shared:
        supervisor = Multiprocess(config, [shared])
        supervisor.run()
    return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)


def keep_loaded() -> None:
    """Let the collector of garbage pass over all that is loaded by now, and begin: `gc.disable` it before.

    A process loads some hundred thousand objects that stay. Looking through them takes a tenth of a second, while
    nothing else of the process runs, and finds nothing: neither while they are loaded nor while requests are answered.
    """
    gc.freeze()
    gc.enable()


def logging_app(system: System) -> FastAPI:
    """The app of a process that does nothing but serve it."""
    _configure_logging()
    return create_app(system, ready=keep_loaded)


def _config(app: Starlette | str, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **more,
    )


def _configure_logging() -> None:
    configure_logging()
    logging.basicConfig(handlers=[_ToStructlog()], level=logging.WARNING, force=True)
    logging.getLogger("uvicorn").setLevel(logging.INFO)


class _ToStructlog(logging.Handler):
    """What uvicorn says of its own goes the same way as the API's lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record of the standard library's."""
        fields: dict[str, Any] = {"exc_info": record.exc_info} if record.exc_info else {}
        structlog.get_logger(record.name).log(record.levelno, record.getMessage(), **fields)
