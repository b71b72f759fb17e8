"""Who asks, and what for: API keys are checked before a byte of the body is read, scopes at each endpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from provenance.api import errors
from provenance.bootstrap import System
from provenance.kernel.errors import Forbidden, ProvenanceError, Unauthenticated
from provenance.services.register import authenticate
from provenance.sources.party import ApiKey
from provenance.sources.party import Scope as Right

PROTECTED = "/v1/"
TOKEN_CHARS_MAX = 200
_SCHEME = "bearer "
_KEY = "provenance_key"

_bearer = HTTPBearer(
    scheme_name="apiKey",
    bearerFormat="prov_<id>_<secret>",
    auto_error=False,
    description="A key of `POST /v1/keys`. It belongs to one party, and each endpoint names the scopes that open it.",
)


class Authentication:
    """ASGI middleware: under ``/v1/`` nobody gets past it without a valid key."""

    def __init__(self, app: ASGIApp, system: System) -> None:
        self._app, self._system = app, system

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, or pass the request on with its key."""
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        if path.startswith(PROTECTED):
            try:
                token = _token(Headers(scope=scope))
                scope[_KEY] = await to_thread.run_sync(authenticate, self._system.database, token)
            except ProvenanceError as error:
                await errors.of_error(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _token(headers: Headers) -> str:
    given = headers.get("authorization", "")
    if given[: len(_SCHEME)].lower() != _SCHEME or len(given) > TOKEN_CHARS_MAX:
        raise Unauthenticated("There is no API key.", mend="Send it as: Authorization: Bearer prov_…")
    return given[len(_SCHEME) :].strip()


def require(*scopes: Right) -> Callable[..., Awaitable[ApiKey]]:
    """A dependency that yields the caller's key where it has one of ``scopes``, and raises `Forbidden` otherwise."""

    async def check(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> ApiKey:
        key = request.scope.get(_KEY)
        if not isinstance(key, ApiKey):
            raise Unauthenticated("There is no API key.", mend="Send it as: Authorization: Bearer prov_…")
        if key.scopes.isdisjoint(scopes):
            raise Forbidden(
                f"This needs a key with the scope {' or '.join(scopes)}.", mend="Ask the operator for such a key."
            )
        return key

    return check


OperatorKey = Annotated[ApiKey, Depends(require(Right.OPERATOR))]
ReaderKey = Annotated[ApiKey, Depends(require(Right.OPERATOR, Right.AUDITOR))]
RegistrantKey = Annotated[ApiKey, Depends(require(Right.OPERATOR, Right.CREATOR))]
WorkReaderKey = Annotated[ApiKey, Depends(require(Right.OPERATOR, Right.AUDITOR, Right.CREATOR))]
DisputeKey = Annotated[ApiKey, Depends(require(*Right))]
ServiceKey = Annotated[ApiKey, Depends(require(Right.SERVICE))]
GenerationReaderKey = Annotated[ApiKey, Depends(require(Right.OPERATOR, Right.AUDITOR, Right.SERVICE))]


def reads_all(key: ApiKey) -> bool:
    """Whether the key sees what belongs to any party."""
    return not key.scopes.isdisjoint({Right.OPERATOR, Right.AUDITOR})


def check_own_party(key: ApiKey, party: str) -> None:
    """Raise `Forbidden` where ``party`` is another one than the key's, and the key doesn't see all."""
    if not reads_all(key) and key.party != party:
        raise Forbidden(f"This key sees {key.party!r} alone.", mend="Ask for your own party.")
