"""Disputes: who says what in which order, until when, and what becomes of the disputed part. Reads no clock.

A party disputes a part of another's claim on a work, or that a generation used a work at all. The clocks are those of
YouTube's Content ID (Google, "Monetization during Content ID disputes", and the pages on disputes and appeals): what is
raised within 5 days is held from the first day, anything later from now on; the other side has 30 days to answer; after
a rejection there are 5 days to appeal, and after an appeal 7 to answer it. Silence is an answer. Where both
insist, somebody who may decide does.

    raised --concede, silence--------------------------------> returned
       '---reject--> rejected --silence----------------------> released
                        '--appeal--> appealed --concede, silence--> returned
                                        '--insist--> insisted --decide--> released, returned or split
    A dispute can be withdrawn, or decided, at each of these; withdrawn, all of it is released.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from provenance.kernel.errors import Conflict, Forbidden, InvalidInput, OutOfTime
from provenance.kernel.ids import LABEL_CHARS_MAX, check_label, derived_id
from provenance.kernel.parts import WHOLE_BASIS_POINTS

STEPS_MAX = 100
DAYS_MAX = 3_650


class Action(StrEnum):
    """A step of a dispute. ``lapse`` is the clock's."""

    CONCEDE = "concede"
    REJECT = "reject"
    APPEAL = "appeal"
    INSIST = "insist"
    WITHDRAW = "withdraw"
    DECIDE = "decide"
    LAPSE = "lapse"


class Stage(StrEnum):
    """How far a dispute has come."""

    RAISED = "raised"
    REJECTED = "rejected"
    APPEALED = "appealed"
    INSISTED = "insisted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Days to raise in time and to appeal, to answer, and to answer an appeal; and after how many a use stands."""

    in_time_days: int = 5
    response_days: int = 30
    final_days: int = 7
    raise_days_max: int = 90

    def __post_init__(self) -> None:
        for days in (self.in_time_days, self.response_days, self.final_days, self.raise_days_max):
            if not 0 < days <= DAYS_MAX:
                raise InvalidInput(f"A clock of {days} days is none.", mend=f"Give 1 to {DAYS_MAX}.", field="days")


