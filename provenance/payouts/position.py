"""Where a payout stands: its events and attempts, folded. The one place that reads a history; the rest asks this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from provenance.payouts.event import ENDED, Event, State, What
from provenance.payouts.leg import Attempt, Leg
from provenance.payouts.payout import Payout


class Phase(StrEnum):
    """How far a leg has come, or its undoing."""

    IDLE = "idle"  # no attempt, or the last one surely had no effect
    ASKING = "asking"  # an attempt whose answer isn't known
    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"  # for good
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The attempts at one leg, or at undoing it.

    ``attempt`` is the last one, ``ordinals`` how many there were. ``refusals`` and ``tries`` count since an operator
    last looked: attempts that were refused, and calls for the last attempt that had no clear answer.
    """

    phase: Phase = Phase.IDLE
    attempt: Attempt | None = None
    ordinals: int = 0
    provider_id: str | None = None
    refusals: int = 0
    tries: int = 0
    last_at: datetime | None = None
    code: str = ""

    @property
    def open(self) -> bool:
        """Whether something of it may be out: an answer isn't known, or the provider has it."""
        return self.phase in (Phase.ASKING, Phase.ACCEPTED, Phase.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPosition:
    """A leg's way there, and its way back."""

    leg: Leg
    forward: Course = field(default_factory=Course)
    back: Course = field(default_factory=Course)

    @property
    def out(self) -> bool:
        """Whether money is out by this leg, or may be."""
        return self.forward.open and self.back.phase is not Phase.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a payout stands after ``events``. ``differs`` says in what the provider has something else.

    ``failed_code`` is why it failed or was cancelled; ``cash_out`` whether the books say that cash has left us for it.
    """

    state: State = State.PLANNED
    legs: tuple[LegPosition, ...]
    events: int = 0
    differs: str | None = None
    failed_code: str = ""
    cash_out: bool = False
    reserved: str | None = None
    last_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it, and it settles nothing."""
        return self.state in ENDED

    @property
    def out(self) -> bool:
        """Whether something of it is out, or may be."""
        return any(leg.out for leg in self.legs)

    def leg(self, name: str) -> LegPosition:
        """The position of a leg."""
        return next(found for found in self.legs if found.leg.name == name)

    def course(self, attempt: Attempt) -> Course:
        """The course that an attempt belongs to."""
        found = self.leg(attempt.leg)
        return found.forward if attempt.forward else found.back


def position(payout: Payout, attempts: Sequence[Attempt], events: Sequence[Event]) -> Position:
    """Fold events, oldest first."""
    by_key = {attempt.key: attempt for attempt in attempts}
    now = Position(legs=tuple(LegPosition(leg=leg) for leg in payout.legs))
    for event in events:
        attempt = by_key[event.attempt] if event.attempt is not None else None
        now = after(now, event, attempt)
    return now


def after(before: Position, event: Event, attempt: Attempt | None) -> Position:
    """Where it stands after one more event, which is about ``attempt``."""
    now = replace(before, state=event.state, events=event.number, last_at=event.at)
    if attempt is not None:
        now = replace(now, legs=tuple(_leg_after(leg, event, attempt) for leg in now.legs))
    match event.what:
        case What.RESERVED:
            return replace(now, reserved=event.transaction)
        case What.DONE | What.BOUNCED | What.WRITTEN_OFF if event.transaction is not None:
            # Cash moves with a leg that is done, and comes back with one that is undone, or bounced after it was done.
            # What is written off is out of reach, and of no concern to the payout any more.
            out = event.what is What.DONE and attempt is not None and attempt.forward
            return replace(now, cash_out=out, failed_code=now.failed_code or event.code)
        case What.DECLINED | What.BOUNCED | What.FAILED | What.CANCELLED:
            return replace(now, failed_code=now.failed_code or event.code)
        case What.DIFFERS:
            return replace(now, differs=event.code)
        case What.RETRIED:
            return replace(now, differs=None, legs=tuple(_let_go_on(leg) for leg in now.legs))
        case _:
            return now


def _leg_after(leg: LegPosition, event: Event, attempt: Attempt) -> LegPosition:
    if leg.leg.name != attempt.leg:
        return leg
    if attempt.forward:
        return replace(leg, forward=_course_after(leg.forward, event, attempt))
    return replace(leg, back=_course_after(leg.back, event, attempt))


def _course_after(course: Course, event: Event, attempt: Attempt) -> Course:
    now = replace(course, last_at=event.at, code=event.code or course.code)
    match event.what:
        case What.BEGUN:
            return replace(now, phase=Phase.ASKING, attempt=attempt, ordinals=attempt.ordinal, tries=0, code="")
        case What.UNKNOWN:
            return replace(now, tries=course.tries + 1)
        case What.REFUSED | What.ABSENT:
            return replace(now, phase=Phase.IDLE, refusals=course.refusals + 1)
        case What.DECLINED:
            return replace(now, phase=Phase.REFUSED)
        case What.ACCEPTED:
            return replace(now, phase=Phase.ACCEPTED, provider_id=event.provider_id)
        case What.DONE | What.WRITTEN_OFF:
            return replace(now, phase=Phase.DONE)
        case What.BOUNCED:
            return replace(now, phase=Phase.BOUNCED)
        case _:
            return now


def _let_go_on(leg: LegPosition) -> LegPosition:
    """An operator has looked: what was refused for good on the way back may be tried again, and counts start anew."""
    back = replace(leg.back, refusals=0, tries=0)
    if back.phase is Phase.REFUSED:
        back = replace(back, phase=Phase.IDLE)
    return replace(leg, forward=replace(leg.forward, refusals=0, tries=0), back=back)
