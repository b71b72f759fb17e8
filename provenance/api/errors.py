"""What every error means over HTTP: the only place that maps the tree of errors to statuses (RFC 9457).

An answer holds what the caller can mend, and nothing of what went on inside: no trace, no path, no statement of SQL.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from provenance.kernel import errors as tree
from provenance.kernel.errors import ProvenanceError

MEDIA_TYPE = "application/problem+json"
URN = "urn:provenance:error:"
RETRY_AFTER_SECONDS = 2
FIELDS_SHOWN_MAX = 20
MESSAGE_CHARS_MAX = 300
NAME_CHARS_MAX = 100
DEPTH_MAX = 4
FRAMES_SHOWN_MAX = 12

# A class that isn't here means what its nearest ancestor means.
STATUSES: Mapping[type[ProvenanceError], tuple[int, str]] = {
    ProvenanceError: (500, "Something went wrong"),
    tree.InvalidInput: (422, "The request holds something that can't be accepted"),
    tree.InvalidMoney: (422, "Not an amount that can be charged or paid"),
    tree.UnknownCurrency: (422, "Not an ISO 4217 currency"),
    tree.InvalidClaims: (422, "The claims don't add up"),
    tree.InvalidTerms: (422, "The licence terms contradict themselves"),
    tree.InvalidText: (422, "Not a text that can be registered or attributed"),
    tree.InvalidCursor: (400, "Not a cursor of this list"),
    tree.InvalidSignature: (400, "The signature isn't valid"),
    tree.InvalidReport: (400, "Not an event"),
    tree.TooLarge: (413, "Above a bound"),
    tree.NotFound: (404, "No such thing, or not yours to see"),
    tree.Conflict: (409, "Recorded before, with another content"),
    tree.CorrectionOfCorrection: (409, "A correction is not corrected"),
    tree.OpenWork: (409, "Something has to be decided first"),
    tree.PeriodClosed: (409, "The period is closed, for good"),
    tree.PeriodOrder: (409, "Another period comes first, or this one isn't over"),
    tree.OutOfTime: (409, "Its time is over"),
    tree.InDispute: (409, "It stands still until a dispute is over"),
    tree.AlreadyRunning: (409, "Only one of these runs at a time"),
    tree.Unauthenticated: (401, "No valid API key"),
    tree.Forbidden: (403, "The key doesn't open this"),
    tree.Unbalanced: (500, "The books would not balance"),
    tree.Untrusted: (422, "It doesn't follow from the record"),
    tree.StaleCheckpoint: (409, "Older than what was seen before"),
    tree.ForkedLog: (409, "Two states of one log that can't both be true"),
    tree.Unavailable: (503, "Something that the system needs isn't there"),
    tree.Overloaded: (503, "Too much is asked at once"),
    tree.ModelMissing: (503, "The embedding model isn't there"),
    tree.SnapshotUnusable: (503, "There is no usable index"),
    tree.StorageFull: (503, "The disk is full"),
    tree.StorageLocked: (503, "The database is busy"),
    tree.StorageFailed: (503, "The database failed"),
    tree.SchemaMismatch: (503, "The database has another schema"),
    tree.LogMissing: (503, "There is no signed log yet"),
    tree.LogAltered: (503, "The log doesn't lead to its signed root"),
    tree.ClockWentBack: (503, "The clock went back"),
}

# Their sentences name paths and hosts; callers get the title alone, and the log gets the sentence.
_OF_THE_MACHINE = (tree.StorageFailed, tree.StorageFull, tree.ModelMissing)

_CODES_BY_STATUS = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "media_type"}
_DETAILS_BY_STATUS = {
    400: "The body can't be read as JSON in UTF-8.",
    404: "There is nothing at this path.",
    405: "The path exists, and doesn't take this method.",
}

_log = structlog.get_logger("provenance.api")


def status_of(kind: type[ProvenanceError]) -> tuple[int, str]:
    """The status and the title of a class of errors."""
    return next(STATUSES[ancestor] for ancestor in kind.__mro__ if ancestor in STATUSES)


def problem(
    status: int, code: str, title: str, detail: str, members: Mapping[str, object] | None = None
) -> JSONResponse:
    """A problem document as a response. ``members`` are added, and never replace one that the standard names."""
    standard = {"type": URN + code, "title": title, "status": status, "detail": detail, "code": code}
    added = {name: value for name, value in (members or {}).items() if name not in standard}
    return JSONResponse(safe_json(standard | added), status, media_type=MEDIA_TYPE)


def of_error(error: ProvenanceError) -> JSONResponse:
    """The answer to an expected error."""
    status, title = status_of(type(error))
    hidden = isinstance(error, _OF_THE_MACHINE) or status == HTTPStatus.INTERNAL_SERVER_ERROR
    detail, mend = (f"{title}.", "") if hidden else (error.message, error.mend)
    members = {} if hidden else {**error.data, **({"mend": mend} if mend else {})}
    response = problem(status, error.code, title, detail, members)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("unavailable", code=error.code, message=_text(str(error), MESSAGE_CHARS_MAX))
    if isinstance(error, tree.StorageLocked | tree.AlreadyRunning | tree.Overloaded):
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, tree.Unauthenticated):
        response.headers["WWW-Authenticate"] = 'Bearer realm="provenance"'
    return response


def of_validation(error: RequestValidationError) -> JSONResponse:
    """The answer to a request that doesn't have the documented form: which fields, and why; never what they held."""
    found: Sequence[Mapping[str, Any]] = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        return problem(
            400, "malformed", "Not JSON", _DETAILS_BY_STATUS[400], {"mend": "Send one JSON object in UTF-8."}
        )
    fields = [
        {"field": _text(".".join(str(p)[:NAME_CHARS_MAX] for p in e["loc"]), MESSAGE_CHARS_MAX), "message": _message(e)}
        for e in found[:FIELDS_SHOWN_MAX]
    ]
    status, title = status_of(tree.InvalidInput)
    detail = f"{fields[0]['field']}: {fields[0]['message']}" if fields else title
    return problem(status, tree.InvalidInput.code, title, detail, {"fields": fields, "mend": "See /docs for the form."})


