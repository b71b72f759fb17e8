"""Connected accounts: how they come to be paid, and how they cease to be."""

import pytest
import stripe

from provenance.stripe_double.core import account_state, control, links
from provenance.stripe_double.core.links import LINK_SECONDS, ONBOARDING_PATH
from provenance.stripe_double.core.refused import Refused
from provenance.stripe_double.edges.in_process import Double


def fresh(client: stripe.StripeClient) -> stripe.Account:
    return client.v1.accounts.create(
        {
            "type": "express",
            "country": "DE",
            "email": "ada@example.org",
            "capabilities": {"transfers": {"requested": True}},
            "tos_acceptance": {"service_agreement": "recipient"},
            "metadata": {"party": "ada"},
        }
    )


def link_of(client: stripe.StripeClient, account: str) -> str:
    made = client.v1.account_links.create(
        {
            "account": account,
            "type": "account_onboarding",
            "return_url": "https://here.example/back",
            "refresh_url": "https://here.example/again",
        }
    )
    return made.url.rpartition(ONBOARDING_PATH)[2]


def test_a_fresh_account_says_what_it_needs(client: stripe.StripeClient) -> None:
    account = fresh(client)
    assert account.type == "express"
    assert account.default_currency == "eur"
    assert not account.payouts_enabled
    assert not account.details_submitted
    assert account.requirements is not None
    assert "external_account" in (account.requirements.currently_due or [])
    assert account.capabilities is not None
    assert account.capabilities.transfers == "inactive"
    assert account.tos_acceptance is not None
    assert account.tos_acceptance.service_agreement == "recipient"


def test_an_onboarding_link_brings_all_that_it_needs(double: Double, client: stripe.StripeClient) -> None:
    account = fresh(client)
    back = links.open_link(double.world, link_of(client, account.id))
    assert back == "https://here.example/back"
    ready = client.v1.accounts.retrieve(account.id)
    assert ready.payouts_enabled
    assert ready.capabilities is not None
    assert ready.capabilities.transfers == "active"
    assert client.v1.accounts.capabilities.retrieve(account.id, "transfers").status == "active"


def test_a_link_is_good_once_and_for_five_minutes(double: Double, client: stripe.StripeClient) -> None:
    account = fresh(client)
    used, late = link_of(client, account.id), link_of(client, account.id)
    links.open_link(double.world, used)
    double.advance(LINK_SECONDS + 1)
    for token in (used, late, "guessed"):
        with pytest.raises(Refused):
            links.open_link(double.world, token)


def test_a_custom_account_with_all_it_needs_is_ready_at_once(client: stripe.StripeClient) -> None:
    account = client.v1.accounts.create(
        {
            "type": "custom",
            "country": "US",
            "capabilities": {"transfers": {"requested": True}},
            "tos_acceptance": {"date": 1_767_000_000, "ip": "203.0.113.7"},
            "external_account": {
                "object": "bank_account",
                "country": "US",
                "currency": "usd",
                "account_number": "000123456789",
            },
        }
    )
    assert account.payouts_enabled
    banks = client.v1.accounts.external_accounts.list(account.id).data
    assert [b.last4 for b in banks] == ["6789"]
    assert "000123456789" not in str(account)


def test_a_document_that_is_due_stops_payouts_until_it_is_brought(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    control.require_document(double.world, creator)
    account = client.v1.accounts.retrieve(creator)
    assert not account.payouts_enabled
    assert account.requirements is not None
    assert account.requirements.disabled_reason == "requirements.past_due"
    double.onboard(creator)
    assert client.v1.accounts.retrieve(creator).payouts_enabled


def test_a_closed_account_stays_closed(double: Double, client: stripe.StripeClient, creator: str) -> None:
    client.v1.accounts.reject(creator, {"reason": "fraud"})
    double.onboard(creator)
    assert not client.v1.accounts.retrieve(creator).payouts_enabled
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.accounts.update(creator, {"email": "other@example.org"})


def test_a_deauthorised_account_is_out_of_reach(double: Double, client: stripe.StripeClient, creator: str) -> None:
    account_state.deauthorize(double.world, creator)
    with pytest.raises(stripe.PermissionError):
        client.v1.accounts.retrieve(creator)
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve(options={"stripe_account": creator})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": creator})
    assert refused.value.code == "resource_missing"
    assert creator not in [a.id for a in client.v1.accounts.list().data]


def test_an_account_that_holds_money_is_not_deleted(client: stripe.StripeClient, creator: str) -> None:
    made = client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": creator})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.accounts.delete(creator)
    client.v1.transfers.reversals.create(made.id)
    assert client.v1.accounts.delete(creator).deleted


def test_accounts_see_themselves_alone(double: Double, client: stripe.StripeClient, creator: str) -> None:
    other = fresh(client)
    mine = double.client(account=creator)
    assert mine.v1.accounts.retrieve_current().id == creator
    with pytest.raises(stripe.PermissionError):
        mine.v1.accounts.retrieve(other.id)
    with pytest.raises(stripe.PermissionError):
        mine.v1.accounts.list()


@pytest.mark.parametrize("key", ["sk_live_51secret", "pk_test_1", "x" * 300, "sk_test_\u00e9" + "x" * 300])
def test_only_keys_of_test_mode_are_taken_and_no_other_is_repeated(double: Double, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        double.client(key=key).v1.balance.retrieve()
    assert key not in str(refused.value)


def test_a_revoked_key_is_refused(double: Double) -> None:
    double.world.revoked.add("sk_test_old")
    with pytest.raises(stripe.AuthenticationError):
        double.client(key="sk_test_old").v1.balance.retrieve()
    assert double.client(key="sk_test_new").v1.balance.retrieve().available
