"""What one seed plays on: a copy of a database with a closed month, a double of Stripe, a clock, and what is owed."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.payouts_simulation.crashes import (
    Crashed,
    Crashes,
    DyingDatabase,
    DyingOnboarding,
    DyingProvider,
)
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.stripe_connect.onboarding import StripeOnboarding
from provenance.adapters.stripe_connect.provider import StripeConnect
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.payouts.approval import Limits
from provenance.services.close import close_period
from provenance.sources.party import Party
from provenance.statements.accounting_period import AccountingPeriod, parse_accounting_period
from provenance.stripe_double.core.endpoints import register
from provenance.stripe_double.core.world import Options
from provenance.stripe_double.edges.in_process import Double

OPERATORS = ("press", "desk")
CREATORS = ("ann", "bob")
MONTHS = tuple(parse_accounting_period(name) for name in ("2026-11", "2026-12", "2027-01"))
START = datetime(2026, 12, 5, 9, tzinfo=UTC)
# What the first month came to, in micro-units; two currencies of one party, one without decimals, one below a cent.
OWED = {
    ("ann", "EUR"): 5_004_999,
    ("ann", "USD"): 250_004_321,
    ("bob", "GBP"): 9_999,
    ("bob", "JPY"): 12_345_600_000,
}
FUNDS = {"usd": 1_000_000, "eur": 1_000_000, "jpy": 1_000_000, "gbp": 1_000_000}
# From here on two people approve.
TWO_PEOPLE = {"USD": 200_000_000, "*": 100_000_000_000}
# How often another process is at work while one waits.
BESIDE_RATE = 0.06
# The events that an installation asks for: those after which something has to be done.
HEARD = (
    "account.application.deauthorized",
    "account.updated",
    "payout.canceled",
    "payout.failed",
    "payout.paid",
    "transfer.created",
    "transfer.reversed",
)
HOOK = "http://127.0.0.1:9/hook"

Who = tuple[str, str]  # a party and a currency


def make_template(folder: Path) -> Path:
    """A database with its schema, the parties, and a closed month; copied for each seed."""
    path = folder / "template.db"
    database = SqlDatabase(f"sqlite:///{path}")
    database.migrate()
    month = MONTHS[0]
    with database.begin(write=True) as work:
        for party in (*OPERATORS, *CREATORS):
            work.parties.add(Party(id=party, name=party.title()), month.since)
        work.commit()
    for (party, currency), micros in OWED.items():
        owe(database, f"first {party} {currency}", party, currency, micros, at=month.until - timedelta(days=3))
    close_period(database, month, closed_by=OPERATORS[0], at=month.until + timedelta(days=2))
    database.dispose()
    return path


def owe(database: SqlDatabase, key: str, party: str, currency: str, micros: int, *, at: datetime) -> None:
    """Owe a party more, or less, out of revenue. The same key again does nothing."""
    payable = Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=currency)
    revenue = Account(kind=AccountKind.GENERATION_REVENUE, currency=currency)
    entries = entries_of([(payable, -micros), (revenue, micros)])
    with database.begin(write=True) as work:
        work.books.post(Transaction(business_key=key, cause="correction", entries=entries, effective_at=at), at)
        work.commit()


@dataclass
class Stage:
    """All that a seed has. ``credited`` is what parties were ever owed; ``stated`` what of it a closed month says.

    ``nightly`` is whether what is over is looked at once more each night, or only where an event says so.
    """

    seed: int
    random: Random
    crashes: Crashes
    double: Double
    database: DyingDatabase
    provider: DyingProvider
    onboarding: DyingOnboarding
    secrets: tuple[str, ...]
    limits: Limits
    path: Path
    credited: Counter[Who] = field(default_factory=lambda: Counter(OWED))
    stated: Counter[Who] = field(default_factory=lambda: Counter(OWED))
    held_back: list[tuple[bytes, str]] = field(default_factory=list)
    closed: int = 1
    earned: int = 0
    nightly: bool = False
    beside: Callable[[], None] = lambda: None
    is_beside: bool = False
    notes: list[str] = field(default_factory=list)
    _reader: sqlite3.Connection | None = None

    def clock(self) -> datetime:
        """The time, which is the double's."""
        return datetime.fromtimestamp(self.double.now, UTC)

    @property
    def providers(self) -> dict[str, DyingProvider]:
        """Stripe alone."""
        return {self.provider.way.provider: self.provider}

    @contextmanager
    def safe(self) -> Iterator[None]:
        """Nothing dies in here: it isn't what is tried."""
        armed, self.crashes.armed = self.crashes.armed, False
        try:
            yield
        finally:
            self.crashes.armed = armed

    def read(self, select: str) -> list[tuple[Any, ...]]:
        """Rows of the database's file, past all code that is tried."""
        if self._reader is None:
            self._reader = sqlite3.connect(self.path)
        return list(self._reader.execute(select))

    def payouts(self) -> dict[str, str]:
        """The state of every payout, by id, in the order of planning."""
        found = self.read(
            "SELECT id, coalesce((SELECT state FROM payout_event e WHERE e.payout = payout.id ORDER BY e.number DESC"
            " LIMIT 1), 'planned') FROM payout ORDER BY seq"
        )
        return dict(found)

    def close(self) -> None:
        """Remove the copy."""
        self.database.dispose()
        if self._reader is not None:
            self._reader.close()
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()

    def month(self) -> AccountingPeriod | None:
        """The month that can be closed next, if its time has come."""
        if self.closed < len(MONTHS) and self.clock() > MONTHS[self.closed].until:
            return MONTHS[self.closed]
        return None


def set_up(seed: int, template: Path, crashes: Crashes) -> Stage:
    """The stage of a seed: nothing has happened yet, and nobody has an account."""
    random = Random(f"payouts {seed}")
    double = Double(
        seed=seed % 65_536,
        now=int(START.timestamp()),
        options=Options(
            reversal_overdraws=random.random() < 0.5,
            payout_arrival_seconds=random.choice((60, 40_000, 2 * 86_400, 6 * 86_400)),
            payout_submit_seconds=random.choice((0, 600, 43_200)),
        ),
    )
    nightly = random.random() < 0.5
    path = template.parent / f"seed{seed}.db"
    shutil.copy(template, path)
    client = double.client()
    urls = {"return_url": "https://here.example/back", "refresh_url": "https://here.example/again"}
    secrets = tuple(register(double.world, HOOK, kinds=HEARD, connect=connect).secret for connect in (False, True))
    stage: Stage
    stage = Stage(
        seed=seed,
        random=random,
        crashes=crashes,
        double=double,
        database=DyingDatabase(f"sqlite:///{path}", crashes, lambda: _beside(stage)),
        provider=DyingProvider(StripeConnect(client), crashes, lambda: _beside(stage)),
        onboarding=DyingOnboarding(StripeOnboarding(client, country="US", **urls), crashes),
        secrets=secrets,
        limits=Limits(micros=TWO_PEOPLE),
        path=path,
        nightly=nightly,
    )
    return stage


def _beside(stage: Stage) -> None:
    """Another process at work while this one waits, for the provider or for its turn; its death is its own."""
    if stage.is_beside or not stage.crashes.armed or stage.random.random() >= BESIDE_RATE:
        return
    stage.is_beside = True
    try:
        stage.beside()
    except Crashed:
        stage.notes.append("the other died")
    finally:
        stage.is_beside = False
