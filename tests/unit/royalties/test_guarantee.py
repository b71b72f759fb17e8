"""The top-up to a minimum guarantee at the end of a period, to the micro-unit."""

from __future__ import annotations

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.guarantee import guarantee_for, top_up


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


def test_what_uses_earned_less_than_guaranteed_is_owed_on_top() -> None:
    found = top_up(usd(5_000_000), 3_200_000, {"ann": 7_500, "bob": 2_500})
    assert found.owed == usd(1_800_000)
    assert found.parties == {"ann": 1_350_000, "bob": 450_000}
    assert (found.guaranteed, found.earned) == (usd(5_000_000), usd(3_200_000))


@pytest.mark.parametrize("earned", [5_000_000, 5_000_001, 9_000_000])
def test_nothing_is_owed_where_uses_earned_enough(earned: int) -> None:
    assert top_up(usd(5_000_000), earned, {"ann": 10_000}).owed == usd(0)


def test_a_period_without_uses_owes_all_of_the_guarantee() -> None:
    assert top_up(usd(5_000_000), 0, {"ann": 10_000}).parties == {"ann": 5_000_000}


def test_earnings_below_zero_are_covered_too() -> None:
    assert top_up(usd(100), -40, {"ann": 10_000}).owed == usd(140)


def test_a_top_up_that_does_not_divide_is_split_by_largest_remainder() -> None:
    # 100 x 3333, 3333, 3334 of 10,000: 33.33, 33.33, 33.34; the unit left over goes to the largest remainder.
    assert top_up(usd(100), 0, {"a": 3_333, "b": 3_333, "c": 3_334}).parties == {"a": 33, "b": 33, "c": 34}


def test_a_licence_that_began_in_mid_period_guarantees_its_days() -> None:
    # 12 of 30 days of 5.000000 are 2.000000.
    assert guarantee_for(usd(5_000_000), days_in_force=12, days_in_period=30) == usd(2_000_000)
    # 10 of 31 days: 1,612,903.2.
    assert guarantee_for(usd(5_000_000), days_in_force=10, days_in_period=31) == usd(1_612_903)


@pytest.mark.parametrize(("days", "of"), [(31, 30), (-1, 30), (0, 0)])
def test_days_that_no_period_has_are_refused(days: int, of: int) -> None:
    with pytest.raises(InvalidInput, match="no part of a period"):
        guarantee_for(usd(1), days_in_force=days, days_in_period=of)
