"""An exchange has both legs in one transaction, each currency adds up to zero, and it names the rate."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from provenance.kernel.errors import InvalidMoney
from provenance.kernel.fx import Rate, convert
from provenance.kernel.money import MicroUnits, Money
from provenance.ledger.fx import exchange
from provenance.ledger.transaction import totals

AT = datetime(2026, 11, 30, tzinfo=UTC)
RATE = Rate(base="EUR", quote="USD", numerator=10_842, denominator=10_000, on=date(2026, 11, 30), source="ECB")


def test_what_is_owed_in_one_currency_is_owed_in_the_other() -> None:
    converted = convert(Money("USD", MicroUnits(1_084_200)), RATE)
    found = exchange(converted, "ann", reference="november", effective_at=AT)
    assert {e.account.id: e.micros for e in found.entries} == {
        "party_payable/ann/USD": 1_084_200,
        "fx_liquidity/USD": -1_084_200,
        "fx_liquidity/EUR": 1_000_000,
        "party_payable/ann/EUR": -1_000_000,
    }
    assert set(totals(found.entries).values()) == {0}
    assert found.business_key == f"exchange:ann:november:{RATE.id}"


def test_what_comes_to_nothing_is_not_exchanged() -> None:
    rate = Rate(base="USD", quote="EUR", numerator=1, denominator=1_000_000, on=date(2026, 11, 30), source="ECB")
    with pytest.raises(InvalidMoney):
        exchange(convert(Money("USD", MicroUnits(1)), rate), "ann", reference="november", effective_at=AT)
