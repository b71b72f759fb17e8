"""What came before a use: how many uses its licence counted in the period, and how much was split by its claims.

A licence's uses are counted by work, reach, length of the period and currency, so that its next version goes on where
the one before it stopped. A use counts whose royalty is paid, or held until somebody is found or decides; what becomes
of it afterwards changes no count, since later uses were accrued by it.

What is split by claims of several parties is counted too, so that the leftover micro-units go round (`kernel.carry`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from provenance.sources.claim import Claims
from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What is counted together: a line, from the first day of a period on."""

    line: str
    period_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A count's uses before this one, and what they came to in micro-units."""

    count: Count
    uses_before: int = 0
    earned_before: int = 0

    def __post_init__(self) -> None:
        assert self.uses_before >= 0 <= self.earned_before, "uses are counted, and none earns less than nothing"

    def after(self, earned: int) -> Standing:
        """The standing of the next use, where this one came to that much."""
        return Standing(count=self.count, uses_before=self.uses_before + 1, earned_before=self.earned_before + earned)


# For terms that count nothing.
NOTHING_BEFORE = Standing(count=Count(line="", period_from=date.min))


class Before(Protocol):
    """Knows what came before."""

    def standing(self, work: str, licence: Licence) -> Standing | None:
        """The standing of a use of ``work``; None where its licence counts none."""

    def split(self, claims_id: str, claims: Claims, currency: str) -> Standing | None:
        """What was split by these claims; None where there is one claimant, who gets all."""


class NothingBefore:
    """Where nothing is counted. Implements `Before`."""

    def standing(self, work: str, licence: Licence) -> Standing | None:  # noqa: ARG002  whatever is asked
        """None."""
        return None

    def split(self, claims_id: str, claims: Claims, currency: str) -> Standing | None:  # noqa: ARG002  likewise
        """None."""
        return None


NOTHING_COUNTED = NothingBefore()


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


def split_count(claims_id: str, claims: Claims, currency: str) -> Count | None:
    """Where what is split by claims counts: for as long as they stand. None where there is nothing to split."""
    if len(claims.basis_points) == 1:
        return None
    return Count(line=f"{claims_id}/{currency}", period_from=claims.valid_from)
