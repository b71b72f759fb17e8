"""The error that a request is answered with, in the shape of Stripe's errors (docs.stripe.com/api/errors)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

DOC_URL = "https://docs.stripe.com/error-codes/"


class ErrorType(StrEnum):
    """The four types of error of v1."""

    API = "api_error"
    CARD = "card_error"
    IDEMPOTENCY = "idempotency_error"
    INVALID = "invalid_request_error"


class Refused(Exception):
    """A request that isn't carried out: ``status`` of HTTP, and what the SDK makes its exception of."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: ErrorType = ErrorType.INVALID,
        code: str | None = None,
        param: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.kind, self.code, self.param = message, status, kind, code, param
        self.headers = headers

    def body(self) -> dict[str, Any]:
        """The answer's body: ``{"error": {...}}``, without what isn't known."""
        error: dict[str, Any] = {"message": self.message, "type": str(self.kind)}
        if self.code:
            error |= {"code": self.code, "doc_url": DOC_URL + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        return {"error": error}


def missing(what: str, name: str, *, param: str = "id", status: int = 404) -> Refused:
    """No such object, or one of another account: the two look alike from outside."""
    return Refused(f"No such {what}: '{name[:80]}'", status=status, code="resource_missing", param=param)
