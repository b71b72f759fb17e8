"""Money: integers of a millionth, one currency at a time, nothing rounded and no float."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any

import pytest

from provenance.kernel.errors import InvalidMoney, UnknownCurrency
from provenance.kernel.money import (
    CURRENCIES,
    MicroUnits,
    Money,
    check_currency,
    format_micros,
    parse_money,
    parse_price,
)

BROKEN = ["", " ", " 1", "1 ", "1\n", "1\x00", "\ud800"]


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


@pytest.mark.parametrize(
    ("amount", "micros"),
    [
        ("0", 0),
        ("-0", 0),
        ("0.04", 40_000),
        ("0.040000", 40_000),
        ("0.000001", 1),
        ("-0.000001", -1),
        ("1", 1_000_000),
        ("1.5", 1_500_000),
        ("-1.500000", -1_500_000),
        ("123456.789012", 123_456_789_012),
        ("000000000007", 7_000_000),
        ("999999999.999999", 999_999_999_999_999),
        ("1000000000", 1_000_000_000_000_000),
        ("-1000000000.000000", -1_000_000_000_000_000),
    ],
)
def test_a_decimal_string_is_read_to_the_micro_unit(amount: str, micros: int) -> None:
    assert parse_money(amount, "EUR") == Money("EUR", MicroUnits(micros))


@pytest.mark.parametrize(
    "amount",
    [
        *". 1. .5 - +1 --1 −1 $1 1e3 1E-2 1,000 1_000 1.2.3 0x10 NaN Infinity ١ 1.٢ ½ 1234567890123".split(),
        *BROKEN,
    ],
    ids=ascii,
)
def test_what_is_no_plain_decimal_is_refused(amount: str) -> None:
    with pytest.raises(InvalidMoney, match="is not an amount") as refused:
        parse_money(amount, "USD")
    assert refused.value.data == {"amount": amount}


@pytest.mark.parametrize("amount", ["0.0000001", "1.0000000", "-0.1234567"])
def test_a_seventh_decimal_is_refused_rather_than_rounded(amount: str) -> None:
    with pytest.raises(InvalidMoney, match="more than 6 decimals") as refused:
        parse_money(amount, "USD")
    assert refused.value.data == {"amount": amount}


@pytest.mark.parametrize("amount", ["1000000000.000001", "-1000000000.000001", "999999999999"])
def test_an_amount_above_a_thousand_million_is_refused(amount: str) -> None:
    with pytest.raises(InvalidMoney, match="above a thousand million"):
        parse_money(amount, "USD")


def test_a_refused_amount_is_quoted_no_further_than_40_characters() -> None:
    with pytest.raises(InvalidMoney) as letters:
        parse_money("x" * 900, "USD")
    with pytest.raises(InvalidMoney) as decimals:
        parse_money("0." + "1" * 900, "USD")
    assert letters.value.message == f"'{'x' * 40}' is not an amount."
    assert letters.value.data["amount"] == "x" * 40
    assert decimals.value.message == f"0.{'1' * 38} has more than 6 decimals."
    assert decimals.value.data["amount"] == "0." + "1" * 38


@pytest.mark.parametrize("code", ["", "usd", "US", "USDT", "USD ", "XXX", "XTS", "XAU", "BTC", "EURO", "\ud800"])
def test_what_is_no_currency_of_iso_4217_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrency, match="is not an ISO 4217 currency") as refused:
        parse_money("1", code)
    assert refused.value.data == {"currency": code}


def test_a_refused_currency_is_quoted_no_further_than_16_characters() -> None:
    with pytest.raises(UnknownCurrency) as refused:
        check_currency("Z" * 400)
    assert refused.value.message == f"'{'Z' * 16}' is not an ISO 4217 currency."
    assert refused.value.data["currency"] == "Z" * 16


@pytest.mark.parametrize("code", ["USD", "EUR", "JPY", "KWD", "AED", "ZWG", "XOF"])
def test_a_currency_is_returned_as_it_came(code: str) -> None:
    assert check_currency(code) == code


def test_currencies_are_codes_of_three_capitals_without_metals_funds_and_test_codes() -> None:
    assert all(len(c) == 3 and c.isascii() and c.isalpha() and c.isupper() for c in CURRENCIES)
    assert CURRENCIES.isdisjoint({"XAU", "XAG", "XDR", "XTS", "XXX", "CHE", "CHW", "USN", "CLF", "UYI", "BOV", "MXV"})


@pytest.mark.parametrize(("micros", "text"), [(0, "0.000000"), (-1, "-0.000001"), (1, "0.000001")])
def test_micro_units_are_written_with_six_decimals(micros: int, text: str) -> None:
    assert format_micros(micros) == text


@pytest.mark.parametrize(
    ("micros", "text"),
    [(999_999, "0.999999"), (1_000_000, "1.000000"), (-1_500_000, "-1.500000"), (123_456_789_012, "123456.789012")],
)
def test_units_stand_before_the_point_and_micros_behind_it(micros: int, text: str) -> None:
    assert format_micros(micros) == text


def test_money_reads_as_amount_and_currency() -> None:
    assert str(usd(-40_000)) == "-0.040000 USD"


@pytest.mark.parametrize("micros", [10**15, -(10**15)])
def test_a_thousand_million_is_held_and_a_micro_more_is_not(micros: int) -> None:
    assert usd(micros).micros == micros
    with pytest.raises(InvalidMoney):
        usd(micros + (1 if micros > 0 else -1))


def test_money_in_an_unknown_currency_cannot_be_made() -> None:
    with pytest.raises(UnknownCurrency):
        Money("XXX", MicroUnits(1))


@pytest.mark.parametrize("micros", [1.0, 0.5, Decimal(1), True, "1", None], ids=repr)
def test_money_counts_in_integers_and_in_nothing_else(micros: Any) -> None:
    with pytest.raises(AssertionError, match="money counts micro-units"):
        Money("USD", micros)


def test_amounts_of_different_currencies_differ_and_have_no_order() -> None:
    euro: Any = Money("EUR", MicroUnits(1))
    assert euro != usd(1)
    with pytest.raises(TypeError):
        _ = euro < usd(2)


def test_money_cannot_be_changed_and_can_be_a_key() -> None:
    money: Any = usd(1)
    with pytest.raises(FrozenInstanceError):
        money.micros = 2
    assert {usd(1): "a"}[usd(1)] == "a"


@pytest.mark.parametrize(("amount", "micros"), [("0", 0), ("-0.000000", 0), ("0.000001", 1), ("20", 20_000_000)])
def test_a_price_is_zero_or_more(amount: str, micros: int) -> None:
    assert parse_price(amount, "USD") == usd(micros)


def test_a_price_below_zero_is_refused() -> None:
    with pytest.raises(InvalidMoney, match=r"A price of -0\.000001 USD is below zero") as refused:
        parse_price("-0.000001", "USD")
    assert refused.value.data == {"amount": "-0.000001"}