CONTENT_ID_CLOCKS = Clocks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """What is disputed, by whom, and since when it is held.

    ``parts`` maps each party whose money is disputed to the basis points of the work that are disputed of its claim.
    ``generation`` is the one whose use is disputed; None: the claims themselves are. ``in_favour_of`` gets what is
    returned; None: nobody, so that it falls to the unattributed pool. The clocks stand in the fact: a dispute keeps
    those that it began with.

    Raises:
        InvalidInput: nobody's part, a part of nothing, somebody's own part, or a reason that isn't a line.
    """

    disputant: str
    work: str
    claims: str
    parts: Mapping[str, int]
    reason: str
    raised_at: datetime
    held_from: datetime
    generation: str | None = None
    in_favour_of: str | None = None
    clocks: Clocks = CONTENT_ID_CLOCKS

    def __post_init__(self) -> None:
        check_reason(self.reason)
        if not self.parts or not all(0 < part <= WHOLE_BASIS_POINTS for part in self.parts.values()):
            raise InvalidInput(
                "A dispute is about somebody's part.", mend="Give 1 to 10000 basis points.", field="parts"
            )
        if self.in_favour_of in self.parts:
            raise InvalidInput(f"{self.in_favour_of!r} disputes its own part.", field="parts")
        assert self.held_from <= self.raised_at, "nothing is held before it is disputed, but for what was in time"

    @property
    def id(self) -> str:
        """It follows from who disputes what: under the same claims, nobody disputes the same thing twice."""
        return derived_id(
            "dispute",
            {"disputant": self.disputant, "work": self.work, "claims": self.claims, "generation": self.generation},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: ``number`` counts from 1, ``by`` is a party (None: the clock).

    ``returned_basis_points`` is set where the step closes the dispute: how much of what is held is returned. 0 releases
    all of it, 10,000 returns all, anything between splits it.
    """

    dispute: str
    number: int
    action: Action
    by: str | None
    reason: str
    at: datetime
    returned_basis_points: int | None = None

    @property
    def id(self) -> str:
        """It follows from the dispute and the number."""
        return derived_id("step", {"dispute": self.dispute, "number": self.number})


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a dispute stands: ``due_at`` is when silence becomes an answer; None where nobody is asked."""

    stage: Stage
    due_at: datetime | None
    conceded: frozenset[str] = frozenset()
    returned_basis_points: int | None = None


def held_from(*, since: datetime, raised_at: datetime, clocks: Clocks) -> datetime:
    """Since when a dispute holds: from the first day of what is disputed where it is raised in time, else from now."""
    return since if raised_at <= since + timedelta(days=clocks.in_time_days) else raised_at


def check_raised(*, used_at: datetime, raised_at: datetime, clocks: Clocks) -> None:
    """Nothing, where a use may still be disputed. Raises `OutOfTime` where it stands by now."""
    if raised_at > used_at + timedelta(days=clocks.raise_days_max):
        raise OutOfTime(
            f"The use is more than {clocks.raise_days_max} days old.",
            mend="It stands; dispute the claims, or later uses.",
            days=clocks.raise_days_max,
        )


def position(dispute: Dispute, steps: Sequence[Step]) -> Position:
    """Fold the steps, oldest first."""
    clocks, stage, since = dispute.clocks, Stage.RAISED, dispute.raised_at
    conceded: set[str] = set()
    for step in steps:
        if step.returned_basis_points is not None:
            return Position(
                stage=Stage.CLOSED,
                due_at=None,
                conceded=frozenset(conceded),
                returned_basis_points=step.returned_basis_points,
            )
        if step.action is Action.CONCEDE:
            assert step.by is not None, "a party concedes"
            conceded.add(step.by)
        else:
            stage, since, conceded = _AFTER[step.action], step.at, set()
    days = {
        Stage.RAISED: clocks.response_days,
        Stage.REJECTED: clocks.in_time_days,
        Stage.APPEALED: clocks.final_days,
    }.get(stage)
    due_at = since + timedelta(days=days) if days else None
    return Position(stage=stage, due_at=due_at, conceded=frozenset(conceded))


_AFTER = {Action.REJECT: Stage.REJECTED, Action.APPEAL: Stage.APPEALED, Action.INSIST: Stage.INSISTED}

# At which stages a step can be taken.
_AT = {
    Action.CONCEDE: {Stage.RAISED, Stage.APPEALED},
    Action.REJECT: {Stage.RAISED},
    Action.APPEAL: {Stage.REJECTED},
    Action.INSIST: {Stage.APPEALED},
    Action.WITHDRAW: {Stage.RAISED, Stage.REJECTED, Stage.APPEALED, Stage.INSISTED},
    Action.DECIDE: {Stage.RAISED, Stage.REJECTED, Stage.APPEALED, Stage.INSISTED},
}
_DISPUTANTS = {Action.APPEAL, Action.WITHDRAW}
_RESPONDENTS = {Action.CONCEDE, Action.REJECT, Action.INSIST}


def take(
    dispute: Dispute,
    steps: Sequence[Step],
    action: Action,
    *,
    by: str,
    at: datetime,
    reason: str,
    returned_basis_points: int | None = None,
) -> Step:
    """The next step. ``returned_basis_points`` is given with a decision, and with nothing else.

    A dispute with several respondents is conceded once all of them have conceded; one of them is enough to reject it.

    Raises:
        Conflict: the dispute is closed, isn't at a stage for this, or the party has conceded before.
        OutOfTime: silence has answered by now.
        Forbidden: it isn't this party's to take.
        InvalidInput: a decision that doesn't say how much is returned, or a reason that isn't a line.
    """
    assert action is not Action.LAPSE, "the clock's step is taken by `lapse`"
    check_reason(reason)
    found = position(dispute, steps)
    if found.stage not in _AT[action] or len(steps) >= STEPS_MAX:
        raise Conflict(
            f"The dispute is {found.stage.value}: there is nothing to {action.value}.",
            mend="Look at its steps.",
            dispute=dispute.id,
            stage=found.stage.value,
        )
    if found.due_at is not None and at > found.due_at:
        raise OutOfTime(
            f"The time for this was over on {found.due_at.date()}.", mend="Silence has answered.", dispute=dispute.id
        )
    _check_turn(dispute, action, by)
    if (action is Action.DECIDE) != (returned_basis_points is not None):
        raise InvalidInput("A decision says how much is returned, and no other step does.", field="returned")
    if returned_basis_points is not None and not 0 <= returned_basis_points <= WHOLE_BASIS_POINTS:
        raise InvalidInput("A part is 0 to 10000 basis points.", field="returned")
    if action is Action.WITHDRAW:
        returned_basis_points = 0
    if action is Action.CONCEDE:
        if by in found.conceded:
            raise Conflict(f"{by!r} has conceded before.", mend="The others haven't yet.", dispute=dispute.id)
        if found.conceded | {by} == set(dispute.parts):
            returned_basis_points = int(WHOLE_BASIS_POINTS)
    return Step(
        dispute=dispute.id,
        number=len(steps) + 1,
        action=action,
        by=by,
        reason=reason,
        at=at,
        returned_basis_points=returned_basis_points,
    )


def lapse(dispute: Dispute, steps: Sequence[Step], *, now: datetime) -> Step | None:
    """The step that the clock takes, where silence has become an answer by now: against whoever was asked."""
    found = position(dispute, steps)
    if found.due_at is None or now <= found.due_at:
        return None
    asked_disputant = found.stage is Stage.REJECTED
    return Step(
        dispute=dispute.id,
        number=len(steps) + 1,
        action=Action.LAPSE,
        by=None,
        reason="No answer in time.",
        at=now,
        returned_basis_points=0 if asked_disputant else int(WHOLE_BASIS_POINTS),
    )


def _check_turn(dispute: Dispute, action: Action, by: str) -> None:
    theirs = {dispute.disputant} if action in _DISPUTANTS else set(dispute.parts) if action in _RESPONDENTS else None
    if theirs is not None and by not in theirs:
        raise Forbidden(f"{by!r} can't {action.value} here.", mend=f"It is for {', '.join(sorted(theirs))}.")


def check_reason(reason: str) -> None:
    """Raises `InvalidInput` where a reason isn't a line of plain characters."""
    if not reason.strip():
        raise InvalidInput("A step of a dispute needs its reason.", mend="Say why in a line.", field="reason")
    check_label(reason, what="reason", chars_max=LABEL_CHARS_MAX)
