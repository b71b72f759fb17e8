"""A payout: the intent to pay a party, and the exact lines of closed statements that it settles. A fact, never changed.

What it settles and what was carried in, less what it pays, is carried on: what is below a minor unit, and what was
taken back since the statement was made. Nothing is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

from provenance.kernel.canonical import Json
from provenance.kernel.ids import check_party_id, derived_id
from provenance.kernel.minor_units import micros_per_minor_unit
from provenance.kernel.money import MicroUnits, Money, check_currency
from provenance.payouts.leg import LEGS_MAX, Leg, legs_text

LINES_MAX = 10_000
APPROVALS_MAX = 2


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SettledLine:
    """A line of a statement, by its number from 1, and what it came to in micro-units."""

    statement: str
    number: int
    micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """The ``number``-th payout of a party in a currency, from 1.

    ``statement`` is the last one that it settles lines of. ``account`` is the payee account that it goes to, through
    ``provider`` and its ``legs``. ``approvals`` are the people that it needs.
    """

    party: str
    currency: str
    number: int
    statement: str
    lines: tuple[SettledLine, ...]
    carried_in_micros: int
    minor_units: int
    provider: str
    account: str
    legs: tuple[Leg, ...]
    approvals: int
    planned_by: str

    def __post_init__(self) -> None:
        check_party_id(self.party)
        check_currency(self.currency)
        assert self.number >= 1, "payouts count from 1"
        assert self.minor_units > 0, "a payout pays something"
        assert len(self.lines) <= LINES_MAX, "lines are bounded"
        assert len({(n.statement, n.number) for n in self.lines}) == len(self.lines), "a line is settled once"
        assert 1 <= len(self.legs) <= LEGS_MAX, "a provider pays in a leg or several"
        assert len({leg.name for leg in self.legs}) == len(self.legs), "legs have names of their own"
        assert sum(leg.moves_cash for leg in self.legs) == 1, "one leg takes the money from us"
        assert 1 <= self.approvals <= APPROVALS_MAX, "somebody approves it"
        assert self.carried_out_micros >= 0, "no more is paid than is due"

    @property
    def id(self) -> str:
        """It follows from whose it is, and which: the same payout can't be planned twice, with whatever amount."""
        return derived_id("payout", {"party": self.party, "currency": self.currency, "number": self.number})

    @property
    def money(self) -> Money:
        """What is paid."""
        return Money(self.currency, MicroUnits(self.minor_units * micros_per_minor_unit(self.currency)))

    @property
    def settles_micros(self) -> int:
        """What its lines come to."""
        return sum(line.micros for line in self.lines)

    @property
    def carried_out_micros(self) -> int:
        """What stays owed of it all."""
        return self.settles_micros + self.carried_in_micros - self.money.micros


def payout_form(payout: Payout) -> dict[str, Json]:
    """All of it, as its leaf commits to it."""
    return {
        "id": payout.id,
        "party": payout.party,
        "currency": payout.currency,
        "number": payout.number,
        "statement": payout.statement,
        "lines": [{"statement": n.statement, "number": n.number, "micros": str(n.micros)} for n in payout.lines],
        "carried_in_micros": str(payout.carried_in_micros),
        "carried_out_micros": str(payout.carried_out_micros),
        "minor_units": payout.minor_units,
        "micros": str(payout.money.micros),
        "provider": payout.provider,
        "account": payout.account,
        "legs": legs_text(payout.legs),
        "approvals": payout.approvals,
        "planned_by": payout.planned_by,
    }
