"""Payouts from connected accounts to their banks."""

import pytest
import stripe

from provenance.stripe_double.core.world import DAY, Options
from provenance.stripe_double.edges.in_process import Double


@pytest.fixture
def mine(double: Double, client: stripe.StripeClient, creator: str) -> stripe.StripeClient:
    """The SDK acting for the creator, who has 500 USD cents."""
    client.v1.transfers.create({"amount": 500, "currency": "usd", "destination": creator})
    return double.client(account=creator)


def available(client: stripe.StripeClient) -> int:
    return sum(a.amount for a in client.v1.balance.retrieve().available if a.currency == "usd")


def stages(double: Double, mine: stripe.StripeClient, payout: str) -> list[str]:
    """Every status that a payout has in its first ten days."""
    seen = [mine.v1.payouts.retrieve(payout).status]
    for _ in range(80):
        double.advance(3 * 3_600)
        status = mine.v1.payouts.retrieve(payout).status
        if status != seen[-1]:
            seen.append(status)
    return seen


def test_a_payout_is_pending_then_in_transit_then_paid(double: Double, mine: stripe.StripeClient) -> None:
    payout = mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    assert available(mine) == 100
    assert stages(double, mine, payout.id) == ["pending", "in_transit", "paid"]
    assert available(mine) == 100


def test_a_failed_payout_gives_the_money_back_and_says_why(double: Double, mine: stripe.StripeClient) -> None:
    double.inject("payout_fails", failure_code="account_closed")
    payout = mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    assert stages(double, mine, payout.id) == ["pending", "in_transit", "failed"]
    failed = mine.v1.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]})
    assert failed.failure_code == "account_closed"
    assert failed.failure_message
    assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
    assert (failed.failure_balance_transaction.net, failed.failure_balance_transaction.type) == (400, "payout_failure")
    assert available(mine) == 500
    with pytest.raises(stripe.InvalidRequestError) as refused:
        mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    assert refused.value.code == "payouts_not_allowed"


def test_another_bank_account_mends_that(
    double: Double, client: stripe.StripeClient, mine: stripe.StripeClient
) -> None:
    double.inject("payout_fails")
    payout = mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    stages(double, mine, payout.id)
    account = mine.v1.accounts.retrieve_current()
    client.v1.accounts.external_accounts.create(account.id, {"external_account": "btok_us_verified"})
    again = mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    assert stages(double, mine, again.id)[-1] == "paid"


def test_a_payout_may_fail_after_it_said_that_it_was_paid(double: Double, mine: stripe.StripeClient) -> None:
    double.inject("payout_fails_late", seconds=3 * DAY, failure_code="could_not_process")
    payout = mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    assert stages(double, mine, payout.id) == ["pending", "in_transit", "paid", "failed"]
    assert available(mine) == 500


def test_a_pending_payout_can_be_canceled_once(double: Double, mine: stripe.StripeClient) -> None:
    payout = mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    assert mine.v1.payouts.cancel(payout.id).status == "canceled"
    assert available(mine) == 500
    with pytest.raises(stripe.InvalidRequestError):
        mine.v1.payouts.cancel(payout.id)
    assert stages(double, mine, payout.id) == ["canceled"]


@pytest.mark.parametrize(("amount", "currency"), [(501, "usd"), (1, "eur")])
def test_what_is_not_there_or_has_no_bank_is_refused(mine: stripe.StripeClient, amount: int, currency: str) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        mine.v1.payouts.create({"amount": amount, "currency": currency})
    assert available(mine) == 500


def test_a_payout_below_the_least_is_refused() -> None:
    double = Double(options=Options(payout_amount_min=100))
    client = double.client()
    account = client.v1.accounts.create({"country": "US"}).id
    double.onboard(account)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        double.client(account=account).v1.payouts.create({"amount": 99, "currency": "usd"})
    assert refused.value.code == "amount_too_small"


def test_an_automatic_payout_says_what_it_paid(double: Double, client: stripe.StripeClient) -> None:
    account = client.v1.accounts.create({"country": "US", "capabilities": {"transfers": {"requested": True}}}).id
    double.onboard(account)
    made = [
        client.v1.transfers.create({"amount": amount, "currency": "usd", "destination": account}).destination_payment
        for amount in (100, 250)
    ]
    double.advance(DAY)
    mine = double.client(account=account)
    payout = mine.v1.payouts.list().data[0]
    assert (payout.amount, payout.automatic) == (350, True)
    paid = mine.v1.balance_transactions.list({"payout": payout.id}).data
    assert [t.source for t in paid] == [payout.id, *made[::-1]]
    assert sum(t.net for t in paid) == 0


def test_what_a_manual_payout_paid_nobody_can_tell(mine: stripe.StripeClient) -> None:
    payout = mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError):
        mine.v1.balance_transactions.list({"payout": payout.id})


def test_a_failed_automatic_payout_is_paid_again_with_the_next(double: Double, client: stripe.StripeClient) -> None:
    account = client.v1.accounts.create({"country": "US", "capabilities": {"transfers": {"requested": True}}}).id
    double.onboard(account)
    double.inject("payout_fails", failure_code="could_not_process")
    client.v1.transfers.create({"amount": 100, "currency": "usd", "destination": account})
    double.advance(10 * DAY)
    mine = double.client(account=account)
    assert [p.status for p in mine.v1.payouts.list().data] == ["paid", "failed"]
    for payout in mine.v1.payouts.list().data:
        assert sum(t.net for t in mine.v1.balance_transactions.list({"payout": payout.id}).data) == 0


def test_a_payout_of_another_account_is_not_there(client: stripe.StripeClient, mine: stripe.StripeClient) -> None:
    payout = mine.v1.payouts.create({"amount": 400, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payouts.retrieve(payout.id)
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
