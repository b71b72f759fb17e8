"""Transfers to connected accounts, and their reversals."""

import pytest
import stripe

from provenance.stripe_double.core.world import DAY, Options
from provenance.stripe_double.edges.in_process import Double


def available(client: stripe.StripeClient, currency: str, account: str | None = None) -> int:
    balance = client.v1.balance.retrieve(options={"stripe_account": account} if account else None)
    return sum(a.amount for a in balance.available if a.currency == currency)


@pytest.mark.parametrize(("currency", "before"), [("usd", 100_000), ("eur", 50_000), ("jpy", 90_000)])
def test_money_moves_whole_in_its_own_currency(
    client: stripe.StripeClient, creator: str, currency: str, before: int
) -> None:
    client.v1.transfers.create({"amount": 1_234, "currency": currency, "destination": creator})
    assert available(client, currency) == before - 1_234
    assert available(client, currency, creator) == 1_234


def test_both_sides_have_their_balance_transaction(client: stripe.StripeClient, creator: str) -> None:
    made = client.v1.transfers.create(
        {
            "amount": 500,
            "currency": "usd",
            "destination": creator,
            "expand": ["balance_transaction", "destination_payment.balance_transaction"],
        }
    )
    assert isinstance(made.balance_transaction, stripe.BalanceTransaction)
    assert isinstance(made.destination_payment, stripe.Charge)
    other = made.destination_payment.balance_transaction
    assert isinstance(other, stripe.BalanceTransaction)
    assert (made.balance_transaction.net, made.balance_transaction.type, made.balance_transaction.source) == (
        -500,
        "transfer",
        made.id,
    )
    assert (other.net, other.type, other.source) == (500, "payment", made.destination_payment.id)


def test_what_is_not_there_is_refused_and_nothing_moves(client: stripe.StripeClient, creator: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 100_001, "currency": "usd", "destination": creator})
    assert refused.value.code == "balance_insufficient"
    assert available(client, "usd") == 100_000
    assert not client.v1.transfers.list().data


def test_a_pending_charge_can_be_the_source_of_what_it_brought(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    charge = client.v1.charges.create({"amount": 700, "currency": "gbp", "source": "tok_visa"})
    made = client.v1.transfers.create(
        {"amount": 600, "currency": "gbp", "destination": creator, "source_transaction": charge.id}
    )
    assert made.source_transaction == charge.id
    assert available(client, "gbp", creator) == 0
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.create(
            {"amount": 101, "currency": "gbp", "destination": creator, "source_transaction": charge.id}
        )
    double.advance(2 * DAY)
    assert (available(client, "gbp"), available(client, "gbp", creator)) == (100, 600)


def test_an_account_that_is_not_ready_gets_nothing(client: stripe.StripeClient) -> None:
    fresh = client.v1.accounts.create({"country": "DE", "capabilities": {"transfers": {"requested": True}}})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 1, "currency": "eur", "destination": fresh.id})
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_the_destination_may_close_a_moment_before(double: Double, client: stripe.StripeClient, creator: str) -> None:
    double.inject("account_closed")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": creator})
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    assert not client.v1.accounts.retrieve(creator).payouts_enabled


@pytest.mark.parametrize("destination", ["acct_unknown", "tr_1", ""])
def test_an_unknown_destination_is_refused(client: stripe.StripeClient, destination: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": destination})
    assert refused.value.param == "destination"


@pytest.mark.parametrize(
    ("currency", "amount"), [("isk", 150), ("ugx", 101), ("kwd", 1_001), ("usx", 1), ("usd", -1), ("usd", 10**12)]
)
def test_amounts_that_stripe_has_no_such_money_for_are_refused(
    client: stripe.StripeClient, creator: str, currency: str, amount: int
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.create({"amount": amount, "currency": currency, "destination": creator})


def test_reversals_add_up_to_the_transfer_and_no_further(client: stripe.StripeClient, creator: str) -> None:
    made = client.v1.transfers.create({"amount": 500, "currency": "usd", "destination": creator})
    client.v1.transfers.reversals.create(made.id, {"amount": 200})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.reversals.create(made.id, {"amount": 301})
    client.v1.transfers.reversals.create(made.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.transfers.reversals.create(made.id)
    after = client.v1.transfers.retrieve(made.id)
    assert (after.amount_reversed, after.reversed) == (500, True)
    assert sorted(r.amount for r in after.reversals.data) == [200, 300]
    assert (available(client, "usd"), available(client, "usd", creator)) == (100_000, 0)


def test_a_reversal_may_leave_an_account_with_less_than_nothing(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    made = client.v1.transfers.create({"amount": 500, "currency": "usd", "destination": creator})
    double.client(account=creator).v1.payouts.create({"amount": 500, "currency": "usd"})
    client.v1.transfers.reversals.create(made.id)
    assert available(client, "usd", creator) == -500


def test_or_it_is_refused_where_the_platform_has_no_reserves() -> None:
    double = Double(options=Options(reversal_overdraws=False))
    double.fund(500, "usd")
    client = double.client()
    account = client.v1.accounts.create({"country": "US", "capabilities": {"transfers": {"requested": True}}}).id
    double.onboard(account)
    made = client.v1.transfers.create({"amount": 500, "currency": "usd", "destination": account})
    double.client(account=account).v1.payouts.create({"amount": 1, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.reversals.create(made.id)
    assert refused.value.code == "balance_insufficient"


def test_words_about_a_transfer_can_change_and_its_money_cannot(client: stripe.StripeClient, creator: str) -> None:
    made = client.v1.transfers.create(
        {"amount": 500, "currency": "usd", "destination": creator, "metadata": {"a": "1", "b": "2"}}
    )
    after = client.v1.transfers.update(made.id, {"metadata": {"b": "", "c": "3"}})
    assert after.metadata.to_dict() == {"a": "1", "c": "3"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.update(made.id, {"amount": 1})  # type: ignore[typeddict-unknown-key]  # on purpose
    assert refused.value.code == "parameter_unknown"


def test_an_expansion_that_leads_nowhere_has_no_effect(client: stripe.StripeClient, creator: str) -> None:
    for path in ("amount", "destination_payment.balance_transaction.source.balance_transaction.source", "nothing"):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": creator, "expand": [path]})
    assert not client.v1.transfers.list().data
