"""Disputes: who may say what, until when, and how silence answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provenance.kernel.errors import Conflict, Forbidden, InvalidInput, OutOfTime
from provenance.royalties.dispute import (
    Action,
    Clocks,
    Dispute,
    Stage,
    Step,
    check_raised,
    held_from,
    lapse,
    position,
    take,
)

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def dispute(**stated: Any) -> Dispute:
    plain: dict[str, Any] = {
        "disputant": "bob",
        "work": "w",
        "claims": "c",
        "parts": {"ann": 4_000},
        "reason": "I wrote the second half.",
        "raised_at": START,
        "held_from": START,
        "in_favour_of": "bob",
    }
    return Dispute(**(plain | stated))


def steps_of(subject: Dispute, *taken: tuple[Action, str, int]) -> list[Step]:
    """Steps by (action, party, days after the start); a decision returns a half."""
    steps: list[Step] = []
    for action, by, days in taken:
        part = 5_000 if action is Action.DECIDE else None
        at = START + days * DAY
        steps.append(take(subject, steps, action, by=by, at=at, reason="So it is.", returned_basis_points=part))
    return steps


REJECTED = (Action.REJECT, "ann", 10)
APPEALED = (Action.APPEAL, "bob", 14)
INSISTED = (Action.INSIST, "ann", 20)


@pytest.mark.parametrize(
    ("taken", "stage", "due"),
    [
        ([], Stage.RAISED, 30),
        ([REJECTED], Stage.REJECTED, 15),  # five days after the rejection
        ([REJECTED, APPEALED], Stage.APPEALED, 21),  # seven days after the appeal
        ([REJECTED, APPEALED, INSISTED], Stage.INSISTED, None),
    ],
)
def test_each_stage_has_its_clock(taken: list[Any], stage: Stage, due: int | None) -> None:
    found = position(dispute(), steps_of(dispute(), *taken))
    assert (found.stage, found.due_at) == (stage, START + due * DAY if due else None)


@pytest.mark.parametrize(
    ("taken", "returned"),
    [
        ([(Action.CONCEDE, "ann", 30)], 10_000),
        ([REJECTED, APPEALED, (Action.CONCEDE, "ann", 21)], 10_000),
        ([(Action.WITHDRAW, "bob", 1)], 0),
        ([REJECTED, APPEALED, INSISTED, (Action.WITHDRAW, "bob", 400)], 0),
        ([REJECTED, APPEALED, INSISTED, (Action.DECIDE, "judge", 400)], 5_000),
        ([(Action.DECIDE, "judge", 1)], 5_000),
    ],
)
def test_a_dispute_ends_by_a_step_that_says_how_much_is_returned(taken: list[Any], returned: int) -> None:
    found = position(dispute(), steps_of(dispute(), *taken))
    assert (found.stage, found.returned_basis_points, found.due_at) == (Stage.CLOSED, returned, None)


@pytest.mark.parametrize(
    ("taken", "days", "returned"),
    [([], 31, 10_000), ([REJECTED], 16, 0), ([REJECTED, APPEALED], 22, 10_000)],
)
def test_silence_answers_against_whoever_was_asked(taken: list[Any], days: int, returned: int) -> None:
    steps = steps_of(dispute(), *taken)
    assert lapse(dispute(), steps, now=START + (days - 1) * DAY) is None
    found = lapse(dispute(), steps, now=START + days * DAY)
    assert found is not None
    assert (found.by, found.returned_basis_points) == (None, returned)
    assert position(dispute(), [*steps, found]).stage is Stage.CLOSED


def test_nothing_lapses_where_nobody_is_asked_or_all_is_over() -> None:
    far = START + 9_999 * DAY
    assert lapse(dispute(), steps_of(dispute(), REJECTED, APPEALED, INSISTED), now=far) is None
    assert lapse(dispute(), steps_of(dispute(), (Action.WITHDRAW, "bob", 1)), now=far) is None


@pytest.mark.parametrize(
    "taken",
    [
        [(Action.REJECT, "ann", 31)],
        [REJECTED, (Action.APPEAL, "bob", 16)],
        [REJECTED, APPEALED, (Action.INSIST, "ann", 22)],
        [(Action.DECIDE, "judge", 31)],
    ],
)
def test_a_step_out_of_time_is_refused_by_a_stable_code(taken: list[Any]) -> None:
    with pytest.raises(OutOfTime) as refused:
        steps_of(dispute(), *taken)
    assert refused.value.code == "out_of_time"


@pytest.mark.parametrize(
    "taken",
    [
        [(Action.APPEAL, "bob", 1)],
        [(Action.INSIST, "ann", 1)],
        [REJECTED, (Action.REJECT, "ann", 11)],
        [REJECTED, (Action.CONCEDE, "ann", 11)],
        [(Action.WITHDRAW, "bob", 1), (Action.DECIDE, "judge", 2)],
        [(Action.CONCEDE, "ann", 1), (Action.WITHDRAW, "bob", 2)],
    ],
)
def test_a_step_at_the_wrong_stage_is_refused(taken: list[Any]) -> None:
    with pytest.raises(Conflict):
        steps_of(dispute(), *taken)


@pytest.mark.parametrize(
    "taken",
    [
        [(Action.REJECT, "bob", 1)],
        [(Action.CONCEDE, "cy", 1)],
        [(Action.WITHDRAW, "ann", 1)],
        [REJECTED, (Action.APPEAL, "ann", 11)],
    ],
)
def test_a_step_of_another_party_is_refused(taken: list[Any]) -> None:
    with pytest.raises(Forbidden):
        steps_of(dispute(), *taken)


def test_all_whose_parts_are_disputed_must_concede_and_one_can_reject() -> None:
    two = dispute(parts={"ann": 4_000, "cy": 1_000})
    one_conceded = steps_of(two, (Action.CONCEDE, "cy", 3))
    assert position(two, one_conceded).stage is Stage.RAISED
    with pytest.raises(Conflict, match="has conceded before"):
        steps_of(two, (Action.CONCEDE, "cy", 3), (Action.CONCEDE, "cy", 4))
    assert (
        position(two, steps_of(two, (Action.CONCEDE, "cy", 3), (Action.CONCEDE, "ann", 4))).returned_basis_points
        == 10_000
    )
    rejected = steps_of(two, (Action.CONCEDE, "cy", 3), REJECTED)
    assert position(two, rejected).stage is Stage.REJECTED


@pytest.mark.parametrize(("action", "part"), [(Action.DECIDE, None), (Action.REJECT, 5_000), (Action.DECIDE, 10_001)])
def test_a_decision_and_nothing_else_says_how_much_is_returned(action: Action, part: int | None) -> None:
    with pytest.raises(InvalidInput):
        take(dispute(), [], action, by="ann", at=START, reason="So.", returned_basis_points=part)


@pytest.mark.parametrize(("hours", "first_day"), [(0, True), (5 * 24, True), (5 * 24 + 1, False)])
def test_what_is_raised_in_time_is_held_from_the_first_day_and_else_from_now(hours: int, first_day: bool) -> None:
    raised = START + timedelta(hours=hours)
    assert held_from(since=START, raised_at=raised, clocks=Clocks()) == (START if first_day else raised)


def test_a_use_that_is_too_old_stands() -> None:
    check_raised(used_at=START, raised_at=START + 90 * DAY, clocks=Clocks())
    with pytest.raises(OutOfTime, match="more than 90 days"):
        check_raised(used_at=START, raised_at=START + 91 * DAY, clocks=Clocks())


@pytest.mark.parametrize(
    "stated",
    [{"parts": {}}, {"parts": {"ann": 0}}, {"parts": {"ann": 10_001}}, {"parts": {"bob": 1}}, {"reason": " "}],
    ids=str,
)
def test_what_is_no_dispute_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        dispute(**stated)


@pytest.mark.parametrize("stated", [{"response_days": 0}, {"final_days": 4_000}], ids=str)
def test_what_is_no_clock_is_refused(stated: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        Clocks(**stated)


def test_a_party_disputes_the_same_thing_once() -> None:
    assert dispute().id == dispute(reason="Otherwise.", raised_at=START + DAY).id
    assert len({dispute().id, dispute(generation="g").id, dispute(claims="d").id, dispute(disputant="cy").id}) == 4
