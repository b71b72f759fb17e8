"""A service's subscription money for a period: what it owes once it is recorded, and what nobody's part of it becomes.

The money is what the service passes on, after its own part. The close of the period shares it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from provenance.kernel.canonical import Json
from provenance.kernel.errors import InvalidMoney
from provenance.kernel.ids import check_party_id, derived_id
from provenance.kernel.money import AMOUNT_MICROS_MAX, Money
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.statements.accounting_period import AccountingPeriod

SUBSCRIPTION = "subscription"
_LAST_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a service passes on of its subscriptions for a period, in one currency.

    Raises:
        InvalidMoney: nothing, or an absurd amount.
    """

    service: str
    period: AccountingPeriod
    money: Money

    def __post_init__(self) -> None:
        check_party_id(self.service)
        if not 0 < self.money.micros <= AMOUNT_MICROS_MAX:
            raise InvalidMoney(
                f"Subscription money of {self.money} is none.",
                mend="State an amount above zero, in the main unit of the currency.",
            )

    @property
    def id(self) -> str:
        """It follows from the service, the period and the currency: there is one of each."""
        said: Json = {"service": self.service, "period": self.period.name, "currency": self.money.currency}
        return derived_id("subscription", said)

    @property
    def taken_in_by(self) -> str:
        """The id of the transaction that takes it in."""
        return derived_id("txn", {"business_key": f"{SUBSCRIPTION}:{self.id}"})


def subscription_form(subscription: Subscription) -> dict[str, Json]:
    """All of it, as its leaf commits to it."""
    return {
        "id": subscription.id,
        "service": subscription.service,
        "period": subscription.period.name,
        "money": {"currency": subscription.money.currency, "micros": str(subscription.money.micros)},
        "transaction": subscription.taken_in_by,
    }


def taken_in(subscription: Subscription, *, at: datetime) -> Transaction:
    """The service owes it, and the royalty pool holds it; dated now, and within the period where that is over."""
    currency, micros = subscription.money.currency, subscription.money.micros
    owed = Account(kind=AccountKind.SERVICE_RECEIVABLE, party=subscription.service, currency=currency)
    made = Transaction(
        business_key=f"{SUBSCRIPTION}:{subscription.id}",
        cause=SUBSCRIPTION,
        entries=entries_of([(owed, micros), (_pool(currency), -micros)]),
        effective_at=min(at, subscription.period.until - _LAST_MOMENT),
    )
    assert made.id == subscription.taken_in_by, "an id follows from the business key"
    return made


def nobodys_part(subscription: Subscription, micros: int, closed: AccountingPeriod) -> Transaction | None:
    """The part that no work has a claim on goes to the unattributed pool, with the close of a period; None: nothing."""
    if not micros:
        return None
    currency = subscription.money.currency
    unattributed = Account(kind=AccountKind.UNATTRIBUTED_POOL, currency=currency)
    return Transaction(
        business_key=f"{SUBSCRIPTION}:{subscription.id}:unattributed",
        cause=SUBSCRIPTION,
        entries=entries_of([(_pool(currency), micros), (unattributed, -micros)]),
        effective_at=closed.until - _LAST_MOMENT,
    )


def _pool(currency: str) -> Account:
    return Account(kind=AccountKind.ROYALTY_POOL, currency=currency)
