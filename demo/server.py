"""The API on a free loopback port, in a thread of this process; its log goes to a file."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import structlog

from demo.steps import system_at
from provenance.cli import server as api
from provenance.kernel.errors import Unavailable

START_SECONDS_MAX = 30
ANSWER_SECONDS_MAX = 10
STOP_SECONDS_MAX = 15


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The URL of the API over the installation at ``home``, while the block runs.

    Raises:
        Unavailable: it doesn't start.
    """
    with (home / "api.log").open("w", encoding="utf-8") as log, api.listen("127.0.0.1", 0) as listener:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
        handler = logging.StreamHandler(log)
        logging.getLogger("uvicorn").addHandler(handler)
        server = api.server(system_at(home))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="api", daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + START_SECONDS_MAX
            while not server.started:
                if not thread.is_alive() or time.monotonic() > deadline:
                    raise Unavailable("The API did not start.", mend=f"See {log.name}.")
                time.sleep(0.02)
            yield api.url_of(listener)
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS_MAX)
            logging.getLogger("uvicorn").removeHandler(handler)
            structlog.reset_defaults()


def fetch(url: str, path: str, token: str = "") -> dict[str, Any]:
    """The JSON at a path of the API. Raises `Unavailable` where it isn't answered with 200."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(f"{url}{path}", headers=headers, timeout=ANSWER_SECONDS_MAX, trust_env=False)
        answer.raise_for_status()
        return dict(answer.json())
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(f"GET {path} failed: {error}.", mend="See var/demo/api.log.") from error


def wait_for_interrupt() -> None:
    """Return at Ctrl-C."""
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
