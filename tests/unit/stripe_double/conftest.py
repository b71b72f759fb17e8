"""A double with money, the SDK's client over it, and a creator's account that has been onboarded."""

import pytest
import stripe

from provenance.stripe_double.edges.in_process import Double


@pytest.fixture
def double() -> Double:
    """A double whose platform has 1,000 USD, 500 EUR and 90,000 JPY."""
    double = Double(seed=7)
    for amount, currency in ((100_000, "usd"), (50_000, "eur"), (90_000, "jpy")):
        double.fund(amount, currency)
    return double


@pytest.fixture
def client(double: Double) -> stripe.StripeClient:
    """The unmodified SDK."""
    return double.client()


@pytest.fixture
def creator(double: Double, client: stripe.StripeClient) -> str:
    """An account that can be paid, and is paid out by hand."""
    account = client.v1.accounts.create(
        {
            "country": "US",
            "controller": {"stripe_dashboard": {"type": "express"}},
            "capabilities": {"transfers": {"requested": True}},
            "tos_acceptance": {"service_agreement": "recipient"},
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        }
    )
    double.onboard(account.id)
    return account.id
