"""Bounds on request bodies, before anything is parsed: size, declared or streamed, and media type."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provenance.api.errors import of_http

BODY_BYTES_MAX = 4 * 1024 * 1024
WORK_BODY_BYTES_MAX = 64 * 1024 * 1024
MEDIA_TYPE = "application/json"
_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})
_LARGE = ("POST", "/v1/works")


class BodyBounds:
    """ASGI middleware: refuses what is too long as soon as it is known to be, and what isn't declared to be JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, 415 or 400, or pass the request on with its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bytes_max = _bytes_max(scope)
        headers = Headers(scope=scope)
        refused = _declared_length_problem(headers, bytes_max) or _media_type_problem(scope["method"], headers)
        if refused is not None:
            await of_http(refused)(scope, receive, send)
            return
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > bytes_max:
                # FastAPI turns any other exception that it meets while it reads a body into a 400.
                raise _too_large(bytes_max)
            return message

        await self._app(scope, counting, send)


def _bytes_max(scope: Scope) -> int:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return WORK_BODY_BYTES_MAX if (scope["method"], path) == _LARGE else BODY_BYTES_MAX


def _declared_length_problem(headers: Headers, bytes_max: int) -> HTTPException | None:
    declared = headers.get("content-length")
    if declared is None:
        return None
    if not (declared.isascii() and declared.isdigit()):
        return HTTPException(400)
    return _too_large(bytes_max) if len(declared) > len(str(bytes_max)) or int(declared) > bytes_max else None


def _media_type_problem(method: str, headers: Headers) -> HTTPException | None:
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if method not in _WITH_A_BODY or not has_body:
        return None
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return None if media_type == MEDIA_TYPE else HTTPException(415, f"Send the body as {MEDIA_TYPE}.")


def _too_large(bytes_max: int) -> HTTPException:
    return HTTPException(413, f"The body is over the bound of {bytes_max:,} bytes.")
