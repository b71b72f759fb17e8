"""Open recipients' accounts with Stripe Connect, send their holders to Stripe's pages, and read how far they are.

Names, addresses and bank accounts are given to Stripe, on its own pages, and never come here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import stripe

from provenance.adapters.stripe_connect.answers import code_of, unavailable
from provenance.adapters.stripe_connect.objects import PARTY
from provenance.adapters.stripe_connect.provider import NAME
from provenance.payouts.payee_account import REQUIREMENTS_MAX, Readiness
from provenance.services.payment_provider import AccountReport, Link


class StripeOnboarding:
    """Implements the port `Onboarding`.

    ``country`` is the platform's own: elsewhere an account is a recipient's, which has no agreement of its own with
    Stripe. ``return_url`` is where holders come back to; ``refresh_url`` where they come for another link.
    """

    def __init__(self, client: stripe.StripeClient, *, country: str, return_url: str, refresh_url: str) -> None:
        self._stripe = client.v1
        self._country, self._return_url, self._refresh_url = country, return_url, refresh_url

    @property
    def provider(self) -> str:
        """Stripe."""
        return NAME

    def open(self, party: str, *, country: str, email: str | None, key: str) -> str:
        """A new account that only takes transfers, and that we alone pay out. Raises `Unavailable`."""
        agreement = "full" if country == self._country else "recipient"
        params: Any = {
            "country": country,
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "tos_acceptance": {"service_agreement": agreement},
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
            "metadata": {PARTY: party},
        }
        if email is not None:
            params["email"] = email
        try:
            return self._stripe.accounts.create(params=params, options={"idempotency_key": key}).id
        except stripe.StripeError as error:
            raise unavailable(error) from error

    def link(self, account: str) -> Link:
        """An onboarding page, which can be opened once. Raises `Unavailable`."""
        try:
            made = self._stripe.account_links.create(
                params={
                    "account": account,
                    "type": "account_onboarding",
                    "return_url": self._return_url,
                    "refresh_url": self._refresh_url,
                }
            )
        except stripe.StripeError as error:
            raise unavailable(error) from error
        return Link(url=made.url, expires_at=datetime.fromtimestamp(made.expires_at, UTC))

    def report(self, account: str) -> AccountReport:
        """How far an account is. Raises `Unavailable`."""
        try:
            found = self._stripe.accounts.retrieve(account)
        except stripe.PermissionError as error:
            if code_of(error) == "account_invalid":
                return AccountReport(readiness=Readiness.DEAD, code="account_invalid")  # it has left us
            raise unavailable(error) from error
        except stripe.StripeError as error:
            raise unavailable(error) from error
        return report_of(found)


def report_of(found: stripe.Account) -> AccountReport:
    """What an account's object says of it (docs.stripe.com/api/accounts/object, ``requirements``)."""
    needs = found.requirements
    reason = str(needs.disabled_reason or "") if needs is not None else ""
    if reason.startswith("rejected"):
        return AccountReport(readiness=Readiness.DEAD, code=reason.replace(".", "_")[:60])
    due: list[str] = []
    if needs is not None:
        due = sorted({*(needs.currently_due or ()), *(needs.past_due or ())})[:REQUIREMENTS_MAX]
    can = getattr(found.capabilities, "transfers", None) == "active" if found.capabilities else False
    if can and found.payouts_enabled:
        return AccountReport(readiness=Readiness.READY, due=tuple(due))
    return AccountReport(readiness=Readiness.INCOMPLETE if due else Readiness.PENDING, due=tuple(due), code=reason[:60])
