"""What a use of a work costs and allows. A licence is revised by a later one; it is never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from provenance.kernel.errors import InvalidTerms
from provenance.kernel.ids import LABEL_CHARS_MAX, check_label, check_purpose, check_territory
from provenance.kernel.money import MICROS_PER_UNIT, Money
from provenance.kernel.parts import WHOLE_BASIS_POINTS

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
    """A rate on the part of the price that the work's share stands for."""

    rate_basis_points: int
    policy = Policy.PAY

    def __post_init__(self) -> None:
        if not 0 < self.rate_basis_points <= WHOLE_BASIS_POINTS:
            raise InvalidTerms(
                f"A rate of {self.rate_basis_points} basis points is not a part of the revenue.",
                mend="Give 1 to 10000 (100 %).",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePerUse:
    """A fixed fee for each generation that the work has a share in, however large the share."""

    fee: Money
    policy = Policy.PAY

    def __post_init__(self) -> None:
        if self.fee.micros <= 0:
            raise InvalidTerms(f"A fee of {self.fee} is no fee.", mend='Use "free_with_credit" for a free licence.')
        if self.fee.micros > FEE_MICROS_MAX:
            raise InvalidTerms(
                f"A fee of {self.fee} a use is above {FEE_MICROS_MAX // MICROS_PER_UNIT:,} units.",
                mend="Check the unit: fees are in the main unit of the currency, such as dollars.",
            )


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
    """Terms with their reach: territory, purpose, and days from and until (the last day included).

    ``risk_basis_points_max`` is the part of an output's money that may be expected to go astray where a use is paid;
    uses whose attribution isn't sure enough for that are held for review. None: they are paid at even chances.

    Raises:
        InvalidTerms: it ends before it starts, or states a risk that is none, or one where nothing is ever paid.
        InvalidInput: a territory or purpose that no generation could name.
    """

    terms: Terms
    valid_from: date
    valid_until: date | None = None
    territory: str = ANYWHERE
    purpose: str = ANY_PURPOSE
    risk_basis_points_max: int | None = None

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

    def covers(self, *, on: date, territory: str, purpose: str) -> bool:
        """Whether a use on that day, there, for that purpose is under this licence.

        A use that doesn't say where or what for could be anywhere and for anything: a block covers it that covers any
        part of that, and a permission only where it covers the whole.
        """
        unstated = self.terms.policy is Policy.BLOCK
        return (
            self.valid_from <= on
            and (self.valid_until is None or on <= self.valid_until)
            and (self.territory in (ANYWHERE, territory) or (unstated and territory == ANYWHERE))
            and (self.purpose in (ANY_PURPOSE, purpose) or (unstated and purpose == ANY_PURPOSE))
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
