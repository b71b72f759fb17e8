"""What a licence says of a whole period rather than of one use: its length, tiers, a cap, a guarantee, an advance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from provenance.kernel.errors import CapBelowMinimum, InvalidTerms, TiersNotAscending
from provenance.kernel.money import Money
from provenance.kernel.parts import WHOLE_BASIS_POINTS

TIERS_MAX = 20
USES_MAX = 1_000_000_000_000


class TermPeriod(StrEnum):
    """How long a period is: it starts with a calendar month, in UTC."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def starts(self, day: date) -> date:
        """The first day of the period that a day lies in."""
        months = {TermPeriod.MONTH: 1, TermPeriod.QUARTER: 3, TermPeriod.YEAR: 12}[self]
        return date(day.year, day.month - (day.month - 1) % months, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A rate that holds where ``from_uses`` uses, or more, came before this one in the period."""

    from_uses: int
    rate_basis_points: int

    def __post_init__(self) -> None:
        check_rate(self.rate_basis_points)
        if not 0 < self.from_uses <= USES_MAX:
            raise InvalidTerms(
                f"A tier from {self.from_uses} uses on is none.",
                mend="The first rate holds from 0 uses; give 1 or more.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """Money that is paid ahead, to the claimants by their parts, and recouped from what they earn.

    ``across_works``: from all works of each claimant, not from this one alone. ``basis_points`` of the earnings go to
    it, the rest is paid out.
    """

    money: Money
    across_works: bool = False
    basis_points: int = WHOLE_BASIS_POINTS

    def __post_init__(self) -> None:
        check_above_zero(self.money, "advance")
        check_rate(self.basis_points)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBounds:
    """The bounds of a period. What isn't set isn't bounded.

    ``cap`` is the most that uses earn in a period, ``guarantee`` the least that it comes to when it is closed.

    Raises:
        CapBelowMinimum: the cap is below the guarantee.
        InvalidTerms: an amount is zero or less, or they are of two currencies.
    """

    period: TermPeriod = TermPeriod.MONTH
    cap: Money | None = None
    guarantee: Money | None = None
    advance: Advance | None = None

    def __post_init__(self) -> None:
        for what, money in (("cap", self.cap), ("guarantee", self.guarantee)):
            if money is not None:
                check_above_zero(money, what)
        check_one_currency(self.amounts)
        check_cap(self.cap, self.guarantee, "guarantee")

    @property
    def amounts(self) -> tuple[Money, ...]:
        """All amounts that are set."""
        found = (self.cap, self.guarantee, self.advance.money if self.advance else None)
        return tuple(money for money in found if money is not None)


def check_rate(basis_points: int) -> None:
    """Raises `InvalidTerms` where a rate is zero, below, or above 100 %."""
    if not 0 < basis_points <= WHOLE_BASIS_POINTS:
        raise InvalidTerms(
            f"A rate of {basis_points} basis points is not a part of the revenue.", mend="Give 1 to 10000 (100 %)."
        )


def check_above_zero(money: Money, what: str) -> None:
    """Raises `InvalidTerms` where an amount is zero or less."""
    if money.micros <= 0:
        raise InvalidTerms(f"A {what} of {money} is none.", mend="Leave it out.", field=what)


def check_one_currency(amounts: Sequence[Money]) -> None:
    """Raises `InvalidTerms` where amounts of one licence are of several currencies: they are compared."""
    if len(found := sorted({money.currency for money in amounts})) > 1:
        raise InvalidTerms(
            f"The terms name amounts in {' and '.join(found)}.", mend="State all amounts of a licence in one currency."
        )


def check_cap(cap: Money | None, least: Money | None, what: str) -> None:
    """Raises `CapBelowMinimum` where a period's cap is below what a use or a period comes to at least."""
    if cap is not None and least is not None and cap.micros < least.micros:
        raise CapBelowMinimum(
            f"The cap of {cap} is below the {what} of {least}.", mend=f"Raise the cap, or lower the {what}."
        )


def check_tiers(tiers: Sequence[Tier]) -> None:
    """Raises `TiersNotAscending` where a tier starts no later than the one before it; `InvalidTerms` for too many."""
    if len(tiers) > TIERS_MAX:
        raise InvalidTerms(f"A licence has at most {TIERS_MAX} tiers, not {len(tiers)}.")
    for before, after in pairwise(tiers):
        if after.from_uses <= before.from_uses:
            raise TiersNotAscending(
                f"A tier from {after.from_uses} uses on follows one from {before.from_uses} on.",
                mend="List tiers by the number of uses from which they hold, each once.",
            )


# Last, since it is checked as it is made.
UNBOUNDED = PeriodBounds()
