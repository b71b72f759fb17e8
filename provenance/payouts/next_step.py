"""What to do next for a payout: a pure function of where it stands and of the time. It does nothing itself.

The rules that keep money from going twice, or getting lost:
- An attempt is recorded before the provider is asked, and asked again under the same key for as long as the provider
  remembers keys, less `KEY_MARGIN`: no call is ever made that the provider could take for another one.
- After that it is looked for. What is there is taken on; where nothing is there, and no call can be under way, another
  attempt begins under another key.
- Another attempt begins only where the one before surely had no effect.
- Where it fails, what is out is taken back, last leg first; only when all is back it is owed to the party again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from provenance.payouts.event import State
from provenance.payouts.leg import Attempt
from provenance.payouts.payout import Payout
from provenance.payouts.position import Course, LegPosition, Phase, Position

KEY_MARGIN = timedelta(hours=1)
REFUSALS_MAX = 8
TRIES_BEFORE_FINDING = 3
BACKOFF_FIRST = timedelta(minutes=1)
BACKOFF_MAX = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Enough people have approved it: record that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Take it off what is owed to the party, in the books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Record an attempt at a leg, or at undoing what the provider calls ``undoes``."""

    leg: str
    ordinal: int
    undoes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Ask the provider for an attempt, under its key."""

    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Look for an attempt whose answer was lost. ``conclusive`` where what isn't there now can't come any more."""

    attempt: Attempt
    conclusive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Fetch the provider's object again, and see how far it is."""

    attempt: Attempt
    provider_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """All is back: owe it to the party again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing before a time."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson:
    """Nothing before a person has looked: ``why`` in a word, of which the operators' page knows what to do."""

    why: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """It is over."""


NextStep = Approve | Reserve | Begin | Ask | Find | Look | Return | Wait | AskPerson | Nothing


def next_step(
    payout: Payout, at: Position, *, approvals: int, now: datetime, key_retention: timedelta | None
) -> NextStep:
    """The next step of a payout that ``approvals`` people have approved.

    ``key_retention`` is how long the provider remembers keys, None: for ever.
    """
    if at.ended:
        return Nothing()
    if at.differs is not None:
        return AskPerson(why="differs", code=at.differs)
    match at.state:
        case State.PLANNED:
            return Approve() if approvals >= payout.approvals else AskPerson(why="approval")
        case State.APPROVED:
            return Reserve()
        case State.SETTLED:
            return Nothing()
        case State.FAILED:
            return _back(at, now, key_retention)
        case _:
            return _forward(at, now, key_retention)


def _forward(at: Position, now: datetime, key_retention: timedelta | None) -> NextStep:
    for leg in at.legs:
        if leg.forward.phase is not Phase.DONE:
            return _of_course(leg, leg.forward, now, key_retention, undoes=None)
    raise AssertionError("a payout whose legs are all done is settled")


def _back(at: Position, now: datetime, key_retention: timedelta | None) -> NextStep:
    for leg in reversed(at.legs):
        if leg.out:
            assert leg.forward.phase is Phase.DONE, "nothing fails while an answer is due"
            return _of_course(leg, leg.back, now, key_retention, undoes=leg.forward.provider_id)
    return Return()


def _of_course(
    leg: LegPosition, course: Course, now: datetime, key_retention: timedelta | None, *, undoes: str | None
) -> NextStep:
    match course.phase:
        case Phase.IDLE:
            if course.refusals >= REFUSALS_MAX:
                return AskPerson(why="refused", code=course.code)
            if (until := _rested(course, course.refusals)) and now < until:
                return Wait(until=until)
            return Begin(leg=leg.leg.name, ordinal=course.ordinals + 1, undoes=undoes)
        case Phase.ASKING:
            return _asking(course, now, key_retention)
        case Phase.ACCEPTED:
            assert course.attempt is not None, "an attempt was accepted"
            assert course.provider_id is not None, "under a name"
            return Look(attempt=course.attempt, provider_id=course.provider_id)
        case _:
            return AskPerson(why="undo_refused" if undoes else "refused", code=course.code)


def _asking(course: Course, now: datetime, key_retention: timedelta | None) -> NextStep:
    attempt = course.attempt
    assert attempt is not None, "an attempt was begun"
    if (until := _rested(course, course.tries)) and now < until:
        return Wait(until=until)
    if key_retention is None or now < attempt.at + key_retention - KEY_MARGIN:
        # A provider may answer a key with the same failure for ever: now and then look whether the effect is there.
        if course.tries >= TRIES_BEFORE_FINDING and course.tries % 2:
            return Find(attempt=attempt, conclusive=False)
        return Ask(attempt=attempt)
    # No call was begun in the last `KEY_MARGIN`: what isn't there then won't come.
    if now < attempt.at + key_retention:
        return Wait(until=attempt.at + key_retention)
    return Find(attempt=attempt, conclusive=True)


def _rested(course: Course, count: int) -> datetime | None:
    """Until when to wait after ``count`` answers that weren't clear, or refusals: longer each time."""
    if not count or course.last_at is None:
        return None
    doubled: timedelta = BACKOFF_FIRST * 2 ** min(count - 1, 20)
    return course.last_at + min(doubled, BACKOFF_MAX)
