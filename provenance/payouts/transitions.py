"""What is recorded after each step: events, and the transactions that go with them. Pure; the services write it down.

An object of the provider's is held against the intent before anything is made of it: where account, amount or currency
differ, that is recorded, nothing is posted, and a person has to look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from provenance.ledger.transaction import Transaction
from provenance.payouts import postings
from provenance.payouts.event import Event, State, What, may_follow
from provenance.payouts.leg import Attempt
from provenance.payouts.next_step import Begin
from provenance.payouts.outcome import (
    Accepted,
    Contradicted,
    Outcome,
    ProviderObject,
    Refused,
    Status,
    Unknown,
    difference,
)
from provenance.payouts.payout import Payout
from provenance.payouts.position import Course, Phase, Position, after

NOT_THERE = "not_there_yet"
SEVERAL = "several_objects"
CAME_BACK_EARLY = "came_back_while_out"


@dataclass(slots=True)
class Recording:
    """Events to record together with what they post, in their order; ``at`` stands where they lead."""

    payout: Payout
    at: Position
    now: datetime
    events: list[Event] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def add(
        self,
        what: What,
        state: State | None = None,
        *,
        attempt: Attempt | None = None,
        provider_id: str | None = None,
        code: str = "",
        transaction: Transaction | None = None,
        by: str | None = None,
        reason: str = "",
    ) -> None:
        """One more event; without ``state`` the state stays."""
        event = Event(
            payout=self.payout.id,
            number=self.at.events + 1,
            what=what,
            state=state or self.at.state,
            at=self.now,
            attempt=attempt.key if attempt else None,
            provider_id=provider_id,
            code=code,
            transaction=transaction.id if transaction else None,
            by=by,
            reason=reason,
        )
        assert may_follow(self.at.state, event.state), f"{self.at.state} is never followed by {event.state}"
        self.events.append(event)
        if transaction is not None:
            self.transactions.append(transaction)
        self.at = after(self.at, event, attempt)


def begin(recording: Recording, step: Begin) -> None:
    """Record an attempt, before the provider hears of it."""
    payout, state = recording.payout, recording.at.state
    attempt = Attempt(payout=payout.id, leg=step.leg, ordinal=step.ordinal, at=recording.now, undoes=step.undoes)
    recording.attempts.append(attempt)
    recording.add(What.BEGUN, State.SENT if state is State.RESERVED else state, attempt=attempt)


def answered(recording: Recording, attempt: Attempt, outcome: Outcome, *, account: str) -> None:
    """What a call for an attempt came to. ``account`` is the provider's name of the payee account."""
    assert recording.at.course(attempt).phase is Phase.ASKING, "only what is asked is answered"
    match outcome:
        case Unknown(code=code):
            recording.add(What.UNKNOWN, attempt=attempt, code=code)
        case Contradicted(code=code):
            recording.add(What.DIFFERS, attempt=attempt, code=code)
        case Refused(code=code, permanent=False):
            recording.add(What.REFUSED, attempt=attempt, code=code)
        case Refused(code=code):
            recording.add(What.DECLINED, State.FAILED, attempt=attempt, code=code)
        case Accepted(found=found):
            _accepted(recording, attempt, found, account)


def found(
    recording: Recording, attempt: Attempt, objects: Sequence[ProviderObject], *, conclusive: bool, account: str
) -> None:
    """What was found of an attempt whose answer was lost."""
    assert recording.at.course(attempt).phase is Phase.ASKING, "only what is asked is looked for"
    if len(objects) > 1:
        recording.add(What.DIFFERS, attempt=attempt, code=SEVERAL)
    elif objects:
        _accepted(recording, attempt, objects[0], account)
    elif conclusive:
        recording.add(What.ABSENT, attempt=attempt)
    else:
        recording.add(What.UNKNOWN, attempt=attempt, code=NOT_THERE)


def looked(recording: Recording, attempt: Attempt, seen: ProviderObject, *, account: str) -> None:
    """What the provider's object is like now; nothing is recorded where it says nothing new."""
    course = recording.at.course(attempt)
    if code := _difference(recording, attempt, seen, account, course):
        if recording.at.differs != code:
            recording.add(What.DIFFERS, attempt=attempt, code=code)
        return
    if seen.status is Status.DONE and course.phase is Phase.ACCEPTED:
        _done(recording, attempt, seen)
    elif seen.status is Status.FAILED and course.phase in (Phase.ACCEPTED, Phase.DONE):
        _bounced(recording, attempt, seen, course)


def _accepted(recording: Recording, attempt: Attempt, seen: ProviderObject, account: str) -> None:
    code = difference(recording.payout, account, seen, attempt.key)
    if code is not None:
        recording.add(What.DIFFERS, attempt=attempt, provider_id=seen.id, code=code)
        return
    last = attempt.forward and attempt.leg == recording.payout.legs[-1].name
    recording.add(What.ACCEPTED, State.CONFIRMED if last else None, attempt=attempt, provider_id=seen.id)
    looked(recording, attempt, seen, account=account)


def _done(recording: Recording, attempt: Attempt, seen: ProviderObject) -> None:
    payout, leg = recording.payout, recording.at.leg(attempt.leg).leg
    transaction = None
    if leg.moves_cash:
        assert recording.at.cash_out is not attempt.forward, "cash moves there once, and back once"
        transaction = (
            postings.sent(payout, attempt, fee_minor_units=seen.fee_minor_units, at=recording.now)
            if attempt.forward
            else postings.reversed_(payout, attempt, at=recording.now)
        )
    last = attempt.forward and leg.name == payout.legs[-1].name
    state = State.SETTLED if last else None
    recording.add(What.DONE, state, attempt=attempt, provider_id=seen.id, transaction=transaction)


def _bounced(recording: Recording, attempt: Attempt, seen: ProviderObject, course: Course) -> None:
    position = recording.at
    if attempt.forward and _later_is_out(position, attempt.leg):
        recording.add(What.DIFFERS, attempt=attempt, code=CAME_BACK_EARLY)
        return
    if attempt.forward and position.leg(attempt.leg).back.open:
        return  # we took it back ourselves, and the answer to that says so
    back = attempt.forward and course.phase is Phase.DONE and position.leg(attempt.leg).leg.moves_cash
    transaction = postings.reversed_(recording.payout, attempt, at=recording.now) if back else None
    recording.add(
        What.BOUNCED,
        State.FAILED,
        attempt=attempt,
        provider_id=seen.id,
        code=seen.code,
        transaction=transaction,
    )


def _difference(
    recording: Recording, attempt: Attempt, seen: ProviderObject, account: str, course: Course
) -> str | None:
    if seen.id != course.provider_id:
        return "another_object"
    return difference(recording.payout, account, seen, attempt.key)


def _later_is_out(position: Position, leg: str) -> bool:
    names = [found.leg.name for found in position.legs]
    return any(found.out for found in position.legs[names.index(leg) + 1 :])
