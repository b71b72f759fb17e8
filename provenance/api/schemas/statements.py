"""Closed periods, statements, and how parties are paid."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from provenance.api.schemas.creators import UseLineView
from provenance.api.schemas.fields import Amount, Currency, Day, Form, Moment, View, example
from provenance.kernel.ids import LABEL_CHARS_MAX
from provenance.kernel.parts import WHOLE_BASIS_POINTS
from provenance.statements.payee import RESERVE_PERIODS_MAX

PeriodName = Annotated[
    str,
    Field(
        min_length=7, max_length=7, description="A month, or a quarter such as `2026-Q4`, in UTC.", examples=["2026-11"]
    ),
]
Country = Annotated[str, Field(min_length=2, max_length=2, description="ISO 3166-1 alpha-2.", examples=["DE"])]
Rate = Annotated[int, Field(strict=True, ge=0, le=WHOLE_BASIS_POINTS, description="Hundredths of a per cent.")]

_STATEMENT = "statement_0a1b2c3d4e5f60718293a4b5"
_TRANSACTION = "txn_0a1b2c3d4e5f60718293a4b5"
_CLOSED_AT = "2026-12-03T08:00:00.000000Z"
_TERMS = {
    "currency": "USD",
    "valid_from": "2026-11-01",
    "threshold": "25.000000",
    "reserve_basis_points": 1_000,
    "reserve_periods": 3,
}
_TAX = {
    "residence": "DE",
    "payer": "US",
    "basis": "Treaty DE-US, article 12",
    "basis_points": 0,
    "valid_from": "2026-01-01",
}


class StatementForm(StrEnum):
    """What a statement can be had as. The same statement has the same bytes, for ever."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"


class PeriodView(View):
    """A closed period. `statements_sha256` is of its statements, in order of party and currency."""

    model_config = example(
        {
            "period": "2026-11",
            "since": "2026-11-01T00:00:00.000000Z",
            "until": "2026-12-01T00:00:00.000000Z",
            "closed_by": "the-operator",
            "closed_at": _CLOSED_AT,
            "statements": 41,
            "statements_sha256": "0" * 64,
        }
    )

    period: PeriodName
    since: Moment
    until: Moment
    closed_by: str
    closed_at: Moment
    statements: int
    statements_sha256: str


class StatementView(View):
    """What a party's closed period came to in one currency; ask for the statement itself to see its lines."""

    model_config = example(
        {
            "id": _STATEMENT,
            "party": "oona-tresker",
            "period": "2026-11",
            "currency": "USD",
            "opening": "0.000000",
            "closing": "31.500000",
            "payable": "31.500000",
            "lines": 3,
            "closed_at": _CLOSED_AT,
        }
    )

    id: str
    party: str
    period: PeriodName
    currency: Currency
    opening: Amount
    closing: Amount
    payable: Annotated[Amount, Field(description="All of the closing balance, or zero below the threshold.")]
    lines: int
    closed_at: Moment


class CarriedView(View):
    """What a period hands on. `untaxed_micros` is below zero where more was taken back than was earned."""

    micros: str
    untaxed_micros: str
    reserves: list[dict[str, str]]
    advances: list[dict[str, Any]] = Field(default_factory=list, description="Left to recoup; left out where none is.")
    statement: str | None


class LabelsView(View):
    """The names that a statement is shown under; its leaf doesn't commit to them."""

    party: str
    works: dict[str, str]


