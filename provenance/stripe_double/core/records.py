"""What the double keeps, as frozen records. Money counts minor units, times are Unix seconds, currencies lower case.

``account`` is whose a record is: the platform's, or a connected account's. `shapes` writes records as Stripe does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every record has."""

    id: str
    account: str
    created: int
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Record):
    """An account, and how far it is: ``requirements`` are due until it has been onboarded; ``closed`` is for good."""

    kind: str
    country: str
    default_currency: str
    email: str | None = None
    business_type: str | None = None
    business_name: str | None = None
    service_agreement: str = "full"
    capabilities: Mapping[str, str] = field(default_factory=dict)  # name: active, pending or inactive
    requirements: tuple[str, ...] = ()
    disabled_reason: str | None = None
    details_submitted: bool = False
    payouts_interval: str = "daily"
    payouts_delay_days: int = 2
    banks: tuple[str, ...] = ()
    tos_date: int | None = None
    tos_ip: str | None = None
    closed: bool = False
    deauthorized: bool = False

    @property
    def payouts_enabled(self) -> bool:
        """Whether money can be paid out to the account's bank."""
        return self.details_submitted and not self.requirements and not self.closed and bool(self.banks)

    def can(self, capability: str) -> bool:
        """Whether a capability is active."""
        return not self.closed and self.capabilities.get(capability) == "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank(Record):
    """A bank account to which payouts go."""

    currency: str
    country: str
    last4: str
    routing_number: str | None = None
    holder: str | None = None
    status: str = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTransaction(Record):
    """One movement of an account's balance; ``amount - fee`` is what it moves. Available from ``available_on`` on."""

    kind: str
    category: str
    amount: int
    fee: int
    currency: str
    source: str | None
    available_on: int
    description: str | None = None

    @property
    def net(self) -> int:
        """What the balance moves by."""
        return self.amount - self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge(Record):
    """Money that came in: from a customer (``ch_``), or by a transfer from the platform (``py_``)."""

    amount: int
    currency: str
    transaction: str
    amount_refunded: int = 0
    source_transfer: str | None = None
    transfer_group: str | None = None
    description: str | None = None
    refunds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(Record):
    """What a charge gave back; of a payment by transfer, what the reversal took."""

    amount: int
    currency: str
    charge: str
    transaction: str
    reversal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topup(Record):
    """Money that the platform brings from its own bank."""

    amount: int
    currency: str
    status: str
    expected: int
    transaction: str | None = None
    description: str | None = None
    statement_descriptor: str | None = None
    transfer_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Record):
    """Money from the platform to a connected account; ``reversed_amount`` of it came back."""

    amount: int
    currency: str
    destination: str
    transaction: str
    payment: str
    reversed_amount: int = 0
    reversals: tuple[str, ...] = ()
    source_transaction: str | None = None
    transfer_group: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(Record):
    """A part of a transfer that came back."""

    amount: int
    currency: str
    transfer: str
    transaction: str
    refund: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout(Record):
    """Money from an account to its bank: pending, in_transit, then paid; or failed or canceled, with the money back.

    ``failure`` is the code with which it is going to fail, known to the script alone until it does; ``failure_after``
    how long after it said ``paid``, where it fails late.
    """

    amount: int
    currency: str
    status: str
    arrival: int
    bank: str
    transaction: str
    automatic: bool = False
    method: str = "standard"
    description: str | None = None
    statement_descriptor: str | None = None
    failure: str | None = None
    failure_after: int | None = None
    failure_code: str | None = None
    failure_transaction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Record):
    """Something that happened: ``data`` is the object as it was then, ``connected`` the connected account it was in."""

    kind: str
    data: Mapping[str, object]
    previous: Mapping[str, object] | None = None
    connected: str | None = None
    request: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Record):
    """Where events are delivered; ``connect`` ones hear of connected accounts, the others of the platform."""

    url: str
    secret: str
    kinds: tuple[str, ...]
    connect: bool = False
    description: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Record):
    """A way for an account's holder to bring what it needs; ``id`` is the secret in its URL."""

    expires: int
    kind: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint. Several may carry the same event."""

    id: str
    event: str
    endpoint: str
    due: int
    order: int
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAnswer:
    """What a key was answered with. ``status`` is 0 while the request is still being worked on."""

    method: str
    path: str
    params: Mapping[str, object]
    at: int
    request: str
    status: int = 0
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that was taken in, and whose effect is yet to come; its caller has given up waiting."""

    id: str
    method: str
    path: str
    params: Mapping[str, object]
    account: str
    key: str | None
