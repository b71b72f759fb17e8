"""Exchange rates as they were recorded, and amounts at them: a ratio of integers, a day, and who said so.

Nothing is converted at a rate that is missing, of another day than asked for by more than a bound, or of the future.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from provenance.kernel.canonical import Json
from provenance.kernel.errors import InvalidMoney, RateMissing, RateStale
from provenance.kernel.ids import check_label, derived_id
from provenance.kernel.money import MicroUnits, Money, check_currency

RATE_TERM_MAX = 10**15
SOURCE_CHARS_MAX = 200

# How an amount in another currency becomes whole micro-units.
FX_ROUNDING: Final = "nearest_half_away_from_zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One unit of ``base`` is ``numerator / denominator`` units of ``quote``, on a day, as ``source`` published it.

    Raises:
        UnknownCurrency: one of the two isn't a currency.
        InvalidMoney: a rate of zero or less, between a currency and itself, or with absurdly long terms.
        InvalidInput: the source isn't a line of plain characters.
    """

    base: str
    quote: str
    numerator: int
    denominator: int
    on: date
    source: str

    def __post_init__(self) -> None:
        check_currency(self.base)
        check_currency(self.quote)
        if self.base == self.quote:
            raise InvalidMoney(f"A rate between {self.base} and itself is none.", mend="Name two currencies.")
        if not (0 < self.numerator <= RATE_TERM_MAX and 0 < self.denominator <= RATE_TERM_MAX):
            raise InvalidMoney(
                f"{self.numerator}/{self.denominator} is no exchange rate.",
                mend=f"Give two integers from 1 to {RATE_TERM_MAX}: 1.0842 is 10842/10000.",
            )
        if not self.source.strip():
            raise InvalidMoney("An exchange rate needs its source.", mend="Say who published it.", field="source")
        check_label(self.source, what="source", chars_max=SOURCE_CHARS_MAX)

    @property
    def form(self) -> dict[str, Json]:
        """All that was stated; the integers as strings, since they may exceed what a JSON number holds."""
        return {
            "base": self.base,
            "quote": self.quote,
            "numerator": str(self.numerator),
            "denominator": str(self.denominator),
            "on": self.on.isoformat(),
            "source": self.source,
        }

    @property
    def id(self) -> str:
        """It follows from what was stated."""
        return derived_id("fx", self.form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """An amount and what it is at a rate; ``rounding`` says how that became whole micro-units."""

    given: Money
    got: Money
    rate: Rate
    rounding: str = FX_ROUNDING


def convert(money: Money, rate: Rate) -> Converted:
    """The amount in the rate's other currency, to the nearest micro-unit, a half away from zero.

    A rate converts both ways: from its base by the ratio, from its quote by the ratio's inverse.
    """
    assert money.currency in (rate.base, rate.quote), f"{money} is in neither currency of the rate"
    terms = (rate.numerator, rate.denominator)
    ratio = Fraction(*terms) if money.currency == rate.base else Fraction(*terms[::-1])
    doubled = abs(money.micros) * 2 * ratio
    micros = (int(doubled) + 1) // 2
    other = rate.quote if money.currency == rate.base else rate.base
    return Converted(given=money, got=Money(other, MicroUnits(micros if money.micros >= 0 else -micros)), rate=rate)


def usable_rate(rate: Rate | None, base: str, quote: str, *, on: date, days_old_max: int) -> Rate:
    """``rate``, the latest that is recorded for the two currencies up to a day, if it may be used on that day.

    Raises:
        RateMissing: there is none, or it is of a later day.
        RateStale: it is more than ``days_old_max`` days old.
    """
    if rate is None or rate.on > on:
        raise RateMissing(
            f"There is no exchange rate between {base} and {quote} for {on}.",
            mend="Record one for that day, or for one shortly before.",
            base=base,
            quote=quote,
            on=on.isoformat(),
        )
    if (age := (on - rate.on).days) > days_old_max:
        raise RateStale(
            f"The latest exchange rate between {base} and {quote} is {age} days old; at most {days_old_max} are taken.",
            mend="Record a newer one.",
            base=base,
            quote=quote,
            on=on.isoformat(),
            rate_on=rate.on.isoformat(),
        )
    return rate
