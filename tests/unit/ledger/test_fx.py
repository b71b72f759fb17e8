"""A conversion has both legs in one transaction, each currency adds up to zero, and it names the rate."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from provenance.kernel.errors import Unbalanced
from provenance.kernel.fx import Rate, convert
from provenance.kernel.money import MicroUnits, Money
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.fx import conversion
from provenance.ledger.transaction import totals

AT = datetime(2026, 11, 30, tzinfo=UTC)
RATE = Rate(base="EUR", quote="USD", numerator=10_842, denominator=10_000, on=date(2026, 11, 30), source="ECB")


def owed(currency: str) -> Account:
    return Account(kind=AccountKind.PARTY_PAYABLE, party="ann", currency=currency)


def liquidity(currency: str) -> Account:
    return Account(kind=AccountKind.HELD, currency=currency)  # any account without a party will do


def test_what_is_owed_in_one_currency_is_owed_in_the_other() -> None:
    converted = convert(Money("USD", MicroUnits(1_084_200)), RATE)
    found = conversion(converted, owed, liquidity, business_key="statement-1", effective_at=AT)
    assert {e.account.id: e.micros for e in found.entries} == {
        "party_payable/ann/USD": 1_084_200,
        "held/USD": -1_084_200,
        "held/EUR": 1_000_000,
        "party_payable/ann/EUR": -1_000_000,
    }
    assert set(totals(found.entries).values()) == {0}
    assert found.business_key == f"statement-1:{RATE.id}"


def test_nothing_is_posted_for_nothing() -> None:
    with pytest.raises(Unbalanced):
        conversion(
            convert(Money("USD", MicroUnits(0)), RATE), owed, liquidity, business_key="statement-1", effective_at=AT
        )
