"""Payouts and payees."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provenance.api.schemas.fields import Amount, Form, Moment, MoneyView, PartyId, View, example
from provenance.kernel.ids import LABEL_CHARS_MAX

_MONEY = {"amount": "25.000000", "currency": "USD"}
_PLANNED = {
    "id": "payout_0a1b2c3d4e5f60718293a4b5",
    "party": "oona-tresker",
    "number": 1,
    "amount": _MONEY,
    "statement": "statement_5f0c2a9b71d4e6a8b2c4d6e8",
    "provider": "stripe",
    "approvals": 1,
    "planned_by": "the-operator",
}
_STATE = {
    "state": "sent",
    "since": "2026-12-05T09:00:00.000000Z",
    "planned_at": "2026-12-05T08:59:00.000000Z",
}
_EVENT = {
    "number": 3,
    "what": "begun",
    "state": "sent",
    "attempt": "payout_0a1b2c3d4e5f60718293a4b5:transfer:1",
    "provider_id": None,
    "code": None,
    "transaction": None,
    "by": None,
    "reason": None,
    "at": "2026-12-05T09:00:00.000000Z",
}
_HAPPENED = {"failed": None, "differs": None, "approved_by": ["the-operator"], "events": [_EVENT]}
_NEXT = {
    "step": "ask",
    "until": None,
    "why": None,
    "code": None,
    "mend": "It goes on with: provenance payouts advance.",
}
_LINE = {
    "statement": _PLANNED["statement"],
    "period": "2026-11",
    "line": 1,
    "kind": "accrued",
    "amount": _MONEY,
    "rule": "Royalties of the period's uses, added up.",
}

Reason = Annotated[str, Field(min_length=1, max_length=LABEL_CHARS_MAX, description="Why, in a line.")]


class RunForm(Form):
    """For whom to plan payouts: one party, or all that have something payable."""

    model_config = example({"party": None})

    party: PartyId | None = None


class ReasonForm(Form):
    """Why something is decided."""

    model_config = example({"reason": "The balance was funded."})

    reason: Reason


class PayeeForm(Form):
    """Where a party's bank account is, and where the provider may write to it."""

    model_config = example({"country": "NL", "email": None})

    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]
    email: Annotated[str | None, Field(max_length=320)] = None


class PlannedPayout(View):
    """A payout as it was planned."""

    id: str
    party: str
    number: Annotated[int, Field(description="Which payout of the party in the currency, from 1.")]
    amount: MoneyView
    statement: Annotated[str, Field(description="The last one that it settles lines of.")]
    provider: str
    approvals: Annotated[int, Field(description="How many people have to approve it.")]
    planned_by: str


class PayoutLineView(PlannedPayout):
    """A payout in a list."""

    model_config = example(_PLANNED | _STATE)

    state: Annotated[
        str,
        Field(description="planned, approved, reserved, sent, confirmed, settled, failed, returned or cancelled."),
    ]
    since: Moment
    planned_at: Moment


class PayoutEventView(View):
    """Something that happened to a payout, and the state after it."""

    number: int
    what: str
    state: str
    attempt: str | None
    provider_id: str | None
    code: str | None
    transaction: str | None
    by: str | None
    reason: str | None
    at: Moment


class PayoutView(PayoutLineView):
    """A payout and all that happened to it."""

    model_config = example(_PLANNED | _STATE | _HAPPENED)

    failed: Annotated[str | None, Field(description="Why it failed or was cancelled.")]
    differs: Annotated[str | None, Field(description="In what the provider has something else than was intended.")]
    approved_by: list[str]
    events: list[PayoutEventView]


class SettledLineView(View):
    """A line of a statement that a payout settles; look under it by its period and number."""

    statement: str
    period: str
    line: int
    kind: str
    amount: MoneyView
    rule: str


class NextView(View):
    """What comes next, and what a person does about it."""

    step: str
    until: Moment | None
    why: str | None
    code: str | None
    mend: str | None


class ExplainedPayoutView(PayoutView):
    """A payout down to the lines that it settles. `settles` + `carried_in` = the amount + `carried_out`."""

    model_config = example(
        _PLANNED
        | _STATE
        | _HAPPENED
        | {
            "settles": "25.004321",
            "carried_in": "0.000000",
            "carried_out": "0.004321",
            "lines": [_LINE],
            "next": _NEXT,
        }
    )

    settles: Amount
    carried_in: Amount
    carried_out: Amount
    lines: list[SettledLineView]
    next: NextView | None


class SkippedView(View):
    """Who isn't paid, and why."""

    party: str
    why: Annotated[
        str,
        Field(
            description="nothing_due, below_threshold, negative_balance, below_minimum, no_account, "
            "account_incomplete or account_dead."
        ),
    ]
    due: MoneyView


class PlannedView(View):
    """What was planned, or would be, and who isn't paid and why."""

    model_config = example(
        {"payouts": [_PLANNED], "skipped": [{"party": "jo-brand", "why": "no_account", "due": _MONEY}]}
    )

    payouts: list[PlannedPayout]
    skipped: list[SkippedView]


class AdvancedView(View):
    """Where a payout stands after it was moved on."""

    model_config = example(
        {
            "id": _PLANNED["id"],
            "state": "confirmed",
            "moved": True,
            "unanswered": None,
            "next": _NEXT | {"step": "look"},
        }
    )

    id: str
    state: str
    moved: bool
    unanswered: Annotated[str | None, Field(description="Why the provider gave no answer.")]
    next: NextView | None


class PayeeView(View):
    """How far a party's account with the payment provider is."""

    model_config = example(
        {
            "party": "oona-tresker",
            "provider": "stripe",
            "account": "acct_1Nv0FGQ9RKHgCVdK",
            "readiness": "incomplete",
            "missing": ["external_account"],
            "code": None,
            "as_of": "2026-12-05T09:00:00.000000Z",
        }
    )

    party: str
    provider: str
    account: Annotated[str | None, Field(description="The provider's own name of it; null: there is none yet.")]
    readiness: Annotated[str | None, Field(description="ready, incomplete, pending or dead.")]
    missing: Annotated[list[str], Field(description="What the provider still asks for, in its own words.")]
    code: str | None
    as_of: Moment | None


class LinkView(View):
    """A page of the provider's for the party; it works once, for minutes."""

    model_config = example({"url": "https://connect.stripe.com/setup/x", "expires_at": "2026-12-05T09:05:00.000000Z"})

    url: str
    expires_at: Moment


class TakenInView(View):
    """That a report was taken in; something is made of it later."""

    model_config = example({"taken_in": True})

    taken_in: Annotated[bool, Field(description="False where it was taken in before.")]
