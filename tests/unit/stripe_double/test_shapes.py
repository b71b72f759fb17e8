"""Objects carry the fields that Stripe's own examples carry, and load in the SDK's own types."""

import json
from pathlib import Path
from typing import Any

import pytest
import stripe

from provenance.stripe_double.core.world import DAY
from provenance.stripe_double.edges.in_process import Double

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "stripe" / "fixtures3.json"
# Hashes that hold whatever fits, not named fields.
FREE = {"metadata", "capabilities", "payment_method_details", "source", "outcome", "transfer_data", "shipping"}
CLASSES = {
    "account": stripe.Account,
    "account_link": stripe.AccountLink,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "bank_account": stripe.BankAccount,
    "capability": stripe.Capability,
    "charge": stripe.Charge,
    "event": stripe.Event,
    "login_link": stripe.LoginLink,
    "payout": stripe.Payout,
    "refund": stripe.Refund,
    "topup": stripe.Topup,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
    "webhook_endpoint": stripe.WebhookEndpoint,
}


@pytest.fixture
def objects(double: Double, client: stripe.StripeClient, creator: str) -> dict[str, Any]:
    """One object of each kind, as the SDK loads it."""
    link = client.v1.account_links.create(
        {"account": creator, "type": "account_onboarding", "return_url": "https://a.b", "refresh_url": "https://a.b"}
    )
    hook = client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
    transfer = client.v1.transfers.create({"amount": 50, "currency": "usd", "destination": creator})
    reversal = client.v1.transfers.reversals.create(
        transfer.id, {"amount": 10, "expand": ["destination_payment_refund"]}
    )
    mine = double.client(account=creator)
    payout = mine.v1.payouts.create({"amount": 40, "currency": "usd"})
    topup = client.v1.topups.create({"amount": 5, "currency": "usd"})
    double.advance(3 * DAY)
    account = client.v1.accounts.retrieve(creator)
    assert account.external_accounts is not None
    return {
        "account": account,
        "account_link": link,
        "balance": client.v1.balance.retrieve(),
        "balance_transaction": client.v1.balance_transactions.list().data[0],
        "bank_account": account.external_accounts.data[0],
        "capability": client.v1.accounts.capabilities.retrieve(creator, "transfers"),
        "charge": client.v1.charges.create({"amount": 5, "currency": "usd", "source": "tok_visa"}),
        "event": client.v1.events.list().data[0],
        "login_link": client.v1.accounts.login_links.create(creator),
        "payout": mine.v1.payouts.retrieve(payout.id),
        "refund": reversal.destination_payment_refund,
        "topup": client.v1.topups.retrieve(topup.id),
        "transfer": client.v1.transfers.retrieve(transfer.id),
        "transfer_reversal": client.v1.transfers.reversals.retrieve(transfer.id, reversal.id),
        "webhook_endpoint": client.v1.webhook_endpoints.retrieve(hook.id),
    }


@pytest.mark.parametrize("kind", CLASSES)
def test_an_object_carries_the_fields_of_stripes_example(objects: dict[str, Any], kind: str) -> None:
    if not EXAMPLES.exists():
        pytest.skip(f"Stripe's examples aren't at {EXAMPLES}.")
    example = json.loads(EXAMPLES.read_text(encoding="utf-8"))["resources"][kind]
    assert not missing(example, objects[kind].to_dict(), kind)


def missing(example: dict[str, Any], found: dict[str, Any], where: str) -> list[str]:
    """Names of fields that the example has and the object hasn't, also within its hashes."""
    names = [f"{where}.{name}" for name in example.keys() - found.keys()]
    for name in (example.keys() & found.keys()) - FREE:
        if isinstance(example[name], dict) and isinstance(found[name], dict) and where != "event":
            names += missing(example[name], found[name], f"{where}.{name}")
    return names


@pytest.mark.parametrize(("kind", "expected"), CLASSES.items())
def test_an_object_loads_in_the_sdks_own_type(objects: dict[str, Any], kind: str, expected: type) -> None:
    found = objects[kind]
    assert type(found) is expected
    assert found.object == kind
    # Every field is one that the SDK knows of this object.
    known = {name for ancestor in expected.__mro__ for name in getattr(ancestor, "__annotations__", ())}
    assert not found.to_dict().keys() - known
