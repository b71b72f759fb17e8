"""Around every request: an id, one line in the log, safe headers, and an answer where a bug of ours ends it.

The line holds the route's template and never the path, the query, a header or a body: no text, no name and no key gets
into a log.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provenance.api.errors import of_unexpected

REQUEST_ID = "X-Request-Id"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

_log = structlog.get_logger("provenance.api.access")


def configure_logging() -> None:
    """Log as one JSON object a line on standard output. For the process that serves, not for a library's import."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _name_process,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # One write a line: several processes may write to the same place, and lines must not run into one another.
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )


def _name_process(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Several processes may serve, and write to one place."""
    return {"process": os.getpid(), **line}


class RequestLog:
    """ASGI middleware, the outermost one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; no exception passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        started = time.perf_counter()
        status: int | None = None

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, sending)
            except Exception as error:  # noqa: BLE001  the last one to see it: it is answered and logged
                # Once an answer has begun it can only be cut off, which the server does when we return.
                response = of_unexpected(error)
                if status is None:
                    await response(scope, receive, sending)
            finally:
                ms = round((time.perf_counter() - started) * 1000, 1)
                line: dict[str, Any] = {"method": scope["method"], "route": _route(scope), "status": status, "ms": ms}
                _log.info("request", request_id=request_id, **line)


def _request_id(headers: Headers) -> str:
    """The caller's own id, where it is one that can stand in a log; else a new one."""
    given = headers.get(REQUEST_ID, "")
    return given if _SANE_ID.fullmatch(given) else secrets.token_hex(16)


def _route(scope: Scope) -> str:
    """The template of the path, such as ``/v1/works/{work}``; ``-`` where the request met no route."""
    return getattr(scope.get("route"), "path", None) or "-"
