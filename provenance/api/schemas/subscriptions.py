"""Subscription money."""

from __future__ import annotations

from provenance.api.schemas.fields import Amount, Currency, Form, Moment, View, example
from provenance.api.schemas.statements import PeriodName
from provenance.kernel.money import parse_money
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.subscription import Subscription

_STATED = {"period": "2026-11", "currency": "USD", "amount": "1200.000000"}


class SubscriptionForm(Form):
    """What a service passes on of its subscriptions for a period, after its own part."""

    model_config = example(_STATED)

    period: PeriodName
    currency: Currency
    amount: Amount

    def subscription(self, service: str) -> Subscription:
        """Raises what `parse_money`, `parse_accounting_period` and `Subscription` do."""
        money = parse_money(self.amount, self.currency)
        return Subscription(service=service, period=parse_accounting_period(self.period), money=money)


class SubscriptionView(View):
    """The same as recorded; the transaction is the one by which the service owes it."""

    model_config = example(
        {
            "id": "subscription_0a1b2c3d4e5f60718293a4b5",
            "service": "lumen-studio",
            **_STATED,
            "transaction": "txn_0a1b2c3d4e5f60718293a4b5",
            "recorded_at": "2026-11-28T08:00:00.000000Z",
        }
    )

    id: str
    service: str
    period: PeriodName
    currency: Currency
    amount: Amount
    transaction: str
    recorded_at: Moment
