"""A request and its answer as values; a `Lost` answer is what a caller sees of a timeout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What arrives: ``path`` without the query, header names in lower case, the body as form-encoded text."""

    method: str
    path: str
    query: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What is answered: ``body`` is JSON text. A replayed answer has the same bytes as the first."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """No answer reaches the caller, who can't know whether the request had its effect; ``reason`` says it here."""

    reason: str


Answer = Response | Lost
