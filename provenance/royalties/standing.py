"""What came before a use in its period, as far as its terms ask for that: how many uses, and what they earned.

Uses are counted by work, reach, length of the period and currency, so that a licence's next version goes on where the
one before it stopped. A use counts whose royalty is paid, or held until somebody is found or decides; what becomes of
it afterwards changes no count, since later uses were accrued by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The period's uses before this one, and what they earned in micro-units. ``period_from`` is its first day."""

    period_from: date
    uses_before: int = 0
    earned_before: int = 0

    def __post_init__(self) -> None:
        assert self.uses_before >= 0 <= self.earned_before, "uses are counted, and none earns less than nothing"

    def after(self, earned: int) -> Standing:
        """The standing of the next use of the period, where this one earned that much."""
        return Standing(
            period_from=self.period_from,
            uses_before=self.uses_before + 1,
            earned_before=self.earned_before + earned,
        )


# For terms that ask for no standing; its day is nothing's.
NOTHING_BEFORE = Standing(period_from=date.min)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What is counted together: ``line`` names the work, the reach, the length of the period and the currency."""

    line: str
    period_from: date


# The standing of a count; a use that is the first has none before it.
Standings = Callable[[Count], Standing]


def counts_uses(licence: Licence) -> bool:
    """Whether what a use costs depends on those before it."""
    match licence.terms:
        case ShareOfRevenue():
            return bool(licence.terms.tiers) or licence.terms.bounds.cap is not None
        case FeePerUse():
            return licence.terms.bounds.cap is not None
        case _:
            return False


def count_of(work: str, licence: Licence, *, on: date, price_currency: str) -> Count | None:
    """Where a use of that day counts; None where its licence counts none."""
    terms = licence.terms
    if not counts_uses(licence) or not isinstance(terms, ShareOfRevenue | FeePerUse):
        return None
    currency = terms.fee.currency if isinstance(terms, FeePerUse) else price_currency
    workers = f"{licence.workers.kind}.{licence.workers.hosting}"
    period = terms.bounds.period
    line = f"{work}/{licence.territory}/{licence.purpose}/{workers}/{period.value}/{currency}"
    return Count(line=line, period_from=period.starts(on))


def none_before(count: Count) -> Standing:
    """The standings of a first use."""
    return Standing(period_from=count.period_from)
