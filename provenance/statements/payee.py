"""How a party is paid: its threshold and reserve, and what tax is withheld. Facts, each from a day on.

What a tax rate should be is not decided here: who pays states it, with the treaty that it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from provenance.kernel.canonical import Json
from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import LABEL_CHARS_MAX, check_label, check_party_id, derived_id
from provenance.kernel.money import AMOUNT_MICROS_MAX, check_currency
from provenance.kernel.parts import WHOLE_BASIS_POINTS

RESERVE_PERIODS_MAX = 120

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutTerms:
    """From when on, and how, a party is paid in a currency.

    Nothing is payable while the balance is below ``threshold_micros``. Of what is earned in a period
    ``reserve_basis_points`` are held back, and released ``reserve_periods`` periods later.

    Raises:
        InvalidInput: a threshold below zero, a rate above 100 %, or a reserve that is held for no time, or too long.
    """

    party: str
    currency: str
    valid_from: date
    threshold_micros: int = 0
    reserve_basis_points: int = 0
    reserve_periods: int = 0

    def __post_init__(self) -> None:
        check_party_id(self.party)
        check_currency(self.currency)
        if not 0 <= self.threshold_micros <= AMOUNT_MICROS_MAX:
            raise InvalidInput("A threshold is zero or more.", mend="Send an amount.", field="threshold")
        _check_rate(self.reserve_basis_points, field="reserve_basis_points")
        if not 0 <= self.reserve_periods <= RESERVE_PERIODS_MAX or (
            bool(self.reserve_basis_points) != bool(self.reserve_periods)
        ):
            raise InvalidInput(
                "A reserve has a rate above zero, and is held for 1 to 120 periods.",
                mend="State both, or neither.",
                field="reserve_periods",
            )

    @property
    def id(self) -> str:
        """It follows from all of it."""
        return derived_id("payout_terms", payout_terms_form(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxProfile:
    """What is withheld of what becomes payable to a party: a rate for a pair of countries, and why.

    ``basis`` names the treaty and article, or the domestic rule, in a line.

    Raises:
        InvalidInput: a country or rate that isn't one, or no basis.
    """

    party: str
    residence: str
    payer: str
    basis: str
    basis_points: int
    valid_from: date

    def __post_init__(self) -> None:
        check_party_id(self.party)
        for field, country in (("residence", self.residence), ("payer", self.payer)):
            if not _COUNTRY.fullmatch(country):
                raise InvalidInput(
                    f"{country[:16]!r} is no country.", mend='Use ISO 3166-1 alpha-2, such as "DE".', field=field
                )
        if not self.basis.strip():
            raise InvalidInput("A rate needs what it rests on.", mend="Name the treaty or the rule.", field="basis")
        check_label(self.basis, what="basis", chars_max=LABEL_CHARS_MAX)
        _check_rate(self.basis_points, field="basis_points")

    @property
    def id(self) -> str:
        """It follows from all of it."""
        return derived_id("tax_profile", tax_profile_form(self))


T = TypeVar("T", PayoutTerms, TaxProfile)


def in_force(stated: Iterable[T], *, on: date) -> T | None:
    """Of what was stated for a party, in the order of recording: what started last by a day; the newest of several."""
    started = [(value.valid_from, place, value) for place, value in enumerate(stated) if value.valid_from <= on]
    return max(started, key=lambda found: found[:2])[2] if started else None


def payout_terms_form(terms: PayoutTerms) -> dict[str, Json]:
    """All of it, as its leaf commits to it."""
    return {
        "party": terms.party,
        "currency": terms.currency,
        "valid_from": terms.valid_from.isoformat(),
        "threshold_micros": str(terms.threshold_micros),
        "reserve_basis_points": terms.reserve_basis_points,
        "reserve_periods": terms.reserve_periods,
    }


def tax_profile_form(profile: TaxProfile) -> dict[str, Json]:
    """All of it, as its leaf commits to it."""
    return {
        "party": profile.party,
        "residence": profile.residence,
        "payer": profile.payer,
        "basis": profile.basis,
        "basis_points": profile.basis_points,
        "valid_from": profile.valid_from.isoformat(),
    }


def _check_rate(basis_points: int, *, field: str) -> None:
    if not 0 <= basis_points <= WHOLE_BASIS_POINTS:
        raise InvalidInput(f"A rate of {basis_points} basis points is none.", mend="Send 0 to 10000.", field=field)