def of_http(error: HTTPException) -> JSONResponse:
    """The answer to what the router or the framework refuses."""
    status = error.status_code
    title = HTTPStatus(status).phrase
    detail = _DETAILS_BY_STATUS.get(status, error.detail)
    response = problem(status, _CODES_BY_STATUS.get(status, "refused"), title, detail)
    response.headers.update(error.headers or {})
    return response


def of_unexpected(error: BaseException) -> JSONResponse:
    """The answer to a bug of ours. The log gets its kind and place, and no message: messages quote texts and rows."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_SHOWN_MAX:]
    _log.error(
        "unexpected_error",
        error=type(error).__qualname__,
        cause=type(error.__cause__ or error.__context__).__qualname__,
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
    detail = "The server failed. Nothing was half-written; the request can be sent again."
    return problem(500, "internal", "Something went wrong", detail)


async def handle_error(request: Request, error: Exception) -> Response:
    """For FastAPI: answer an error of any of the kinds above."""
    match error:
        case ProvenanceError():
            return of_error(error)
        case RequestValidationError():
            return of_validation(error)
        case HTTPException(status_code=HTTPStatus.METHOD_NOT_ALLOWED):
            response = of_http(error)
            response.headers.update(_allowed(request))
            return response
        case HTTPException():
            return of_http(error)
        case _:
            return of_unexpected(error)


def _allowed(request: Request) -> dict[str, str]:
    """All methods of the path: the router names those of the first endpoint that it met."""
    template = getattr(request.scope.get("route"), "path", "")
    operations = request.app.openapi()["paths"].get(template)
    return {"Allow": ", ".join(sorted(method.upper() for method in operations))} if operations else {}


def _message(error: Mapping[str, Any]) -> str:
    return _text(str(error["msg"]).removeprefix("Value error, "), MESSAGE_CHARS_MAX)


def safe_json(value: object, depth: int = 0) -> Any:
    """A value as JSON that any reader accepts: no half of a surrogate pair, no float beyond numbers, bounded depth."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping) and depth < DEPTH_MAX:
        return {_text(str(k), NAME_CHARS_MAX): safe_json(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple) and depth < DEPTH_MAX:
        return [safe_json(item, depth + 1) for item in value[:FIELDS_SHOWN_MAX]]
    return _text(str(value), MESSAGE_CHARS_MAX * 2)


def _text(text: str, chars_max: int) -> str:
    whole = text.encode("utf-8", "replace").decode()
    return whole if len(whole) <= chars_max else f"{whole[: chars_max - 1]}…"
