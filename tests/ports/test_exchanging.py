"""Exchange what a party is owed, on both databases: both legs, once, at a rate that is there and fresh enough."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import InvalidMoney, MoreThanOwed, NotFound, ProvenanceError, RateMissing, RateStale
from provenance.kernel.fx import Rate
from provenance.kernel.money import parse_money
from provenance.services.exchange import Exchanged, exchange_owed
from provenance.services.rates import record_rate
from provenance.statements.line import LineKind

from .closing_story import NOVEMBER, Balances, close, payable, post, statements

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
RATE = Rate(base="EUR", quote="USD", numerator=10_842, denominator=10_000, on=date(2026, 11, 20), source="ECB")


@pytest.fixture
def owed(database: SqlDatabase, opened: Any) -> Any:
    """Ann is owed ten dollars more."""
    record_rate(database, RATE, at=AT)
    post(database, "more", "correction", 10_842_000, effective=AT, at=AT)
    return opened


def exchanged(database: SqlDatabase, amount: str, **other: Any) -> Exchanged:
    stated = {"party": "ann", "into": "EUR", "reference": "r1", "on": AT.date(), "days_old_max": 4, "at": AT} | other
    return exchange_owed(database, money=parse_money(amount, other.pop("currency", "USD")), **stated)


def test_an_exchange_moves_what_is_owed_once_and_a_statement_says_so(database: SqlDatabase, owed: Any) -> None:
    before = Balances(database)[payable("ann")]
    first = exchanged(database, "10.842")
    assert exchanged(database, "10.842", at=datetime(2026, 11, 23, tzinfo=UTC)) == first
    balances = Balances(database)
    assert balances[payable("ann")] - before == 10_842_000
    assert balances[payable("ann", "EUR")] == -10_000_000
    close(database)
    found = statements(database)
    assert found["ann", "USD"].total(LineKind.EXCHANGED) == -10_842_000
    assert found["ann", "EUR"].total(LineKind.EXCHANGED) == 10_000_000
    assert found["ann", "EUR"].closing.micros == 10_000_000
    assert found["ann", "EUR"].period == NOVEMBER


@pytest.mark.parametrize(
    ("amount", "other", "error"),
    [
        ("1000", {}, MoreThanOwed),
        ("0", {}, InvalidMoney),
        ("1", {"into": "USD"}, InvalidMoney),
        ("1", {"into": "EUX"}, InvalidMoney),
        ("1", {"party": "nobody"}, NotFound),
        ("1", {"into": "GBP"}, RateMissing),
        ("1", {"on": date(2026, 11, 25)}, RateStale),
        ("1", {"on": date(2026, 11, 19)}, RateMissing),
    ],
)
def test_what_cannot_be_exchanged_is_refused_and_nothing_is_posted(
    database: SqlDatabase, owed: Any, amount: str, other: Any, error: type[ProvenanceError]
) -> None:
    before = Balances(database)[payable("ann")]
    with pytest.raises(error):
        exchanged(database, amount, **other)
    assert Balances(database)[payable("ann")] == before