class StatementDocumentView(View):
    """A whole statement: the canonical form that its leaf commits to, and names beside it.

    Amounts are micro-units as strings: an integer in JSON may exceed what a reader holds exactly.
    """

    model_config = example(
        {
            "format": "provenance-statement-1",
            "id": _STATEMENT,
            "party": "oona-tresker",
            "currency": "USD",
            "period": "2026-11",
            "since": "2026-11-01T00:00:00.000000Z",
            "until": "2026-12-01T00:00:00.000000Z",
            "opening": {"micros": "0", "untaxed_micros": "0", "reserves": [], "statement": None},
            "lines": [
                {
                    "kind": "accrued",
                    "micros": "31500000",
                    "count": 812,
                    "rule": "Royalties of the period's uses, added up.",
                    "inputs": {"cause": "accrual", "count": "812", "sum": "31.500000"},
                    "rounding": "none here: each use was split by largest remainder, and says so itself",
                    "drill": {"kind": "accruals", "cause": "accrual", "late_from": None},
                }
            ],
            "closing": {"micros": "31500000", "untaxed_micros": "0", "reserves": [], "statement": _STATEMENT},
            "payable_micros": "31500000",
            "threshold_micros": "25000000",
            "advance_micros": "0",
            "payout_terms": "payout_terms_0a1b2c3d4e5f60718293a4b5",
            "tax_profile": None,
            "transaction": None,
            "royalties_micros": "31500000",
            "breakdowns": [
                {
                    "dimension": "territory",
                    "rows": [{"key": "DE", "micros": "31500000", "uses": 812}],
                    "others_micros": "0",
                    "others_count": 0,
                }
            ],
            "closed_at": _CLOSED_AT,
            "labels": {"party": "Oona Tresker", "works": {}},
        }
    )

    format: str
    id: str
    party: str
    currency: Currency
    period: PeriodName
    since: Moment
    until: Moment
    opening: CarriedView
    lines: list[dict[str, Any]]
    closing: CarriedView
    payable_micros: str
    threshold_micros: str
    advance_micros: str
    payout_terms: str | None
    tax_profile: str | None
    transaction: str | None
    royalties_micros: str
    breakdowns: list[dict[str, Any]]
    closed_at: Moment
    labels: LabelsView


class PostedLineView(View):
    """A transaction that a line sums, and what it added to what the party is owed."""

    transaction: str
    business_key: str
    cause: str
    effective_at: Moment
    recorded_at: Moment
    corrects: str | None
    amount: Amount


class UnderLineView(View):
    """A line of a statement, and a page of what it sums. From a use, `/uses/{generation}` leads to the words."""

    model_config = example(
        {
            "statement": _STATEMENT,
            "line": 2,
            "kind": "withheld",
            "amount": "-3.500000",
            "currency": "USD",
            "count": 1,
            "rule": "Tax is withheld from what becomes payable and was not taxed before.",
            "inputs": {"taxable": "35.000000", "basis_points": "1000"},
            "rounding": "to the nearest micro-unit; a half goes to the part that is taken",
            "uses": [],
            "transactions": [
                {
                    "transaction": _TRANSACTION,
                    "business_key": "close:2026-11:oona-tresker:USD",
                    "cause": "close",
                    "effective_at": "2026-11-30T23:59:59.999999Z",
                    "recorded_at": _CLOSED_AT,
                    "corrects": None,
                    "amount": "-3.500000",
                }
            ],
            "next_cursor": None,
        }
    )

    statement: str
    line: int
    kind: str
    amount: Amount
    currency: Currency
    count: int
    rule: str
    inputs: dict[str, str]
    rounding: str
    uses: list[UseLineView]
    transactions: list[PostedLineView]
    next_cursor: str | None


class PayoutTermsForm(Form):
    """From a day on: nothing is payable below the threshold; a part of what is earned is held back for some periods."""

    model_config = example(_TERMS)

    currency: Currency
    valid_from: Day
    threshold: Amount = "0"
    reserve_basis_points: Rate = 0
    reserve_periods: Annotated[int, Field(strict=True, ge=0, le=RESERVE_PERIODS_MAX)] = 0


class PayoutTermsView(View):
    """Payout terms as recorded."""

    model_config = example({"id": "payout_terms_0a1b2c3d4e5f60718293a4b5", "party": "oona-tresker"} | _TERMS)

    id: str
    party: str
    currency: Currency
    valid_from: Day
    threshold: Amount
    reserve_basis_points: int
    reserve_periods: int


class TaxProfileForm(Form):
    """From a day on: what is withheld of what becomes payable, and by which treaty or rule."""

    model_config = example(_TAX)

    residence: Country
    payer: Country
    basis: Annotated[str, Field(min_length=1, max_length=LABEL_CHARS_MAX)]
    basis_points: Rate
    valid_from: Day


class TaxProfileView(View):
    """A tax profile as recorded."""

    model_config = example({"id": "tax_profile_0a1b2c3d4e5f60718293a4b5", "party": "oona-tresker"} | _TAX)

    id: str
    party: str
    residence: Country
    payer: Country
    basis: str
    basis_points: int
    valid_from: Day
