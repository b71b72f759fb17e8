"""The whole state of the double as one explicit value, and how records are kept and found in it.

A `World` is changed by `handle`, `advance` and `control` alone. An endpoint checks everything before its first change
and raises nothing after it, so that a refused request leaves the world as it was. Ids and secrets follow from the seed
and a counter: the same seed and the same requests make the same world, to the last id.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from provenance.stripe_double.core.faults import Fault, FaultKind, take
from provenance.stripe_double.core.records import Account, Delivery, Record, SavedAnswer, Waiting
from provenance.stripe_double.core.refused import missing

DAY = 86_400
COUNTER_DIGITS = 12
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How it behaves where Stripe's behaviour depends on a country, a contract or a setting. Times in seconds."""

    key_seconds: int = DAY  # v1 keeps keys for at least 24 hours
    event_seconds: int = 30 * DAY  # events can be retrieved for 30 days
    charge_pending_seconds: int = 2 * DAY
    topup_pending_seconds: int = DAY
    payout_submit_seconds: int = 12 * 3_600  # until a payout is in transit
    payout_arrival_seconds: int = 2 * DAY
    charge_fee_basis_points: int = 0
    payout_amount_min: int = 1
    reversal_overdraws: bool = True  # whether a reversal may leave a connected account with less than nothing
    check_keys: bool = False  # take only the keys in `World.keys`
    url: str = "http://127.0.0.1:12111"  # where links lead


@dataclass(slots=True, kw_only=True)
class Held:
    """What an account holds of one currency."""

    available: int = 0
    pending: int = 0


@dataclass(slots=True, kw_only=True)
class World:
    """Everything. Build one with `new_world`."""

    seed: int
    now: int
    options: Options
    platform: str = ""
    counter: int = 0
    sequence: int = 0
    objects: dict[str, Record] = field(default_factory=dict)
    lists: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # (account, kind): ids, oldest first
    books: dict[str, dict[str, Held]] = field(default_factory=dict)  # account: currency: what it holds
    due: list[tuple[int, int, str, str]] = field(default_factory=list)  # a heap: when, order, action, id
    saved: dict[tuple[str, str], SavedAnswer] = field(default_factory=dict)  # (account, key): oldest first
    waiting: dict[str, Waiting] = field(default_factory=dict)  # requests whose effect is yet to come
    covered: dict[str, tuple[str, ...]] = field(default_factory=dict)  # automatic payout: the transactions in it
    uncovered: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # (account, currency): in none yet
    automatic: set[str] = field(default_factory=set)  # accounts that have an automatic payout before them
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    delivered: dict[str, int] = field(default_factory=dict)  # event: deliveries that are still to succeed
    script: list[Fault] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)  # faults, by kind
    keys: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)

    def strike(
        self, kinds: frozenset[FaultKind], *, method: str = "", path: str = "", account: str = ""
    ) -> Fault | None:
        """The fault of these kinds that is due here, if one is; it is used up, and counted."""
        fault = take(self.script, kinds, method=method, path=path, account=account) if self.script else None
        if fault is not None:
            self.struck[fault.kind.value] += 1
        return fault

    def new_id(self, prefix: str) -> str:
        """An id that sorts by when it was made, among those of its prefix."""
        self.counter += 1
        return f"{prefix}_{self.seed:04x}{self.counter:0{COUNTER_DIGITS}d}"

    def new_order(self) -> int:
        """A number greater than all before."""
        self.sequence += 1
        return self.sequence

    def secret(self, purpose: str, of: str) -> str:
        """What looks random and follows from the seed. It guards nothing."""
        return hashlib.sha256(f"{self.seed}:{purpose}:{of}".encode()).hexdigest()

    def add(self, kind: str, record: Record) -> None:
        """Keep a new record, and list it among those of its kind."""
        assert record.id not in self.objects, "an id is used once"
        self.objects[record.id] = record
        self.lists.setdefault((record.account, kind), []).append(record.id)

    def put(self, record: Record) -> None:
        """Keep a later form of a record."""
        assert record.id in self.objects, "it was added before"
        self.objects[record.id] = record

    def get(self, record_type: type[R], id_: str) -> R:
        """A record that is known to be there."""
        record = self.objects[id_]
        assert isinstance(record, record_type)
        return record

    def find(self, record_type: type[R], id_: str, *, account: str, what: str, param: str = "id") -> R:
        """A record of an account. Raises `Refused` where that account has none of this id."""
        record = self.objects.get(id_)
        if not isinstance(record, record_type) or record.account != account:
            raise missing(what, id_, param=param)
        return record

    def account_of(self, id_: str) -> Account | None:
        """The account of that id, unless there is none, or it has taken its leave."""
        record = self.objects.get(id_)
        return record if isinstance(record, Account) and not record.deauthorized else None

    def holding(self, account: str, currency: str) -> Held:
        """What an account holds of a currency; zero where it never had any."""
        return self.books.get(account, {}).get(currency) or Held()


def new_world(*, seed: int = 0, now: int = 0, options: Options | None = None) -> World:
    """A world with a platform that has nothing yet. ``now`` in Unix seconds."""
    world = World(seed=seed, now=now, options=options or Options())
    world.platform = world.new_id("acct")
    platform = Account(
        id=world.platform,
        account=world.platform,
        created=now,
        kind="standard",
        country="US",
        default_currency="usd",
        details_submitted=True,
        capabilities={"card_payments": "active", "transfers": "active"},
        payouts_interval="manual",
    )
    world.objects[platform.id] = platform
    return world
