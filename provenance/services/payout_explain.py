"""Explain a payout: where it stands, what it waits for and what to do about it, down to the lines that it settles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from provenance.payouts.next_step import AskPerson, NextStep, Nothing, Wait, next_step
from provenance.services.payment_provider import Providers
from provenance.services.payout_standing import Standing, standing
from provenance.services.ports import Clock, Database
from provenance.statements.statement import Statement

# What an operator does about what a payout waits for.
MENDS: Mapping[str, str] = {
    "approval": "Somebody else approves it: provenance payouts approve.",
    "refused": "Mend what the provider says (often its balance), then: provenance payouts retry; or cancel it.",
    "undo_refused": (
        "The money is on the party's account with the provider, and can't be taken back. Mend that with the provider, "
        "then: provenance payouts retry; what will never come back, another operator writes off."
    ),
    "differs": (
        "The provider has something else than was intended. Look there first; nothing moves before "
        "provenance payouts retry says that it may."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A payout with the statements that its lines are of, what comes next, and what a person does about it."""

    standing: Standing
    statements: Mapping[str, Statement]
    next: NextStep | None
    mend: str


def explain(database: Database, providers: Providers, payout: str, clock: Clock) -> Explained:
    """Everything about a payout. Raises `NotFound`."""
    with database.begin() as work:
        found = standing(work, payout)
        names = {line.statement for line in found.payout.lines} | {found.payout.statement}
        statements = {name: r.fact for name in sorted(names) if (r := work.statements.get(name)) is not None}
    provider = providers.get(found.payout.provider)
    retention: timedelta | None = provider.key_retention if provider else None
    step = next_step(
        found.payout, found.at, approvals=len(found.history.approvals), now=clock(), key_retention=retention
    )
    return Explained(standing=found, statements=statements, next=step if provider else None, mend=mend_of(step))


def mend_of(step: NextStep) -> str:
    """What to do about a step that isn't the program's to take."""
    match step:
        case AskPerson(why=why):
            return MENDS[why]
        case Wait(until=until):
            return f"Nothing before {until:%Y-%m-%d %H:%M} UTC; provenance payouts retry asks at once."
        case Nothing():
            return ""
        case _:
            return "It goes on with: provenance payouts advance."
