"""Money from and to text: what is written reads back, and no string does worse than be refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.errors import InvalidMoney, UnknownCurrency
from provenance.kernel.money import AMOUNT_MICROS_MAX, CURRENCIES, MicroUnits, Money, format_micros, parse_money

micros = st.integers(-AMOUNT_MICROS_MAX, AMOUNT_MICROS_MAX) | st.integers(-2_000_000, 2_000_000)
currencies = st.sampled_from(sorted(CURRENCIES))
# Any text, and text made of what an amount is made of, where a parser goes wrong most.
hostile = (
    st.text(max_size=40)
    | st.text(alphabet=st.characters(codec=None), max_size=10)
    | st.text(alphabet="0123456789.,-+eE_ \n\x00٣½∞", max_size=30)
    | st.from_regex(r"\A-?[0-9]{1,20}(\.[0-9]{0,12})?\Z")
    | st.floats().map(str)
    | st.integers().map(str)
)


@given(micros, currencies)
def test_what_is_written_reads_back(amount: int, currency: str) -> None:
    assert parse_money(format_micros(amount), currency) == Money(currency, MicroUnits(amount))


@given(micros)
def test_what_is_written_is_the_exact_decimal(amount: int) -> None:
    written = format_micros(amount)
    assert Decimal(written) * 10**6 == amount
    assert len(written.partition(".")[2]) == 6


@given(micros, currencies)
def test_money_as_a_sentence_holds_amount_and_currency(amount: int, currency: str) -> None:
    written, code = str(Money(currency, MicroUnits(amount))).split(" ")
    assert parse_money(written, code) == Money(currency, MicroUnits(amount))


@given(micros, st.integers(0, 6))
def test_trailing_zeros_may_be_left_out(amount: int, places: int) -> None:
    written = format_micros(amount)
    shorter = written[: len(written) - places] if places < 6 else written[:-7]
    if Decimal(shorter) == Decimal(written):
        assert parse_money(shorter, "USD").micros == amount


@given(hostile, currencies | hostile)
def test_a_hostile_string_is_read_exactly_or_refused_as_no_money(amount: str, currency: str) -> None:
    try:
        money = parse_money(amount, currency)
    except InvalidMoney:  # UnknownCurrency is one; anything else would come through and fail the test
        return
    assert money.currency == currency
    assert Decimal(money.micros) == Decimal(amount) * 10**6


@given(hostile)
def test_a_hostile_currency_is_refused_as_unknown(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        parse_money("1", code + "?")


@given(st.integers(AMOUNT_MICROS_MAX + 1, 10**30), st.sampled_from([1, -1]))
def test_an_amount_beyond_the_bound_is_refused(amount: int, sign: int) -> None:
    with pytest.raises(InvalidMoney):
        parse_money(format_micros(sign * amount), "USD")
