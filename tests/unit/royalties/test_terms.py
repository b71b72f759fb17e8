"""What a use costs under each kind of terms, to the micro-unit."""

from __future__ import annotations

import pytest

from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.terms import part_of, royalty
from provenance.sources.licence import FeePerUse, FreeWithCredit, NotAllowed, PublicDomain, ShareOfRevenue, Terms


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


@pytest.mark.parametrize(
    ("micros", "basis_points", "part"),
    [
        (24_000, 2_500, 6_000),
        (10_000, 1, 1),
        (40_000, 0, 0),
        (40_000, 10_000, 40_000),
        (0, 2_500, 0),
        (9, 3_333, 3),  # 2.9997
        (9, 2_700, 2),  # 2.43
        (-24_000, 2_500, -6_000),
    ],
)
def test_a_part_is_to_the_nearest_micro_unit(micros: int, basis_points: int, part: int) -> None:
    assert part_of(micros, basis_points) == part


@pytest.mark.parametrize(("micros", "part"), [(1, 1), (3, 2), (5, 3), (-1, -1), (-3, -2)])
def test_half_a_micro_unit_goes_to_the_part_and_not_to_the_rest(micros: int, part: int) -> None:
    assert part_of(micros, 5_000) == part


@pytest.mark.parametrize("basis_points", [-1, 10_001])
def test_no_part_is_below_nothing_or_above_all(basis_points: int) -> None:
    with pytest.raises(ValueError, match="weights of zero or more"):
        part_of(100, basis_points)


@pytest.mark.parametrize(
    ("rate", "price_part", "owed"),
    [(2_500, 24_000, 6_000), (10_000, 7, 7), (1, 4_999, 0), (1, 5_000, 1), (2_500, 0, 0)],
)
def test_a_share_of_revenue_is_of_the_works_part_of_the_price(rate: int, price_part: int, owed: int) -> None:
    assert royalty(ShareOfRevenue(rate_basis_points=rate), usd(price_part)) == usd(owed)


def test_a_share_of_revenue_is_in_the_currency_of_the_price() -> None:
    euro = Money("EUR", MicroUnits(100))
    assert royalty(ShareOfRevenue(rate_basis_points=5_000), euro) == Money("EUR", MicroUnits(50))


@pytest.mark.parametrize("price_part", [0, 1, 10**9])
def test_a_fee_is_the_same_however_large_the_part_and_keeps_its_currency(price_part: int) -> None:
    fee = Money("EUR", MicroUnits(4_000))
    assert royalty(FeePerUse(fee=fee), usd(price_part)) == fee


@pytest.mark.parametrize(
    "terms",
    [FreeWithCredit(credit="After Ann"), NotAllowed(reason=""), PublicDomain(reason="")],
    ids=["free", "refused", "public domain"],
)
def test_what_is_free_or_not_allowed_owes_nothing(terms: Terms) -> None:
    assert royalty(terms, usd(24_000)) is None
