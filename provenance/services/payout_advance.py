"""Move payouts on, one step after the other. Each step is one transaction; providers are called between two of them.

It can be killed at any point and run again: what a step does follows from what is recorded (`payouts.next_step`), an
attempt is recorded before the provider is asked, and whatever was asked is asked again under the same key. Several may
run at once: an answer is written down only where the attempt is still without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from provenance.kernel.errors import Unavailable
from provenance.payouts import postings, transitions
from provenance.payouts.event import State, What
from provenance.payouts.leg import Attempt
from provenance.payouts.next_step import (
    Approve,
    Ask,
    AskPerson,
    Begin,
    Find,
    Look,
    NextStep,
    Nothing,
    Reserve,
    Return,
    Wait,
    next_step,
)
from provenance.payouts.outcome import ProviderObject, Unknown
from provenance.payouts.position import Phase, Position
from provenance.payouts.transitions import Recording
from provenance.services.payment_provider import Instruction, PaymentProvider, Providers
from provenance.services.payout_plan import reserve
from provenance.services.payout_standing import Standing, record, standing
from provenance.services.ports import Clock, Database, UnitOfWork

STEPS_MAX = 100
PAYOUTS_AT_ONCE = 500
# Banks send back within days what they said was paid.
WATCH = timedelta(days=14)

Write = Callable[[UnitOfWork, Standing, Recording], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """Where a payout stands after it was moved on, the step that is next, and whether anything was recorded."""

    payout: str
    at: Position
    next: NextStep
    moved: bool
    unanswered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stepped:
    """What a step came to: whether it may go on at once, and why a provider gave no answer."""

    go_on: bool
    unanswered: str = ""


def advance(
    database: Database, providers: Providers, payout: str, clock: Clock, *, look_again: bool = False
) -> Advanced:
    """Move a payout on until there is nothing to do for now; with ``look_again``, fetch what was done before, too.

    Raises:
        NotFound: there is no such payout.
        Unavailable: it goes through a provider that isn't set up.
    """
    before = _read(database, payout).at.events
    stepped = _Stepped(go_on=True)
    if look_again:
        look_at_all(database, providers, payout, clock)
    for _ in range(STEPS_MAX):
        stepped = step(database, providers, payout, clock)
        if not stepped.go_on:
            break
    found = _read(database, payout)
    retention = providers[found.payout.provider].key_retention if found.payout.provider in providers else None
    return Advanced(
        payout=payout,
        at=found.at,
        next=_next(found, clock, retention=retention),
        moved=found.at.events > before,
        unanswered=stepped.unanswered,
    )


def advance_all(database: Database, providers: Providers, clock: Clock) -> Iterator[Advanced]:
    """Move on every payout to which something more has to happen, one after the other."""
    after: int | None = 0
    while after is not None:
        with database.begin() as work:
            page = work.payouts.unfinished(after=after, limit=PAYOUTS_AT_ONCE)
        for recorded in page.items:
            yield advance(database, providers, recorded.fact.payout.id, clock)
        after = page.next_after


def watch(database: Database, providers: Providers, clock: Clock) -> Iterator[Advanced]:
    """Look again at what was settled in the last `WATCH`: a bank may send it back, and the report of that be lost."""
    since, after = clock() - WATCH, 0
    while True:
        with database.begin() as work:
            page = work.payouts.settled_since(since, after=after, limit=PAYOUTS_AT_ONCE)
        for recorded in page.items:
            yield advance(database, providers, recorded.fact.payout.id, clock, look_again=True)
        if page.next_after is None:
            return
        after = page.next_after


def step(database: Database, providers: Providers, payout: str, clock: Clock) -> _Stepped:
    """Do one step; whether another one may follow at once."""
    found = _read(database, payout)
    provider = _provider(providers, found)
    match _next(found, clock, retention=provider.key_retention):
        case Nothing() | Wait() | AskPerson():
            return _Stepped(go_on=False)
        case Approve():
            return _write(database, found, clock, lambda _, __, r: r.add(What.APPROVED, State.APPROVED))
        case Reserve():
            return _write(database, found, clock, lambda work, _, r: reserve(work, r))
        case Begin() as begin:
            return _write(database, found, clock, lambda _, __, r: transitions.begin(r, begin))
        case Return():
            return _write(database, found, clock, _return)
        case Ask(attempt=attempt):
            return _ask(database, provider, found, attempt, clock)
        case Find(attempt=attempt, conclusive=conclusive):
            return _find(database, provider, found, attempt, clock, conclusive=conclusive)
        case Look(attempt=attempt, provider_id=provider_id):
            return _look(database, provider, found, attempt, provider_id, clock)


def look_at_all(database: Database, providers: Providers, payout: str, clock: Clock) -> None:
    """Fetch each object that was accepted, last leg first, whatever is recorded of it: a bank may send money back."""
    found = _read(database, payout)
    provider = _provider(providers, found)
    for leg in reversed(found.at.legs):
        for course in (leg.back, leg.forward):
            if course.attempt and course.provider_id and course.phase in (Phase.ACCEPTED, Phase.DONE):
                if found.at.ended or (course is leg.forward and leg.back.phase is Phase.DONE):
                    continue
                _look(database, provider, found, course.attempt, course.provider_id, clock)


def _ask(database: Database, provider: PaymentProvider, found: Standing, attempt: Attempt, clock: Clock) -> _Stepped:
    outcome = provider.send(_instruction(found, attempt))

    def write(_: UnitOfWork, now: Standing, recording: Recording) -> None:
        if now.at.course(attempt).phase is Phase.ASKING:
            transitions.answered(recording, attempt, outcome, account=now.history.account.account)

    stepped = _write_answer(database, found, clock, write)
    return _Stepped(go_on=False, unanswered=outcome.code) if isinstance(outcome, Unknown) else _Stepped(go_on=stepped)


def _find(
    database: Database,
    provider: PaymentProvider,
    found: Standing,
    attempt: Attempt,
    clock: Clock,
    *,
    conclusive: bool,
) -> _Stepped:
    there = provider.find(_instruction(found, attempt))

    def write(_: UnitOfWork, now: Standing, recording: Recording) -> None:
        if now.at.course(attempt).phase is not Phase.ASKING:
            return
        if isinstance(there, Unknown):
            recording.add(What.UNKNOWN, attempt=attempt, code=there.code)
        else:
            account = now.history.account.account
            transitions.found(recording, attempt, there, conclusive=conclusive, account=account)

    stepped = _write_answer(database, found, clock, write)
    return _Stepped(go_on=False, unanswered=there.code) if isinstance(there, Unknown) else _Stepped(go_on=stepped)


def _look(
    database: Database,
    provider: PaymentProvider,
    found: Standing,
    attempt: Attempt,
    provider_id: str,
    clock: Clock,
) -> _Stepped:
    seen = provider.look(_instruction(found, attempt), provider_id)
    if isinstance(seen, Unknown):
        return _Stepped(go_on=False, unanswered=seen.code)
    return _Stepped(go_on=_write_seen(database, found, attempt, seen, clock))


def _write_seen(database: Database, found: Standing, attempt: Attempt, seen: ProviderObject, clock: Clock) -> bool:
    def write(_: UnitOfWork, now: Standing, recording: Recording) -> None:
        if not now.at.ended:
            transitions.looked(recording, attempt, seen, account=now.history.account.account)

    return _write_answer(database, found, clock, write)


def _return(_: UnitOfWork, found: Standing, recording: Recording) -> None:
    assert not found.at.cash_out, "cash is back before it is owed again"
    recording.add(
        What.RETURNED,
        State.RETURNED,
        code=found.at.failed_code,
        transaction=postings.returned(found.payout, at=recording.now),
    )


def _write(database: Database, found: Standing, clock: Clock, write: Write) -> _Stepped:
    """Record a step of ours, unless somebody else has recorded one meanwhile: then it is looked at anew."""
    with database.begin(write=True) as work:
        now = standing(work, found.payout.id)
        if now.at.events != found.at.events:
            return _Stepped(go_on=True)
        recording = now.recording(clock())
        write(work, now, recording)
        record(work, recording)
        work.commit()
    return _Stepped(go_on=True)


def _write_answer(database: Database, found: Standing, clock: Clock, write: Write) -> bool:
    """Record what a provider answered, where that is still to be told; whether anything was."""
    with database.begin(write=True) as work:
        now = standing(work, found.payout.id)
        recording = now.recording(clock())
        write(work, now, recording)
        if not recording.events:
            return now.at.events != found.at.events
        record(work, recording)
        work.commit()
    return True


def _read(database: Database, payout: str) -> Standing:
    with database.begin() as work:
        return standing(work, payout)


def _next(found: Standing, clock: Clock, *, retention: timedelta | None) -> NextStep:
    return next_step(
        found.payout, found.at, approvals=len(found.history.approvals), now=clock(), key_retention=retention
    )


def _instruction(found: Standing, attempt: Attempt) -> Instruction:
    return Instruction(payout=found.payout, attempt=attempt, account=found.history.account.account)


def _provider(providers: Providers, found: Standing) -> PaymentProvider:
    provider = providers.get(found.payout.provider)
    if provider is None:
        raise Unavailable(
            f"The payout goes through {found.payout.provider!r}, which isn't set up.",
            mend="Set its key again: a payout is finished by the provider that began it.",
            payout=found.payout.id,
        )
    return provider
