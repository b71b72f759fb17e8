"""Subscription money and the unattributed pool, shared out by a close on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, NotFound, PeriodClosed
from provenance.kernel.money import parse_money
from provenance.ledger.accounts import Account, AccountKind
from provenance.royalties.pool import PoolPolicy
from provenance.royalties.review import Resolution
from provenance.services.close import close_period, preview_period
from provenance.services.subscriptions import record_subscription
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.form import statement_form
from provenance.statements.line import LineKind
from provenance.statements.subscription import Subscription

from .closing_story import DECEMBER, NOVEMBER, Balances, after, statements

POOL = Account(kind=AccountKind.UNATTRIBUTED_POOL, currency="USD")
ROYALTY_POOL = Account(kind=AccountKind.ROYALTY_POOL, currency="USD")
OWED = Account(kind=AccountKind.SERVICE_RECEIVABLE, party="bot", currency="USD")


def subscription(amount: str, period: AccountingPeriod = NOVEMBER, service: str = "bot") -> Subscription:
    return Subscription(service=service, period=period, money=parse_money(amount, "USD"))


def close(database: SqlDatabase, policy: PoolPolicy = PoolPolicy.KEEP, period: AccountingPeriod = NOVEMBER) -> None:
    close_period(database, period, closed_by="press", at=after(period), policy=policy)


def added(database: SqlDatabase, kind: LineKind, period: AccountingPeriod = NOVEMBER) -> dict[str, int]:
    found = {p: s.total(kind) for (p, currency), s in statements(database, period).items() if currency == "USD"}
    return {party: micros for party, micros in found.items() if micros}


@pytest.fixture
def free(database: SqlDatabase, opened: Any) -> Any:
    """The story, and an output without a price."""
    with database.begin(write=True) as work:
        record = opened.generation("g2", price="0")
        opened.record_generation(work, record)
        work.reviews.add(opened.review(record, Resolution.DECLINE)[0], opened.later)
        work.commit()
    return opened


def test_subscription_money_follows_the_usage_of_outputs_without_a_price(database: SqlDatabase, free: Any) -> None:
    stated = subscription("20.000003")
    before = Balances(database)[POOL]
    record_subscription(database, stated, at=free.at)
    assert -Balances(database)[ROYALTY_POOL] == stated.money.micros
    close(database)
    found, shares = added(database, LineKind.SUBSCRIBED), {a.work: a.share_ppb for a in free.shares().attributions}
    # Of the six works two are paid for: one is ann's and bob's, one is bob's. The fee's is in euros, and counts alike.
    paid = [shares[free.works[name].id] for name in ("share", "fee")]
    works = sum(stated.money.micros * share // 1_000_000_000 for share in paid)
    assert set(found) == {"ann", "bob"}
    assert sum(found.values()) == pytest.approx(works, abs=2)
    balances = Balances(database)
    assert balances[ROYALTY_POOL] == 0, "all of it has a place"
    assert before - balances[POOL] == stated.money.micros - sum(found.values())
    close(database, period=DECEMBER)
    assert added(database, LineKind.SUBSCRIBED, DECEMBER) == {}, "it is shared out once"


def test_subscription_money_without_usage_is_nobodys(database: SqlDatabase, opened: Any) -> None:
    before = Balances(database)[POOL]
    record_subscription(database, subscription("5"), at=opened.at)
    close(database)
    assert added(database, LineKind.SUBSCRIBED) == {}
    assert (Balances(database)[ROYALTY_POOL], before - Balances(database)[POOL]) == (0, 5_000_000)


def test_subscription_money_is_stated_once_and_of_an_open_period(database: SqlDatabase, opened: Any) -> None:
    first = record_subscription(database, subscription("5"), at=opened.at)
    assert record_subscription(database, subscription("5"), at=after(NOVEMBER)) == first
    assert Balances(database)[ROYALTY_POOL] == -5_000_000
    with pytest.raises(Conflict):
        record_subscription(database, subscription("6"), at=opened.at)
    with pytest.raises(NotFound):
        record_subscription(database, subscription("6", service="nobody"), at=opened.at)
    close(database)
    with pytest.raises(PeriodClosed):
        record_subscription(database, subscription("6", service="press"), at=after(NOVEMBER))


def test_money_stated_after_the_period_and_before_its_close_is_dated_within(database: SqlDatabase, free: Any) -> None:
    stated = subscription("1")
    record_subscription(database, stated, at=NOVEMBER.until + timedelta(hours=1))
    with database.begin() as work:
        posted = work.books.get(stated.taken_in_by)
    assert posted is not None
    assert posted.fact.effective_at < NOVEMBER.until
    close(database)
    assert added(database, LineKind.SUBSCRIBED)


@pytest.mark.parametrize("policy", [PoolPolicy.BY_USAGE, PoolPolicy.EQUALLY])
def test_the_pool_is_spread_to_the_micro_unit_over_works_that_earned(
    database: SqlDatabase, opened: Any, policy: PoolPolicy
) -> None:
    holds = -Balances(database)[POOL]
    assert holds > 0
    foretold = [statement_form(s) for s in preview_period(database, NOVEMBER, policy=policy)]
    close(database, policy)
    found = added(database, LineKind.SPREAD)
    assert sum(found.values()) == holds
    assert Balances(database)[POOL] == 0
    assert {"ann", "bob"} <= set(found), "press and bot have a claim on a work that a review released"
    stated = statements(database)
    assert foretold == [statement_form(stated[party, currency]) for party, currency in sorted(stated)]
    with database.begin() as work:
        recorded = work.statements.close_of(NOVEMBER)
    assert recorded is not None
    assert recorded.fact.pool_policy is policy


def test_without_a_policy_the_pool_is_kept(database: SqlDatabase, opened: Any) -> None:
    holds = Balances(database)[POOL]
    close(database)
    assert added(database, LineKind.SPREAD) == {}
    assert Balances(database)[POOL] == holds
