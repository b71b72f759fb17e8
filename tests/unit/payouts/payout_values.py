"""Values that tests of payouts share: a payout in two legs, and histories of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from provenance.payouts.leg import Attempt, Leg
from provenance.payouts.next_step import Begin
from provenance.payouts.outcome import Accepted, Outcome, ProviderObject, Status
from provenance.payouts.payout import Payout, SettledLine
from provenance.payouts.position import position
from provenance.payouts.transitions import Recording, answered, begin

NOW = datetime(2026, 12, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LEGS = (Leg(name="transfer", moves_cash=True), Leg(name="payout", moves_cash=False))
LINES = (
    SettledLine(statement="statement_1", number=1, micros=30_000_000),
    SettledLine(statement="statement_1", number=2, micros=-4_995_679),
)


def payout(**changes: Any) -> Payout:
    """25.00 of 25.004321 USD."""
    plain: dict[str, Any] = {
        "party": "ann",
        "currency": "USD",
        "number": 1,
        "statement": "statement_1",
        "lines": LINES,
        "carried_in_micros": 0,
        "minor_units": 2_500,
        "provider": "fake",
        "account": "payee_account_1",
        "legs": LEGS,
        "approvals": 1,
        "planned_by": "press",
    }
    return Payout(**(plain | changes))


def seen(attempt: Attempt, **changes: Any) -> ProviderObject:
    """What the provider has of an attempt, as it should be."""
    plain: dict[str, Any] = {
        "id": f"obj:{attempt.key}",
        "key": attempt.key,
        "account": "acct",
        "currency": "USD",
        "minor_units": 2_500,
        "status": Status.DONE,
    }
    return ProviderObject(**(plain | changes))


def recording(of: Payout | None = None) -> Recording:
    """Nothing has happened yet."""
    made = of or payout()
    return Recording(payout=made, at=position(made, (), ()), now=NOW)


def reserved() -> Recording:
    """Approved and reserved."""
    from provenance.payouts import postings
    from provenance.payouts.event import State, What

    made = recording()
    made.add(What.APPROVED, State.APPROVED)
    made.add(What.RESERVED, State.RESERVED, transaction=postings.reserve(made.payout, at=NOW))
    return made


def asked(made: Recording, leg: str, *, undoes: str | None = None) -> Attempt:
    """The next attempt at a leg is begun."""
    course = made.at.leg(leg).back if undoes else made.at.leg(leg).forward
    begin(made, Begin(leg=leg, ordinal=course.ordinals + 1, undoes=undoes))
    return made.attempts[-1]


def answers(made: Recording, leg: str, outcomes: Iterable[Outcome]) -> None:
    """An attempt at a leg for each outcome that ends one."""
    attempt = asked(made, leg)
    for outcome in outcomes:
        answered(made, attempt, outcome, account="acct")


def done(made: Recording, leg: str) -> Attempt:
    """An attempt at a leg that is done at once."""
    attempt = asked(made, leg)
    answered(made, attempt, Accepted(found=seen(attempt)), account="acct")
    return attempt
