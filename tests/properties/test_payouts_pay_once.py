"""Whatever a provider answers, loses or sends back, and whenever the worker dies: paid once, or owed again."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.transaction import Transaction
from provenance.payouts import postings
from provenance.payouts.event import State, What
from provenance.payouts.leg import Attempt, Leg
from provenance.payouts.next_step import (
    Ask,
    AskPerson,
    Begin,
    Find,
    Look,
    NextStep,
    Nothing,
    Return,
    Wait,
    next_step,
)
from provenance.payouts.outcome import Accepted, Outcome, ProviderObject, Refused, Status, Unknown
from provenance.payouts.payout import Payout, SettledLine
from provenance.payouts.position import position
from provenance.payouts.transitions import Recording, answered, begin, found, looked

NOW = datetime(2026, 12, 5, 9, tzinfo=UTC)
RETENTION = timedelta(hours=24)
TWO_LEGS = (Leg(name="transfer", moves_cash=True), Leg(name="payout", moves_cash=False))
ONE_LEG = (Leg(name="wire", moves_cash=True),)
CALM_STEPS_MAX = 200

# What becomes of a call: its effect, and its answer.
FATES = ("fine", "lost", "nothing", "passing", "permanent", "broken_for_ever")


@dataclass
class Provider:
    """Objects by key, each key once for as long as it is remembered, as Stripe does it."""

    objects: dict[str, ProviderObject] = field(default_factory=dict)
    answers: dict[str, tuple[datetime, Outcome]] = field(default_factory=dict)
    made: int = 0

    def send(self, payout: Payout, attempt: Attempt, fate: str, now: datetime) -> Outcome:
        saved = self.answers.get(attempt.key)
        if saved is not None and now - saved[0] < RETENTION:
            return saved[1]
        if fate == "nothing":
            return Unknown(code="no_answer")
        if fate in ("passing", "permanent"):
            outcome: Outcome = Refused(code="x", permanent=fate == "permanent")
            self.answers[attempt.key] = now, outcome
            return outcome
        outcome = Accepted(found=self._make(payout, attempt))
        # A failure after the effect is answered again under the key, whatever is asked.
        self.answers[attempt.key] = now, Unknown(code="broken") if fate == "broken_for_ever" else outcome
        return Unknown(code="no_answer") if fate == "lost" else self.answers[attempt.key][1]

    def _make(self, payout: Payout, attempt: Attempt) -> ProviderObject:
        self.made += 1
        last = attempt.forward and attempt.leg == payout.legs[-1].name
        name = f"obj_{self.made}"
        self.objects[name] = ProviderObject(
            id=name,
            key=attempt.key,
            account="acct",
            currency="USD",
            minor_units=payout.minor_units,
            status=Status.PENDING if last else Status.DONE,
        )
        if attempt.undoes is not None:
            self.objects[attempt.undoes] = replace(self.objects[attempt.undoes], status=Status.FAILED, code="reversed")
        return self.objects[name]

    def of(self, attempt: Attempt) -> list[ProviderObject]:
        return [o for o in self.objects.values() if o.key == attempt.key]

    def finish(self, *, well: bool) -> None:
        for name, found_ in self.objects.items():
            if found_.status is Status.PENDING:
                status = Status.DONE if well else Status.FAILED
                self.objects[name] = replace(found_, status=status, code="" if well else "could_not_process")

    def live(self, leg: str) -> int:
        """Objects of a leg that took money and didn't give it back."""
        return sum(
            f":{leg}:" in str(o.key) and "undo-" not in str(o.key) and o.status is not Status.FAILED
            for o in self.objects.values()
        )


