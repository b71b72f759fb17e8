"""Whom payouts go through, by what is set up: Stripe Connect where there is a key, else a bank by files.

Secrets stay in what is made here: none is shown, and none is logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from provenance.adapters.bank_file.movements import BankMovements
from provenance.adapters.bank_file.provider import NAME as BANK
from provenance.adapters.bank_file.provider import BankFiles
from provenance.kernel.minor_units import micros_per_minor_unit
from provenance.payouts.approval import parse_limits
from provenance.payouts.reported import Reported
from provenance.services.payment_provider import PaymentProvider, Payments
from provenance.services.reconciliation_stores import Movements

STRIPE = "stripe"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSetup:
    """Settings of payments as plain values; an empty key means that Stripe isn't used."""

    limits: str
    minimums: str
    stripe_key: str = field(default="", repr=False)
    stripe_secrets: str = field(default="", repr=False)
    stripe_api_url: str = ""
    stripe_country: str = "US"
    return_url: str = ""


def open_payments(setup: PaymentSetup, bank: BankFiles | None = None) -> Payments:
    """The providers that are set up. Nothing is asked of them yet. Raises `InvalidInput`."""
    limits, minimums = parse_limits(setup.limits), minimums_of(setup.minimums)
    providers: dict[str, PaymentProvider] = {BANK: bank} if bank else {}
    movements: dict[str, Movements] = {BANK: BankMovements(bank)} if bank else {}
    if not setup.stripe_key:
        return Payments(providers=providers, by=BANK if bank else None, limits=limits, movements=movements)
    # The SDK takes half a second to import: only who pays does so.
    from provenance.adapters.stripe_connect.client import open_client
    from provenance.adapters.stripe_connect.movements import StripeMovements
    from provenance.adapters.stripe_connect.onboarding import StripeOnboarding
    from provenance.adapters.stripe_connect.provider import StripeConnect
    from provenance.adapters.stripe_connect.webhooks import verified_report

    client = open_client(setup.stripe_key, api_url=setup.stripe_api_url)
    secrets = [s for s in (part.strip() for part in setup.stripe_secrets.split(",")) if s]

    def verify(body: bytes, header: str | None, now: datetime) -> Reported:
        return verified_report(client, body, header, secrets=secrets, now=now)

    providers[STRIPE] = StripeConnect(client, minimums=minimums)
    movements[STRIPE] = StripeMovements(client)
    return Payments(
        providers=providers,
        by=STRIPE,
        limits=limits,
        movements=movements,
        onboarding=StripeOnboarding(
            client, country=setup.stripe_country, return_url=setup.return_url, refresh_url=setup.return_url
        ),
        verify=verify if secrets else None,
    )


def minimums_of(text: str) -> dict[str, int]:
    """The least that is paid, in minor units by currency, from amounts such as ``"USD=1,EUR=1"``."""
    stated = parse_limits(text).micros
    return {
        currency: -(-micros // micros_per_minor_unit(currency))
        for currency, micros in stated.items()
        if currency != "*"
    }
