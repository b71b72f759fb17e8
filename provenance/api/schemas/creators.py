"""What a creator sees: earnings, and each use down to the words."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provenance.api.schemas.fields import Amount, Currency, Moment, MoneyView, Share, Unit, View, example
from provenance.api.schemas.generations import MatchView, UseView, WorkerView
from provenance.api.schemas.parties import PartyView
from provenance.api.schemas.works import StandingView

_USE = {
    "generation": "gen_0a1b2c3d4e5f60718293a4b5",
    "recorded_at": "2026-11-21T08:00:00.000000Z",
    "work": "work_0a1b2c3d4e5f60718293a4b5",
    "title": "The Salt Ledger",
    "share": "0.512000000",
    "confidence": 0.981,
    "licence": "lic_5f0c2a9b71d4e6a8b2c4d6e8",
    "basis_points": 7500,
    "amount": "0.003840",
    "currency": "USD",
}
_TOTAL = {"key": "total", "title": "", "amount": "0.003840", "currency": "USD", "uses": 1}


class EarningsView(View):
    """Earnings in one currency. `key` is `total`, the id of a work, or a month (`2026-11`)."""

    key: str
    title: str
    amount: Amount
    currency: Currency
    uses: int


class WorkEarningsView(EarningsView):
    """Earnings of one work. A work that was withdrawn keeps what it earned before."""

    withdrawn: bool


class UseLineView(View):
    """One accrual: which generation used which work, how much of it, and what that earned the party."""

    model_config = example(_USE)

    generation: str
    recorded_at: Moment
    work: str
    title: str
    share: Share
    confidence: Unit
    licence: str | None
    basis_points: int
    amount: Amount
    currency: Currency


class ReportView(View):
    """Earnings of a party in a period; each list of earnings adds up to the totals."""

    model_config = example(
        {
            "party": {"id": "oona-tresker", "name": "Oona Tresker"},
            "since": "2026-11-01T00:00:00.000000Z",
            "until": "2026-12-01T00:00:00.000000Z",
            "totals": [_TOTAL],
            "by_work": [
                _TOTAL | {"key": "work_0a1b2c3d4e5f60718293a4b5", "title": "The Salt Ledger", "withdrawn": False}
            ],
            "by_month": [_TOTAL | {"key": "2026-11"}],
            "held_for_review": [],
            "uses": [_USE],
            "more_uses": False,
        }
    )

    party: PartyView
    since: Moment
    until: Moment
    totals: list[EarningsView]
    by_work: list[WorkEarningsView]
    by_month: list[EarningsView]
    held_for_review: Annotated[
        list[WorkEarningsView],
        Field(description="By work: what is held of its uses in the period, before claims split it. Part of no total."),
    ]
    uses: Annotated[list[UseLineView], Field(description="The first uses of the period.")]
    more_uses: Annotated[bool, Field(description="Whether `/uses` has more.")]


class EarnedView(MoneyView):
    """What the party earned from a use, by its claim."""

    model_config = example({"basis_points": 7500, "amount": "0.003840", "currency": "USD"})

    basis_points: int


class SpansView(MatchView):
    """A match with the words on both sides, and the worker that made the part."""

    worker: WorkerView
    part_excerpt: str
    source_excerpt: str


class UseDetailView(UseView):
    """What a generation did with one work. Other parties' accruals are left out."""

    work: StandingView
    earned: list[EarnedView]
    matches: list[SpansView]


class GenerationUsesView(View):
    """What one generation did with the works of a party."""

    generation: str
    party: str
    uses: list[UseDetailView]