@dataclass
class World:
    """A payout that is reserved, its history, its books, and a worker that may die between any two steps."""

    payout: Payout
    provider: Provider = field(default_factory=Provider)
    now: datetime = NOW
    events: list[Any] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    posted: list[Transaction] = field(default_factory=list)

    def recording(self) -> Recording:
        return Recording(payout=self.payout, at=position(self.payout, self.attempts, self.events), now=self.now)

    def keep(self, recording: Recording) -> None:
        self.attempts += recording.attempts
        self.events += recording.events
        self.posted += recording.transactions

    def next(self) -> NextStep:
        at = self.recording().at
        return next_step(self.payout, at, approvals=1, now=self.now, key_retention=RETENTION)

    def step(self, fate: str, *, dies: bool) -> None:
        """One step. A worker that dies has called the provider, and written nothing down."""
        recording = self.recording()
        match self.next():
            case Begin() as step:
                begin(recording, step)
            case Ask(attempt=attempt):
                answered(recording, attempt, self.provider.send(self.payout, attempt, fate, self.now), account="acct")
            case Find(attempt=attempt, conclusive=conclusive):
                found(recording, attempt, self.provider.of(attempt), conclusive=conclusive, account="acct")
            case Look(attempt=attempt, provider_id=name):
                looked(recording, attempt, self.provider.objects[name], account="acct")
            case Return():
                recording.add(What.RETURNED, State.RETURNED, transaction=postings.returned(self.payout, at=self.now))
            case AskPerson():
                recording.add(What.RETRIED, by="press", reason="Looked")
            case Wait(until=until):
                self.now = max(self.now, until)
            case Nothing():
                self.look_again(recording)
        if not dies:
            self.keep(recording)
        self.check()

    def look_again(self, recording: Recording) -> None:
        for leg in reversed(recording.at.legs):
            if leg.forward.attempt and leg.forward.provider_id and not recording.at.ended and not leg.back.open:
                seen = self.provider.objects[leg.forward.provider_id]
                looked(recording, leg.forward.attempt, seen, account="acct")

    def check(self) -> None:
        for leg in self.payout.legs:
            assert self.provider.live(leg.name) <= 1, "paid twice"
        sums: Counter[str] = Counter()
        for transaction in self.posted:
            for entry in transaction.entries:
                sums[entry.account.kind] += entry.micros
        assert sum(sums.values()) == 0
        assert sums["payout_cash"] in (0, -self.payout.money.micros)
        assert len({t.business_key for t in self.posted}) == len(self.posted), "each is posted once"


def world(legs: tuple[Leg, ...]) -> World:
    line = SettledLine(statement="s", number=1, micros=25_000_000)
    payout = Payout(
        party="ann", currency="USD", number=1, statement="s", lines=(line,), carried_in_micros=0, minor_units=2_500,
        provider="fake", account="a", legs=legs, approvals=1, planned_by="press",
    )  # fmt: skip
    made = World(payout)
    recording = made.recording()
    recording.add(What.APPROVED, State.APPROVED)
    recording.add(What.RESERVED, State.RESERVED, transaction=postings.reserve(payout, at=NOW))
    made.keep(recording)
    return made


steps = st.tuples(
    st.sampled_from(FATES),
    st.booleans(),
    st.sampled_from([0, 1, 20, 70, 400, 1_430, 1_500]),
    st.sampled_from(["", "", "", "well", "badly"]),
)


@given(st.sampled_from([ONE_LEG, TWO_LEGS]), st.lists(steps, max_size=40), st.booleans())
def test_it_is_paid_once_or_owed_again(legs: tuple[Leg, ...], script: list[Any], well: bool) -> None:
    made = world(legs)
    for fate, dies, minutes, ends in script:
        made.step(fate, dies=dies)
        made.now += timedelta(minutes=minutes)
        if ends:
            made.provider.finish(well=ends == "well")
    # Then all is calm, and the last word of the bank is told.
    for _ in range(CALM_STEPS_MAX):
        made.provider.finish(well=well)
        made.step("fine", dies=False)
        made.now += timedelta(minutes=30)
    state = made.recording().at.state
    out = [made.provider.live(leg.name) for leg in legs]
    assert state in (State.SETTLED, State.RETURNED)
    assert out == ([1] * len(legs) if state is State.SETTLED else [0] * len(legs)), "nothing is stranded"
    cash = sum(e.micros for t in made.posted for e in t.entries if e.account.kind == "payout_cash")
    assert cash == (-25_000_000 if state is State.SETTLED else 0)
