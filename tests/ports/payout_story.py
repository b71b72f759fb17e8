"""What tests of payouts need: a provider that keeps what it was asked and can fail, payees that are ready."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from provenance.adapters.sql import SqlDatabase
from provenance.ledger.accounts import Account, AccountKind
from provenance.payouts.approval import Limits, parse_limits
from provenance.payouts.due import Way
from provenance.payouts.event import State
from provenance.payouts.leg import Leg
from provenance.payouts.outcome import Accepted, Outcome, ProviderObject, Refused, Status, Unknown
from provenance.payouts.payee_account import PayeeAccount, Readiness
from provenance.payouts.payout import Payout
from provenance.services.payment_provider import Instruction
from provenance.services.payout_advance import Advanced, advance
from provenance.services.payout_plan import Planned, run
from provenance.services.payout_standing import Standing, note_state, standing

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
TWO_LEGS = (Leg(name="transfer", moves_cash=True), Leg(name="payout", moves_cash=False))
NO_LIMIT = parse_limits("*=1000000")

Fault = Callable[[Instruction], Outcome | None]


@dataclass
class FakeProvider:
    """Keeps an object for each key. ``faults`` are asked first, one a call; one that answers None lets the call pass.

    The first leg is done at once, others are pending until `finish`.
    """

    legs: tuple[Leg, ...] = TWO_LEGS
    minimums: dict[str, int] = field(default_factory=dict)
    retention: timedelta | None = timedelta(hours=24)
    faults: list[Fault] = field(default_factory=list)
    objects: dict[str, ProviderObject] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)

    @property
    def way(self) -> Way:
        return Way(provider="fake", legs=self.legs, minimums=self.minimums, multiples={})

    @property
    def key_retention(self) -> timedelta | None:
        return self.retention

    def send(self, instruction: Instruction) -> Outcome:
        self.calls.append(("send", instruction.attempt.key))
        if self.faults and (outcome := self.faults.pop(0)(instruction)) is not None:
            return outcome
        return Accepted(found=self.make(instruction))

    def make(self, instruction: Instruction) -> ProviderObject:
        """The effect of a call: once a key."""
        attempt = instruction.attempt
        first = attempt.leg == self.legs[0].name and len(self.legs) > 1
        made = ProviderObject(
            id=f"obj_{len(self.objects) + 1}",
            key=attempt.key,
            account=instruction.account,
            currency=instruction.payout.currency,
            minor_units=instruction.payout.minor_units,
            status=Status.DONE if first or not attempt.forward else Status.PENDING,
        )
        made = self.objects.setdefault(attempt.key, made)
        if attempt.undoes is not None:
            self.change(attempt.undoes, status=Status.FAILED, code="reversed")
        return made

    def find(self, instruction: Instruction) -> Sequence[ProviderObject] | Unknown:
        self.calls.append(("find", instruction.attempt.key))
        return [o for key, o in self.objects.items() if key == instruction.attempt.key]

    def look(self, instruction: Instruction, provider_id: str) -> ProviderObject | Unknown:
        self.calls.append(("look", provider_id))
        return next((o for o in self.objects.values() if o.id == provider_id), Unknown(code="not_found"))

    def change(self, provider_id: str, **changes: Any) -> None:
        for key, found in self.objects.items():
            if found.id == provider_id:
                self.objects[key] = replace(found, **changes)

    def finish(self, leg: str, status: Status = Status.DONE, code: str = "") -> None:
        """What is pending of a leg ends so."""
        for key, found in self.objects.items():
            if f":{leg}:" in key and found.status is Status.PENDING:
                self.objects[key] = replace(found, status=status, code=code)

    def paid(self, account: str) -> int:
        """Minor units that reached an account for good, or are on their way: the judge of paying twice."""
        last = self.legs[-1].name
        return sum(
            o.minor_units
            for key, o in self.objects.items()
            if f":{last}:" in key and o.account == account and o.status is not Status.FAILED
        )


def lost(provider: FakeProvider) -> Fault:
    """The effect is there, the answer isn't."""

    def fault(instruction: Instruction) -> Outcome:
        provider.make(instruction)
        return Unknown(code="timeout")

    return fault


def unanswered(_: Instruction) -> Outcome:
    """Neither effect nor answer."""
    return Unknown(code="timeout")


def refused(code: str, *, permanent: bool = False) -> Fault:
    return lambda _: Refused(code=code, permanent=permanent)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: int) -> None:
        self.now += timedelta(**delta)


@dataclass
class Payouts:
    """A database with a provider and a clock, and what tests do with them."""

    database: SqlDatabase
    provider: FakeProvider = field(default_factory=FakeProvider)
    clock: Clock = field(default_factory=Clock)
    limits: Limits = NO_LIMIT

    def ready(self, *parties: str, readiness: Readiness = Readiness.READY) -> None:
        with self.database.begin(write=True) as work:
            for party in parties:
                account = PayeeAccount(party=party, provider="fake", account=f"acct_{party}", number=1)
                work.payee_accounts.add(account, self.clock())
                note_state(work, account.id, readiness, (), "", at=self.clock())
            work.commit()

    def run(self, party: str | None = None, *, by: str = "press") -> Planned:
        return run(self.database, self.provider.way, self.limits, by=by, at=self.clock(), party=party)

    def one(self, party: str = "ann", currency: str = "USD") -> Payout:
        return next(p for p in self.run(party).payouts if p.currency == currency)

    def advance(self, payout: Payout, *, look_again: bool = False) -> Advanced:
        return advance(self.database, {"fake": self.provider}, payout.id, self.clock, look_again=look_again)

    def standing(self, payout: Payout) -> Standing:
        with self.database.begin() as work:
            return standing(work, payout.id)

    def state(self, payout: Payout) -> State:
        return self.standing(payout).at.state

    def balance(self, kind: AccountKind, party: str | None = None, currency: str = "USD") -> int:
        with self.database.begin() as work:
            return work.books.balances().get(Account(kind=kind, party=party, currency=currency), 0)

    def books_balance(self) -> bool:
        with self.database.begin() as work:
            sums: dict[str, int] = {}
            for account, micros in work.books.balances().items():
                sums[account.currency] = sums.get(account.currency, 0) + micros
        return not any(sums.values())
