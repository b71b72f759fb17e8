"""What a use of a work costs and allows. A licence is revised by a later one; it is never edited."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from provenance.kernel.errors import InvalidTerms, OverlappingValidity
from provenance.kernel.ids import LABEL_CHARS_MAX, check_label, check_purpose, check_territory
from provenance.kernel.money import MICROS_PER_UNIT, Money
from provenance.kernel.parts import WHOLE_BASIS_POINTS
from provenance.sources.period_bounds import (
    UNBOUNDED,
    PeriodBounds,
    Tier,
    check_above_zero,
    check_cap,
    check_one_currency,
    check_rate,
    check_tiers,
)
from provenance.sources.worker_class import ANY_WORKER, WorkerClass

# A bound on what one stray match can cost; a work that is worth more a use is licensed by contract.
FEE_MICROS_MAX = 10_000 * MICROS_PER_UNIT

ANYWHERE = "*"
ANY_PURPOSE = "*"


class Policy(StrEnum):
    """What happens when a use is found."""

    PAY = "pay"
    TRACK = "track"
    BLOCK = "block"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOfRevenue:
    """A rate on the part of the price that the work's share stands for.

    ``tiers`` hold in its place from a number of uses in a period on; ``fee_min`` is the least that a use comes to.

    Raises:
        InvalidTerms: a rate above 100 %, or amounts in two currencies.
        TiersNotAscending, CapBelowMinimum: as they say.
    """

    rate_basis_points: int
    tiers: tuple[Tier, ...] = ()
    fee_min: Money | None = None
    bounds: PeriodBounds = UNBOUNDED
    policy = Policy.PAY

    def __post_init__(self) -> None:
        check_rate(self.rate_basis_points)
        check_tiers(self.tiers)
        if self.fee_min is not None:
            check_above_zero(self.fee_min, "minimum fee")
            _check_fee(self.fee_min)
            check_one_currency((self.fee_min, *self.bounds.amounts))
            check_cap(self.bounds.cap, self.fee_min, "minimum fee")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePerUse:
    """A fixed fee for each generation that the work has a share in, however large the share.

    Raises:
        InvalidTerms: a fee of zero or less, or an absurd one; amounts in two currencies.
        CapBelowMinimum: the cap doesn't let a single use be paid.
    """

    fee: Money
    bounds: PeriodBounds = UNBOUNDED
    policy = Policy.PAY

    def __post_init__(self) -> None:
        if self.fee.micros <= 0:
            raise InvalidTerms(f"A fee of {self.fee} is no fee.", mend='Use "free_with_credit" for a free licence.')
        _check_fee(self.fee)
        check_one_currency((self.fee, *self.bounds.amounts))
        check_cap(self.bounds.cap, self.fee, "fee")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeWithCredit:
    """No money; the credit line is shown with the output."""

    credit: str
    policy = Policy.TRACK

    def __post_init__(self) -> None:
        if not self.credit.strip():
            raise InvalidTerms("A free licence with credit needs the credit line.")
        check_label(self.credit, what="credit line", chars_max=LABEL_CHARS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAllowed:
    """No use is allowed: the work is flagged where it is found, and never paid."""

    reason: str
    policy = Policy.BLOCK

    def __post_init__(self) -> None:
        check_label(self.reason, what="reason", chars_max=LABEL_CHARS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDomain:
    """Nobody's leave is needed and nobody is owed anything: the work is found and named, and never paid.

    ``reason`` says why that is so, such as "First printed in 1609."
    """

    reason: str
    policy = Policy.FREE

    def __post_init__(self) -> None:
        check_label(self.reason, what="reason", chars_max=LABEL_CHARS_MAX)


Terms = ShareOfRevenue | FeePerUse | FreeWithCredit | NotAllowed | PublicDomain


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Terms with their reach: territory, purpose, workers, and days from and until (the last day included).

    ``risk_basis_points_max`` is the part of an output's money that may be expected to go astray where a use is paid;
    uses whose attribution isn't sure enough for that are held for review. None: they are paid at even chances.
    From the day ``opt_out_from`` on no use is allowed any more. ``most_favoured``: of all versions of this licence that
    hold on the day of a use, the one that pays most applies.

    Raises:
        InvalidTerms: it ends before it starts, or states a risk that is none, or one where nothing is ever paid; it
            opts out before it starts, or opts out and ends.
        InvalidInput: a territory or purpose that no generation could name.
    """

    terms: Terms
    valid_from: date
    valid_until: date | None = None
    territory: str = ANYWHERE
    purpose: str = ANY_PURPOSE
    risk_basis_points_max: int | None = None
    workers: WorkerClass = ANY_WORKER
    opt_out_from: date | None = None
    most_favoured: bool = False

    def __post_init__(self) -> None:
        check_territory(self.territory)
        check_purpose(self.purpose)
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise InvalidTerms(
                f"The licence ends on {self.valid_until}, before it starts on {self.valid_from}.",
                mend="Swap the dates, or leave the end out.",
            )
        if self.risk_basis_points_max is not None:
            _check_risk(self.risk_basis_points_max, self.terms)
        if self.opt_out_from is not None:
            _check_opt_out(self.opt_out_from, self.valid_from, self.valid_until)
        if self.most_favoured and self.terms.policy is not Policy.PAY:
            raise InvalidTerms("A licence under which nothing is paid favours nobody.", mend="Leave it out.")

    @property
    def reach(self) -> tuple[str, str, WorkerClass]:
        """Where, what for and whose uses: versions of one reach take each other's place."""
        return self.territory, self.purpose, self.workers

    def on(self, day: date) -> Licence:
        """The licence as it stands on a day: once it opted out, it allows no use."""
        if self.opt_out_from is None or day < self.opt_out_from:
            return self
        terms = NotAllowed(reason=f"Opted out from {self.opt_out_from} on.")
        return replace(self, terms=terms, opt_out_from=None, risk_basis_points_max=None, most_favoured=False)

    def holds(self, day: date) -> bool:
        """Whether the day is one of those that it is valid on."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def covers(self, *, on: date, territory: str, purpose: str, workers: Set[WorkerClass] = frozenset()) -> bool:
        """Whether a use on that day, there, for that purpose, in what those workers made, is under this licence.

        A use that doesn't say where or what for could be anywhere and for anything: a block covers it that covers any
        part of that, and a permission only where it covers the whole. So it is with a use in what several workers made.
        """
        blocks = self.on(on).terms.policy is Policy.BLOCK
        return (
            self.holds(on)
            and (self.territory in (ANYWHERE, territory) or (blocks and territory == ANYWHERE))
            and (self.purpose in (ANY_PURPOSE, purpose) or (blocks and purpose == ANY_PURPOSE))
            and (self.workers.holds_any(workers) if blocks else self.workers.holds_all(workers))
        )


def check_schedule(licences: Sequence[Licence]) -> None:
    """Nothing, where licences that are stated together leave no doubt which one holds on a day.

    Raises:
        OverlappingValidity: two of one reach hold on the same day. One that is stated later takes an earlier one's
            place; of two that are stated at once, neither does.
    """
    for number, one in enumerate(licences):
        for other in licences[number + 1 :]:
            first, second = sorted((one, other), key=lambda v: v.valid_from)
            if one.reach == other.reach and first.holds(second.valid_from):
                raise OverlappingValidity(
                    f"Two licences of the same reach hold on {second.valid_from}.",
                    mend="End the first on the day before the second starts.",
                    day=second.valid_from.isoformat(),
                )


def _check_fee(fee: Money) -> None:
    if fee.micros > FEE_MICROS_MAX:
        raise InvalidTerms(
            f"A fee of {fee} a use is above {FEE_MICROS_MAX // MICROS_PER_UNIT:,} units.",
            mend="Check the unit: fees are in the main unit of the currency, such as dollars.",
        )


def _check_opt_out(opt_out_from: date, valid_from: date, valid_until: date | None) -> None:
    if opt_out_from <= valid_from:
        raise InvalidTerms(
            f"The licence opts out from {opt_out_from} on, and starts on {valid_from}.",
            mend='State terms of the kind "not_allowed" instead.',
        )
    if valid_until is not None:
        raise InvalidTerms(
            "The licence opts out and ends.", mend="Leave the end out: from the opt-out on no use is allowed."
        )


def _check_risk(basis_points: int, terms: Terms) -> None:
    if not 0 < basis_points <= WHOLE_BASIS_POINTS:
        raise InvalidTerms(
            f"A risk of {basis_points} basis points is not a part of the money.",
            mend="Give 1 to 10000 (100 %), or leave it out: paid at even chances.",
        )
    if terms.policy is not Policy.PAY:
        raise InvalidTerms(
            "A risk is stated for a licence under which nothing is ever paid.",
            mend="Leave the risk out, or state a price.",
        )
