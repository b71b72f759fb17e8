"""What can be paid of an amount: whole minor units, and the rest stays owed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.minor_units import DECIMALS, decimals_of, payable
from provenance.kernel.money import AMOUNT_MICROS_MAX, CURRENCIES, MicroUnits, Money


@pytest.mark.parametrize(
    ("currency", "micros", "minor_units", "residue"),
    [
        ("USD", 12_345_678, 1_234, 5_678),  # 12.34 are paid, 0.005678 stay
        ("USD", 9_999, 0, 9_999),
        ("USD", 10_000, 1, 0),
        ("JPY", 1_999_999, 1, 999_999),
        ("KWD", 1_234_567, 1_234, 567),
        ("EUR", 0, 0, 0),
        ("EUR", -12_345, 0, -12_345),  # a debt isn't paid, and stays
    ],
)
def test_whole_minor_units_are_paid_and_the_rest_stays_owed(
    currency: str, micros: int, minor_units: int, residue: int
) -> None:
    found = payable(Money(currency, MicroUnits(micros)))
    assert (found.minor_units, found.residue.micros) == (minor_units, residue)


@given(st.integers(-AMOUNT_MICROS_MAX, AMOUNT_MICROS_MAX), st.sampled_from(sorted(CURRENCIES)))
def test_what_is_paid_and_what_stays_are_the_amount(micros: int, currency: str) -> None:
    found = payable(Money(currency, MicroUnits(micros)))
    assert found.paid.micros + found.residue.micros == micros
    assert found.paid.micros == found.minor_units * 10 ** (6 - decimals_of(currency))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30), st.sampled_from(["USD", "JPY", "KWD"]))
def test_payouts_that_carry_their_residue_pay_what_one_payout_would(earned: list[int], currency: str) -> None:
    paid, residue = 0, 0
    for micros in earned:
        found = payable(Money(currency, MicroUnits(residue + micros)))
        paid, residue = paid + found.minor_units, found.residue.micros
    assert paid == payable(Money(currency, MicroUnits(sum(earned)))).minor_units


def test_all_currencies_with_other_decimals_are_known_ones() -> None:
    assert set(DECIMALS) <= CURRENCIES
