"""What a licence may cost at most, and which places and purposes it may name."""

from datetime import date
from typing import Any

import pytest

from provenance.kernel.errors import InvalidInput, InvalidTerms
from provenance.kernel.money import MicroUnits, Money
from provenance.sources.licence import FeePerUse, Licence, NotAllowed, ShareOfRevenue

DAY = date(2026, 6, 1)
PAY, BLOCK = ShareOfRevenue(rate_basis_points=1), NotAllowed(reason="")


def test_a_fee_is_at_most_ten_thousand_units() -> None:
    assert FeePerUse(fee=Money("USD", MicroUnits(10_000_000_000))).fee.micros == 10_000_000_000
    with pytest.raises(InvalidTerms, match="above 10,000 units"):
        FeePerUse(fee=Money("USD", MicroUnits(10_000_000_001)))


@pytest.mark.parametrize("territory", ["*", "DE", "FR"])
def test_a_territory_is_a_country_in_capitals_or_anywhere(territory: str) -> None:
    assert Licence(terms=PAY, valid_from=DAY, territory=territory).territory == territory


@pytest.mark.parametrize("territory", ["", "de", "De", "DEU", " DE", "D\u200bE", "ＤＥ", "**"])
def test_anything_else_is_no_territory(territory: str) -> None:
    with pytest.raises(InvalidInput, match="no territory"):
        Licence(terms=PAY, valid_from=DAY, territory=territory)


@pytest.mark.parametrize("purpose", ["", "Advertising", "a b", "-a", "a" * 65, "caf\u00e9", "*a"])
def test_a_purpose_is_a_lower_case_slug(purpose: str) -> None:
    assert Licence(terms=PAY, valid_from=DAY, purpose="a" * 64).purpose == "a" * 64
    with pytest.raises(InvalidInput, match="no purpose"):
        Licence(terms=PAY, valid_from=DAY, purpose=purpose)


@pytest.mark.parametrize(
    ("reach", "use", "paid", "blocked"),
    [
        ({"territory": "DE"}, {"territory": "*"}, False, True),
        ({"territory": "DE"}, {"territory": "FR"}, False, False),
        ({"purpose": "film"}, {"purpose": "*"}, False, True),
        ({"purpose": "film"}, {"purpose": "print"}, False, False),
        ({"territory": "DE", "purpose": "film"}, {}, False, True),
        ({"territory": "DE", "purpose": "film"}, {"territory": "FR"}, False, False),
        ({}, {}, True, True),
    ],
)
def test_a_use_that_leaves_something_out_is_under_a_block_of_any_part_of_it(
    reach: dict[str, str], use: dict[str, Any], *, paid: bool, blocked: bool
) -> None:
    where = {"territory": "*", "purpose": "*"} | use
    assert Licence(terms=PAY, valid_from=DAY, **reach).covers(on=DAY, **where) is paid
    assert Licence(terms=BLOCK, valid_from=DAY, **reach).covers(on=DAY, **where) is blocked
