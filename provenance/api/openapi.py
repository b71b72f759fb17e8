"""The OpenAPI document: what the API is for, and the problems that each operation can answer with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from provenance.api.errors import MEDIA_TYPE
from provenance.api.schemas.audit import Problem, ProblemField

DESCRIPTION = """
A rights holder registers works. A generation service sends each output, in parts by worker. The system says which
works the output derives from, where, and how sure it is; books what that earns under the works' licences; and lets
anyone check that no record was changed.

An attribution is *evidence of reuse*, never *causal influence*. A valid proof shows that a record is unaltered, not
that its attribution is true.

**Keys.** Every endpoint under `/v1` needs `Authorization: Bearer prov_<id>_<secret>`. A key belongs to one party and
has scopes: `operator` runs the installation, `creator` registers works and reads its earnings, `service` sends outputs,
`auditor` reads everything.

**Money** is `{"amount": "0.040000", "currency": "USD"}`: a decimal string with at most six decimals. A JSON number is
refused. **Spans** count characters (code points) of the text that was sent. **Times** are UTC.

**Repetitions are harmless.** Every write has a business key: the same again gives the first answer, and the same key
with another content is refused with 409, for ever.

**Lists** are paged: send `next_cursor` back as `cursor` until it is null.

**Errors** are problem documents (RFC 9457, `application/problem+json`) with a stable `code`, a `detail` and, where
there is one, a `mend`.
""".strip()

TAGS = [
    {"name": "parties", "description": "Who registers, earns, sends outputs, operates or audits."},
    {"name": "keys", "description": "API keys."},
    {"name": "works", "description": "Registered sources, and the index that outputs are held against."},
    {"name": "rights", "description": "Who owns a work, and what a use of it costs."},
    {"name": "generations", "description": "Outputs, with the works that they derive from."},
    {"name": "creators", "description": "What a party's works earned, down to the words."},
    {"name": "statements", "description": "Closed periods, and what each party's came to."},
    {"name": "payouts", "description": "What is paid of closed statements, to whom, and how far each payout is."},
    {"name": "endpoints", "description": "Where parties hear of events, signed by us, and what they were told."},
    {"name": "webhooks", "description": "What payment providers report; signed by them."},
    {"name": "reviews", "description": "What is held because its attribution isn't sure enough for its licence."},
    {"name": "disputes", "description": "Who disputes a claim or a use, and where the disputed part of the money is."},
    {"name": "audit", "description": "The books, and the export that can be checked without us."},
    {"name": "health", "description": "Whether the process is alive, and ready."},
]

_PROBLEMS = {
    400: "The body isn't JSON in UTF-8, or a cursor isn't one.",
    401: "No valid API key.",
    403: "The key doesn't open this.",
    404: "No such thing, or not the caller's to see.",
    409: "Recorded before with another content, or only one of these runs at a time.",
    413: "The body or a text is above its bound.",
    415: "The body isn't declared to be JSON.",
    422: "A member of the request can't be accepted.",
    500: "A bug of ours.",
    503: "The database, the model or the index isn't there.",
}


def openapi_of(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What replaces ``app.openapi``: FastAPI's document, with problem documents as they are really answered."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    summary=app.summary,
                    description=app.description,
                    routes=app.routes,
                    tags=app.openapi_tags,
                    license_info=app.license_info,
                )
            )
        return app.openapi_schema

    return openapi


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    components = document["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for model in (Problem, ProblemField):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        components["schemas"][model.__name__] = schema
    components["responses"] = {_name(status): _response(status) for status in _PROBLEMS}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            responses.pop("422", None)
            for status in _possible(path, method, operation):
                if str(status) not in responses or "content" not in responses[str(status)]:
                    responses[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
            operation["responses"] = dict(sorted(responses.items()))
    return document


def _possible(path: str, method: str, operation: dict[str, Any]) -> Iterator[int]:
    """Statuses that an operation can answer a problem with."""
    if not operation.get("security"):
        return
    yield from (401, 403, 500, 503)
    parameters = {p["name"] for p in operation.get("parameters", ())}
    if "requestBody" in operation:
        yield from (400, 404, 409, 413, 415)
    if "requestBody" in operation or parameters:
        yield 422
    if "cursor" in parameters:
        yield 400
    if "{" in path:
        yield 404
    if method == "post" or path.endswith("/exports"):
        yield 409


def _name(status: int) -> str:
    return f"Problem{status}"


def _response(status: int) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
    if status in (HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds, where waiting helps."}
    schema = {"$ref": "#/components/schemas/Problem"}
    response: dict[str, Any] = {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
    return response | ({"headers": headers} if headers else {})
