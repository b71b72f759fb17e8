"""A statement: what one party's period came to in one currency, line by line, and what is carried into the next.

It foots, or it doesn't exist: opening and lines add up to the closing balance, and every breakdown to what was earned.
A statement is a fact; nothing here changes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.ids import check_party_id, derived_id
from provenance.kernel.money import check_currency
from provenance.royalties.recoupment import OpenAdvance
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.breakdown import Breakdown
from provenance.statements.line import LineKind, StatementLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveTranche:
    """What was reserved in one period: above zero, and released by the first close at ``release_at`` or later."""

    held_in: str
    micros: int
    release_at: datetime

    def __post_init__(self) -> None:
        assert self.micros > 0, "a reserve holds something"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a period hands on: the balance, what of it was not taxed yet, the reserves, and advances to recoup.

    ``untaxed_micros`` is below zero where more was taken back than was earned since the last withholding.
    ``statement`` is the one that it comes from.
    """

    micros: int = 0
    untaxed_micros: int = 0
    reserves: tuple[ReserveTranche, ...] = ()
    advances: tuple[OpenAdvance, ...] = ()
    statement: str | None = None

    @property
    def is_nil(self) -> bool:
        """Whether there is nothing to hand on."""
        return not (self.micros or self.untaxed_micros or self.reserves or self.advances)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a party's period came to, in micro-units of one currency; what it is owed is above zero.

    ``payable_micros`` is the closing balance, or zero where that is below the threshold. ``advance_micros`` is what is
    left to recoup. ``payout_terms`` and ``tax_profile`` name the facts that it was made by. ``transaction`` is what the
    close posted, None where that moved nothing. ``breakdowns`` share out the royalties of the period's uses.
    """

    party: str
    currency: str
    period: AccountingPeriod
    opening: Carried
    lines: tuple[StatementLine, ...]
    closing: Carried
    payable_micros: int
    threshold_micros: int
    advance_micros: int
    payout_terms: str | None
    tax_profile: str | None
    transaction: str | None
    royalties_micros: int
    breakdowns: tuple[Breakdown, ...]

    def __post_init__(self) -> None:
        check_party_id(self.party)
        check_currency(self.currency)
        moved = sum(line.micros for line in self.lines)
        assert self.opening.micros + moved == self.closing.micros, "a statement foots"
        assert self.closing.statement == self.id, "what it hands on comes from itself"
        assert self.payable_micros in (0, self.closing.micros), "all is payable, or nothing"
        assert not self.payable_micros or self.payable_micros >= 0, "nobody pays a debt out"
        assert self.advance_micros >= 0, "nobody recoups more than the advance"
        # Statements that were made before advances were carried one by one have their sum alone.
        left = sum(a.outstanding for a in self.closing.advances)
        assert not self.closing.advances or left == self.advance_micros, "advances foot"
        assert self._reserved() == sum(t.micros for t in self.closing.reserves), "reserves foot"
        assert all(b.micros == self.royalties_micros for b in self.breakdowns), "breakdowns foot"

    @property
    def id(self) -> str:
        """It follows from the period, the party and the currency: there is one of each."""
        return statement_id(self.period, self.party, self.currency)

    def total(self, *kinds: LineKind) -> int:
        """The sum of the lines of some kinds, in micro-units."""
        return sum(line.micros for line in self.lines if line.kind in kinds)

    def _reserved(self) -> int:
        before = sum(t.micros for t in self.opening.reserves)
        return before - self.total(LineKind.RESERVED, LineKind.RELEASED)


def statement_id(period: AccountingPeriod, party: str, currency: str) -> str:
    """The id of the statement of a party's period in a currency."""
    return derived_id("statement", {"period": period.name, "party": party, "currency": currency})
