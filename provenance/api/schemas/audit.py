"""What auditors and operators see of the books and of the installation."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from provenance.api.schemas.fields import Amount, Currency, View, example


class TrialBalanceLineView(View):
    """An account's balance, in the column where it belongs."""

    account: str
    currency: Currency
    debit: Amount
    credit: Amount


class TrialBalanceView(View):
    """All accounts of the books. `differences` holds debits less credits by currency: zero, always."""

    model_config = example(
        {
            "balanced": True,
            "differences": {"USD": "0.000000"},
            "accounts": [
                {"account": "generation_revenue/USD", "currency": "USD", "debit": "0.000000", "credit": "0.040000"},
                {
                    "account": "service_receivable/atlas-writing/USD",
                    "currency": "USD",
                    "debit": "0.040000",
                    "credit": "0.000000",
                },
            ],
        }
    )

    balanced: bool
    differences: dict[str, Amount]
    accounts: list[TrialBalanceLineView]


class AliveView(View):
    """The process answers."""

    model_config = example({"status": "alive"})

    status: str


class CheckView(View):
    """One thing that serving needs. `code` and `mend` say what is missing, where something is."""

    ok: bool
    code: str | None = None
    mend: str | None = None


class ReadyView(View):
    """Whether every endpoint can answer."""

    model_config = example(
        {
            "ready": True,
            "checks": {n: {"ok": True, "code": None, "mend": None} for n in ("database", "model", "snapshot")},
        }
    )

    ready: bool
    checks: dict[str, CheckView]


class ProblemField(View):
    """A member of the request that can't be accepted."""

    field: str
    message: str


class Problem(View):
    """A problem document (RFC 9457). Some codes have members of their own."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:provenance:error:invalid_money",
                    "title": "Not an amount that can be charged or paid",
                    "status": 422,
                    "detail": "A price of -0.040000 USD is below zero.",
                    "code": "invalid_money",
                    "mend": "Send zero or more.",
                }
            ]
        },
    )

    type: Annotated[str, Field(examples=["urn:provenance:error:conflict"])]
    title: str
    status: int
    detail: str
    code: Annotated[str, Field(description="Stable: for programs.")]
    mend: str | None = None
    fields: list[ProblemField] | None = None
