"""Exchange rates: what they are, which may be used on a day, and amounts at them to the micro-unit."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.errors import InvalidMoney, ProvenanceError, UnknownCurrency
from provenance.kernel.fx import Rate, convert, usable_rate
from provenance.kernel.money import MicroUnits, Money

DAY = date(2026, 11, 20)


def rate(**stated: Any) -> Rate:
    plain = {"base": "EUR", "quote": "USD", "numerator": 10_842, "denominator": 10_000, "on": DAY, "source": "ECB"}
    return Rate(**(plain | stated))


def money(micros: int, currency: str = "EUR") -> Money:
    return Money(currency, MicroUnits(micros))


@pytest.mark.parametrize(
    ("given_", "got"),
    [
        (money(1_000_000), money(1_084_200, "USD")),
        (money(1), money(1, "USD")),  # 1.0842
        (money(5), money(5, "USD")),  # 5.421
        (money(6), money(7, "USD")),  # 6.5052
        (money(0), money(0, "USD")),
        (money(-1_000_000), money(-1_084_200, "USD")),
        (money(1_084_200, "USD"), money(1_000_000)),
        (money(1_000_000, "USD"), money(922_339)),  # 922,338.9596
    ],
)
def test_an_amount_at_a_rate_is_to_the_nearest_micro_unit(given_: Money, got: Money) -> None:
    found = convert(given_, rate())
    assert (found.got, found.given, found.rounding) == (got, given_, "nearest_half_away_from_zero")


@pytest.mark.parametrize(("micros", "got"), [(1, 1), (3, 2), (5, 3), (-1, -1), (-3, -2)])
def test_half_a_micro_unit_goes_away_from_zero(micros: int, got: int) -> None:
    assert convert(money(micros), rate(numerator=1, denominator=2)).got.micros == got


@given(st.integers(-(10**14), 10**14), st.integers(1, 10**6), st.integers(1, 10**6))
def test_no_amount_is_off_by_more_than_half_a_micro_unit(micros: int, numerator: int, denominator: int) -> None:
    exact = micros * Fraction(numerator, denominator)
    if abs(exact) <= 10**15:
        found = convert(money(micros), rate(numerator=numerator, denominator=denominator)).got.micros
        assert abs(exact - found) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("latest", "code"),
    [
        (None, "rate_missing"),
        (rate(on=date(2026, 11, 21)), "rate_missing"),  # of tomorrow
        (rate(on=date(2026, 11, 16)), "rate_stale"),  # four days old
    ],
)
def test_a_rate_that_is_missing_or_stale_is_refused_by_a_stable_code(latest: Rate | None, code: str) -> None:
    with pytest.raises(ProvenanceError) as refused:
        usable_rate(latest, "EUR", "USD", on=DAY, days_old_max=3)
    assert refused.value.code == code


@pytest.mark.parametrize("on", [DAY, date(2026, 11, 17)])
def test_a_rate_of_the_day_or_shortly_before_may_be_used(on: date) -> None:
    assert usable_rate(rate(on=on), "EUR", "USD", on=DAY, days_old_max=3).on == on


@pytest.mark.parametrize(
    "stated",
    [
        {"numerator": 0},
        {"denominator": 0},
        {"numerator": -1},
        {"numerator": 10**15 + 1},
        {"quote": "EUR"},
        {"source": " "},
    ],
    ids=str,
)
def test_what_is_no_rate_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(InvalidMoney):
        rate(**stated)


def test_a_rate_is_between_two_currencies_that_there_are() -> None:
    with pytest.raises(UnknownCurrency):
        rate(quote="XXX")


def test_a_rate_has_the_id_of_all_that_it_states() -> None:
    assert rate().id == rate().id
    assert len({rate().id, rate(numerator=10_843).id, rate(on=date(2026, 11, 19)).id, rate(source="Fed").id}) == 4
