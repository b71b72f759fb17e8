"""Money as an integer count of micro-units of an ISO 4217 currency. No float touches it.

A micro-unit is a millionth of the currency's main unit (1 USD = 1,000,000 micros), which is finer than any minor
unit of ISO 4217, so a share of a cent can be owed without being rounded away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NewType

from provenance.kernel.errors import InvalidMoney, UnknownCurrency

MicroUnits = NewType("MicroUnits", int)

MICROS_PER_UNIT = 1_000_000
DECIMAL_PLACES_MAX = 6
AMOUNT_MICROS_MAX = MicroUnits(1_000_000_000 * MICROS_PER_UNIT)

# ISO 4217 codes in use for payments, without funds codes, metals and test codes.
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()
)

_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.([0-9]+))?", re.ASCII)


def check_currency(code: str) -> str:
    """Return ``code`` if it is an ISO 4217 currency.

    Raises:
        UnknownCurrency: it isn't.
    """
    if code not in CURRENCIES:
        raise UnknownCurrency(
            f"{code[:16]!r} is not an ISO 4217 currency.", mend='Use a code such as "USD" or "EUR".', currency=code[:16]
        )
    return code


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in micro-units of one currency. Amounts of different currencies never meet."""

    currency: str
    micros: MicroUnits

    def __post_init__(self) -> None:
        check_currency(self.currency)
        assert type(self.micros) is int, f"money counts micro-units, not {self.micros!r}"
        if abs(self.micros) > AMOUNT_MICROS_MAX:
            raise InvalidMoney("The amount is above a thousand million.", mend="Send it in several transactions.")

    def __str__(self) -> str:
        return f"{format_micros(self.micros)} {self.currency}"


def parse_money(amount: str, currency: str) -> Money:
    """Read a decimal string such as ``"0.040000"``; at most six decimals, nothing is rounded.

    Raises:
        InvalidMoney: not a plain decimal, more than six decimals, or absurdly large.
        UnknownCurrency: the code isn't one of ISO 4217.
    """
    found = _AMOUNT.fullmatch(amount)
    if not found:
        raise InvalidMoney(
            f"{amount[:40]!r} is not an amount.", mend='Write a plain decimal such as "0.04".', amount=amount[:40]
        )
    if len(found.group(1) or "") > DECIMAL_PLACES_MAX:
        raise InvalidMoney(
            f"{amount[:40]} has more than {DECIMAL_PLACES_MAX} decimals.",
            mend="Amounts count millionths of a unit; round before you send.",
            amount=amount[:40],
        )
    return Money(currency, MicroUnits(int(Decimal(amount) * MICROS_PER_UNIT)))


def parse_price(amount: str, currency: str) -> Money:
    """Read an amount that somebody is charged: as `parse_money`, and not below zero.

    Raises:
        InvalidMoney: also where the amount is negative.
    """
    price = parse_money(amount, currency)
    if price.micros < 0:
        raise InvalidMoney(f"A price of {price} is below zero.", mend="Send zero or more.", amount=amount[:40])
    return price


def format_micros(micros: int) -> str:
    """Micro-units as a decimal string with six places: ``-1500000`` is ``"-1.500000"``."""
    units, rest = divmod(abs(micros), MICROS_PER_UNIT)
    return f"{'-' if micros < 0 else ''}{units}.{rest:06d}"
