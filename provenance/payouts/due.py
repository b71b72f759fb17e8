"""What is due to a party now, and the payout that pays it; or why nothing is paid. Reads no database and no clock.

What is due is the least of three: what the last closed statement says is payable, less what was paid since; what the
lines come to that no payout settles, with what earlier ones carried on; and what the books owe now, which may be less
because something was taken back since. It is paid in whole minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from provenance.kernel.canonical import Json
from provenance.kernel.ids import derived_id
from provenance.kernel.minor_units import payable
from provenance.kernel.money import MicroUnits, Money
from provenance.payouts.approval import Limits
from provenance.payouts.leg import Leg
from provenance.payouts.payee_account import PayeeAccount, Readiness
from provenance.payouts.payout import Payout, SettledLine


class Why(StrEnum):
    """Why a party isn't paid."""

    NOTHING_DUE = "nothing_due"
    BELOW_THRESHOLD = "below_threshold"
    NEGATIVE_BALANCE = "negative_balance"
    BELOW_MINIMUM = "below_minimum"  # of the provider, or less than a minor unit
    NO_ACCOUNT = "no_account"
    ACCOUNT_INCOMPLETE = "account_incomplete"
    ACCOUNT_DEAD = "account_dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How payouts go: the provider and its legs, and by currency the least that it pays and the steps it pays in.

    ``minimums`` and ``multiples`` count minor units; a currency that isn't named is paid from 1 on, in steps of 1.
    """

    provider: str
    legs: tuple[Leg, ...]
    minimums: Mapping[str, int]
    multiples: Mapping[str, int]

    def minimum(self, currency: str) -> int:
        """The least that is paid; 1 where none is stated."""
        return max(1, self.minimums.get(currency, 1))

    def payable(self, currency: str, minor_units: int) -> int:
        """What of an amount can be paid, in whole steps."""
        return minor_units - minor_units % self.multiples.get(currency, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastStatement:
    """What a party's last closed statement in a currency came to, in micro-units."""

    id: str
    period: str
    closing_micros: int
    payable_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """A party with what is known of what it is owed in a currency.

    ``lines`` are those of its statements that no live payout settles, oldest first: all that earned or took something,
    and none of what was paid. ``carried_micros`` is what live payouts carried on; ``paid_since_micros`` what was paid,
    less what came back, and isn't counted in the last statement; ``owed_micros`` what the books owe now. ``payouts``
    counts all there ever were.
    """

    party: str
    currency: str
    last: LastStatement
    lines: tuple[SettledLine, ...]
    carried_micros: int
    paid_since_micros: int
    owed_micros: int
    payouts: int
    account: PayeeAccount | None
    readiness: Readiness | None

    @property
    def due_micros(self) -> int:
        """What is due; zero or less where nothing is."""
        stated = self.last.payable_micros - self.paid_since_micros
        unsettled = sum(line.micros for line in self.lines) + self.carried_micros
        return min(stated, unsettled, self.owed_micros)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Why a party isn't paid in a currency, and what is due all the same; ``statement`` is its last one."""

    party: str
    currency: str
    why: Why
    due_micros: int = 0
    statement: str = ""

    @property
    def id(self) -> str:
        """It follows from what wasn't paid, and why: the same refusal is one fact, however often it is met."""
        named = {"party": self.party, "currency": self.currency, "statement": self.statement, "why": self.why.value}
        return derived_id("payout_refusal", named)


def refusal_form(refused: Skipped) -> dict[str, Json]:
    """All of it, as its leaf commits to it; its time is when it was met first."""
    return {
        "id": refused.id,
        "party": refused.party,
        "currency": refused.currency,
        "statement": refused.statement,
        "why": refused.why.value,
        "due_micros": str(refused.due_micros),
    }


def plan(payee: Payee, way: Way, limits: Limits, *, by: str) -> Payout | Skipped:
    """The payout of all that is due to a party in a currency, or why there is none."""
    due = payee.due_micros
    if due <= 0:
        return _skipped(payee, _why_nothing(payee), 0)
    whole = payable(Money(payee.currency, MicroUnits(due)))
    minor_units = way.payable(payee.currency, whole.minor_units)
    why = _why_not(payee, way, minor_units)
    if why is not None or payee.account is None:
        return _skipped(payee, why or Why.NO_ACCOUNT, due)
    return Payout(
        party=payee.party,
        currency=payee.currency,
        number=payee.payouts + 1,
        statement=payee.last.id,
        lines=payee.lines,
        carried_in_micros=payee.carried_micros,
        minor_units=minor_units,
        provider=way.provider,
        account=payee.account.id,
        legs=way.legs,
        approvals=limits.approvals(whole.paid),
        planned_by=by,
    )


def _skipped(payee: Payee, why: Why, due_micros: int) -> Skipped:
    return Skipped(party=payee.party, currency=payee.currency, why=why, due_micros=due_micros, statement=payee.last.id)


def _why_nothing(payee: Payee) -> Why:
    last = payee.last
    if payee.owed_micros < 0 or last.closing_micros < 0:
        return Why.NEGATIVE_BALANCE
    if not last.payable_micros and last.closing_micros > 0:
        return Why.BELOW_THRESHOLD
    return Why.NOTHING_DUE


def _why_not(payee: Payee, way: Way, minor_units: int) -> Why | None:
    if minor_units < way.minimum(payee.currency):
        return Why.BELOW_MINIMUM
    if payee.account is None:
        return Why.NO_ACCOUNT
    if payee.readiness is Readiness.DEAD:
        return Why.ACCOUNT_DEAD
    return None if payee.readiness is Readiness.READY else Why.ACCOUNT_INCOMPLETE
