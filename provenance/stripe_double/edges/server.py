"""The double over HTTP, for loopback alone: the API, its controls under ``/_double/``, and webhooks on their way.

The event loop's one thread is all that touches the world: a request is answered whole before the next is looked at. The
clock is the machine's, moved forward by whatever ``POST /_double/clock`` says; or it stands still but for that. A lost
answer is a connection that breaks. There is no guard on the controls: it must never be reachable from elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from provenance.stripe_double.core import control, links
from provenance.stripe_double.core.form import FORM_CHARS_MAX
from provenance.stripe_double.core.handle import advance, handle
from provenance.stripe_double.core.refused import Refused
from provenance.stripe_double.core.request import Lost, Request
from provenance.stripe_double.core.world import World
from provenance.stripe_double.edges.delivering import deliver_forever

# Other hosts are refused, so that a page in a browser can't reach the double under a name of its own.
HOSTS = ["127.0.0.1", "localhost", "testserver"]
METHODS = ["GET", "POST", "DELETE"]


class Clock:
    """The machine's time in whole Unix seconds and what was added to it; or a time that ``stands`` still."""

    def __init__(self, *, stands: int | None = None, read: Callable[[], float] = time.time) -> None:
        self._stands, self._read, self._ahead = stands, read, 0

    @property
    def moves(self) -> bool:
        """Whether it moves by itself."""
        return self._stands is None

    def now(self) -> int:
        """The time."""
        return (int(self._read()) if self._stands is None else self._stands) + self._ahead

    def add(self, seconds: int) -> None:
        """Move it forward."""
        self._ahead += seconds


class Served:
    """A world behind HTTP."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        self.wake = asyncio.Event()

    def catch_up(self) -> None:
        """Let happen what is due by now."""
        advance(self.world, self.clock.now())

    async def api(self, http: HttpRequest) -> Response:
        """A request of the API."""
        body = await _body(http)
        if body is None:
            return JSONResponse(Refused("The request is too large.").body(), status_code=413)
        request = Request(
            method=http.method,
            path=http.url.path,
            query=http.url.query,
            body=body.decode("utf-8", errors="replace"),
            headers={name.lower(): value for name, value in http.headers.items()},
        )
        answer = handle(self.world, request, self.clock.now())
        self.wake.set()
        if isinstance(answer, Lost):
            return _Broken()
        return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))

    async def command(self, http: HttpRequest) -> Response:
        """One of `control.COMMANDS`, with a JSON body."""
        name = http.path_params["name"]
        self.catch_up()
        try:
            body = _json(await _body(http))
            if name == "clock":
                self.clock.add(control.seconds_of(body))
                self.catch_up()
                found: dict[str, Any] = {"now": self.world.now}
            elif name in control.COMMANDS:
                found = control.COMMANDS[name](self.world, body)
            else:
                known = ", ".join(["clock", *control.COMMANDS])
                raise Refused(f"There is no {name[:40]!r}; there are: {known}.", status=404)
        except Refused as refused:
            return JSONResponse(refused.body(), status_code=refused.status)
        self.wake.set()
        return JSONResponse(found)

    async def read_clock(self, _http: HttpRequest) -> Response:
        """The time."""
        self.catch_up()
        return JSONResponse({"now": self.world.now})

    async def onboarding(self, http: HttpRequest) -> Response:
        """An onboarding link, opened: the account has all it needs, and its holder goes back to the platform."""
        self.catch_up()
        try:
            back = links.open_link(self.world, http.path_params["token"])
        except Refused as refused:
            return JSONResponse(refused.body(), status_code=refused.status)
        self.wake.set()
        return RedirectResponse(back, status_code=303)


def create_double_app(world: World, clock: Clock) -> Starlette:
    """The app; while it runs, events are delivered to endpoints on loopback."""
    served = Served(world, clock)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        delivering = asyncio.create_task(deliver_forever(world, clock.now, served.wake, moves=clock.moves))
        try:
            yield
        finally:
            delivering.cancel()
            with suppress(asyncio.CancelledError):
                await delivering

    return Starlette(
        routes=[
            Route("/_double/onboarding/{token}", served.onboarding, methods=["GET"]),
            Route("/_double/clock", served.read_clock, methods=["GET"]),
            Route("/_double/{name:path}", served.command, methods=["POST"]),
            Route("/{path:path}", served.api, methods=METHODS),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
        lifespan=lifespan,
    )


def build_server(world: World, clock: Clock) -> uvicorn.Server:
    """A server of the double, not yet running. It writes no log: headers hold keys."""
    # It says of each broken answer that it broke.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        create_double_app(world, clock),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def serve(world: World, clock: Clock, listener: socket.socket) -> bool:
    """Serve until a signal ends it. False where it could not start."""
    server = build_server(world, clock)
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when all is closed
        server.run(sockets=[listener])
    return server.started


class _Broken(Response):
    """An answer that breaks off: fewer bytes come than were announced, and the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def _body(http: HttpRequest) -> bytes | None:
    """The body, or None where it is too large."""
    parts, size = [], 0
    async for part in http.stream():
        size += len(part)
        if size > FORM_CHARS_MAX:
            return None
        parts.append(part)
    return b"".join(parts)


def _json(body: bytes | None) -> dict[str, Any]:
    if body is None:
        raise Refused("The request is too large.", status=413)
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refused("The body has to be a JSON object.") from error
    if not isinstance(found, dict):
        raise Refused("The body has to be a JSON object.")
    return found
