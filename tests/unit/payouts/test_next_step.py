"""What is done next follows from what is recorded, and from the time."""

from datetime import datetime, timedelta

import pytest

from provenance.payouts.event import State, What
from provenance.payouts.next_step import (
    KEY_MARGIN,
    REFUSALS_MAX,
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
from provenance.payouts.outcome import Accepted, Contradicted, Refused, Status, Unknown
from provenance.payouts.transitions import Recording, answered, found, looked

from .payout_values import DAY, NOW, asked, done, payout, recording, reserved, seen

TIMEOUT = Unknown(code="timeout")
PASSING = Refused(code="balance_insufficient", permanent=False)


def step(made: Recording, *, at: datetime = NOW, approvals: int = 1, retention: timedelta | None = DAY) -> NextStep:
    return next_step(made.payout, made.at, approvals=approvals, now=at, key_retention=retention)


def test_it_waits_for_as_many_people_as_it_needs() -> None:
    made = recording(payout(approvals=2))
    assert step(made, approvals=1) == AskPerson(why="approval")
    assert step(made, approvals=2) == Approve()


def test_it_is_reserved_before_anything_is_sent() -> None:
    made = recording()
    made.add(What.APPROVED, State.APPROVED)
    assert step(made) == Reserve()
    assert step(reserved()) == Begin(leg="transfer", ordinal=1)


def test_an_attempt_is_recorded_and_then_asked_for() -> None:
    made = reserved()
    attempt = asked(made, "transfer")
    assert step(made) == Ask(attempt=attempt)
    assert step(made, at=NOW + timedelta(hours=1)) == Ask(attempt=attempt), "a crash in between changes nothing"


def test_without_a_clear_answer_it_is_asked_again_under_the_same_key_and_ever_later() -> None:
    made = reserved()
    attempt = asked(made, "transfer")
    waits = []
    for _ in range(3):
        answered(made, attempt, TIMEOUT, account="acct")
        waiting = step(made)
        assert isinstance(waiting, Wait)
        waits.append(waiting.until - NOW)
        assert step(made, at=waiting.until) in (Ask(attempt=attempt), Find(attempt=attempt, conclusive=False))
    assert waits == sorted(set(waits))


def test_a_failure_that_comes_again_and_again_is_looked_behind() -> None:
    made = reserved()
    attempt = asked(made, "transfer")
    for _ in range(3):
        answered(made, attempt, Unknown(code="provider_failed"), account="acct")
    assert step(made, at=NOW + timedelta(hours=1)) == Find(attempt=attempt, conclusive=False)
    found(made, attempt, [], conclusive=False, account="acct")
    assert step(made, at=NOW + timedelta(hours=2)) == Ask(attempt=attempt), "not there isn't never"


@pytest.mark.parametrize("early", [timedelta(0), KEY_MARGIN - timedelta(seconds=1)])
def test_before_keys_are_forgotten_no_call_is_begun_any_more(early: timedelta) -> None:
    made = reserved()
    asked(made, "transfer")
    assert step(made, at=NOW + DAY - KEY_MARGIN + early) == Wait(until=NOW + DAY)


def test_past_the_retention_it_is_found_before_another_attempt() -> None:
    made = reserved()
    attempt = asked(made, "transfer")
    assert step(made, at=NOW + DAY) == Find(attempt=attempt, conclusive=True)
    found(made, attempt, [], conclusive=True, account="acct")
    assert made.events[-1].what is What.ABSENT
    assert step(made, at=NOW + 2 * DAY) == Begin(leg="transfer", ordinal=2)


def test_a_provider_that_never_forgets_is_asked_for_ever() -> None:
    made = reserved()
    attempt = asked(made, "transfer")
    assert step(made, at=NOW + 400 * DAY, retention=None) == Ask(attempt=attempt)


def test_several_objects_for_one_attempt_are_for_a_person() -> None:
    made = reserved()
    attempt = asked(made, "transfer")
    found(made, attempt, [seen(attempt), seen(attempt, id="other")], conclusive=True, account="acct")
    assert step(made) == AskPerson(why="differs", code="several_objects")


def test_another_attempt_begins_only_after_a_refusal_and_not_for_ever() -> None:
    made = reserved()
    at = NOW
    for ordinal in range(1, REFUSALS_MAX + 1):
        assert step(made, at=at) == Begin(leg="transfer", ordinal=ordinal)
        answered(made, asked(made, "transfer"), PASSING, account="acct")
        at += DAY
    assert step(made, at=at) == AskPerson(why="refused", code="balance_insufficient")
    made.add(What.RETRIED, by="press", reason="Funded")
    assert step(made, at=at) == Begin(leg="transfer", ordinal=REFUSALS_MAX + 1)


def test_a_key_that_stands_for_something_else_is_for_a_person() -> None:
    made = reserved()
    answered(made, asked(made, "transfer"), Contradicted(code="another_request"), account="acct")
    assert step(made, at=NOW + 9 * DAY) == AskPerson(why="differs", code="another_request")


def test_legs_follow_one_another_and_the_last_one_settles() -> None:
    made = reserved()
    done(made, "transfer")
    assert (made.at.state, made.at.cash_out) == (State.SENT, True)
    assert step(made) == Begin(leg="payout", ordinal=1)
    attempt = asked(made, "payout")
    answered(made, attempt, Accepted(found=seen(attempt, status=Status.PENDING)), account="acct")
    assert made.at.state is State.CONFIRMED
    assert step(made) == Look(attempt=attempt, provider_id=seen(attempt).id)
    looked(made, attempt, seen(attempt), account="acct")
    assert (made.at.state, step(made)) == (State.SETTLED, Nothing())


def test_what_fails_for_good_is_taken_back_last_leg_first_and_then_returned() -> None:
    made = reserved()
    transfer = done(made, "transfer")
    answered(made, asked(made, "payout"), Refused(code="no_account", permanent=True), account="acct")
    assert (made.at.state, made.at.failed_code) == (State.FAILED, "no_account")
    assert step(made) == Begin(leg="transfer", ordinal=1, undoes=seen(transfer).id)
    undo = asked(made, "transfer", undoes=seen(transfer).id)
    assert undo.key != transfer.key
    assert step(made) == Ask(attempt=undo)
    answered(made, undo, Accepted(found=seen(undo)), account="acct")
    assert not made.at.cash_out
    assert step(made) == Return()


def test_what_can_not_be_taken_back_is_for_a_person_and_tried_again_after() -> None:
    made = reserved()
    transfer = done(made, "transfer")
    answered(made, asked(made, "payout"), Refused(code="no_account", permanent=True), account="acct")
    undo = asked(made, "transfer", undoes=seen(transfer).id)
    answered(made, undo, Refused(code="balance_insufficient", permanent=True), account="acct")
    assert step(made) == AskPerson(why="undo_refused", code="balance_insufficient")
    made.add(What.RETRIED, by="press", reason="Topped up")
    assert step(made) == Begin(leg="transfer", ordinal=2, undoes=seen(transfer).id)


def test_what_never_left_is_returned_at_once() -> None:
    made = reserved()
    answered(made, asked(made, "transfer"), Refused(code="account_closed", permanent=True), account="acct")
    assert step(made) == Return()


def test_a_settled_payout_that_bounces_is_taken_back() -> None:
    made = reserved()
    transfer, to_bank = done(made, "transfer"), done(made, "payout")
    assert made.at.state is State.SETTLED
    looked(made, to_bank, seen(to_bank, status=Status.FAILED, code="account_closed"), account="acct")
    assert (made.at.state, made.at.failed_code) == (State.FAILED, "account_closed")
    assert step(made) == Begin(leg="transfer", ordinal=1, undoes=seen(transfer).id)


def test_a_leg_that_comes_back_while_a_later_one_is_out_is_for_a_person() -> None:
    made = reserved()
    transfer, _ = done(made, "transfer"), done(made, "payout")
    looked(made, transfer, seen(transfer, status=Status.FAILED, code="reversed"), account="acct")
    assert step(made) == AskPerson(why="differs", code="came_back_while_out")
    assert made.at.cash_out


def test_looking_again_records_nothing_that_is_known() -> None:
    made = reserved()
    transfer = done(made, "transfer")
    before = len(made.events)
    looked(made, transfer, seen(transfer), account="acct")
    assert len(made.events) == before
    for _ in range(2):
        looked(made, transfer, seen(transfer, minor_units=1), account="acct")
    assert len(made.events) == before + 1, "the same difference once"
