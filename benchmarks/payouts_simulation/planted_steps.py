"""Bugs in the steps: when the next one is done, on what word, and what of it is written down first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from benchmarks.payouts_simulation.planted import Bug, around, both, swap
from provenance.adapters.sql import payouts as sql_payouts
from provenance.adapters.sql import tables
from provenance.payouts import next_step, postings, transitions
from provenance.payouts.event import State, What
from provenance.payouts.leg import Attempt
from provenance.payouts.next_step import Begin, Nothing, Return
from provenance.payouts.outcome import ProviderObject, Status
from provenance.payouts.position import Course, LegPosition, Phase, Position
from provenance.payouts.reported import About, Made
from provenance.payouts.transitions import Recording
from provenance.services import payout_advance, payout_decisions, payout_reports
from provenance.services.payment_provider import Instruction
from provenance.services.payout_reports import Processed
from provenance.services.payout_standing import record, standing


def _believed(process: Any) -> Any:
    """What an event says is recorded as it says it, and nothing is fetched."""

    def believed(database: Any, providers: Any, onboarding: Any, report: Any, clock: Any) -> Processed:
        status = {"payout.paid": Status.DONE, "payout.failed": Status.FAILED, "transfer.reversed": Status.FAILED}
        said = status.get(report.reported.type)
        with database.begin() as work:
            payouts = work.payouts.of_object(report.reported.object)
        if said is None or len(payouts) != 1:
            return process(database, providers, onboarding, report, clock)  # type: ignore[no-any-return]  # as it is
        with database.begin(write=True) as work:
            now = standing(work, payouts[0])
            recording = now.recording(clock())
            for leg in now.at.legs:
                course = leg.forward
                if course.provider_id == report.reported.object and course.attempt and not now.at.ended:
                    seen = _as_said(report.reported, now, said)
                    transitions.looked(recording, course.attempt, seen, account=now.history.account.account)
            record(work, recording)
            work.commit()
        return Processed(report=report, made=Made.LOOKED, payout=payouts[0])

    return believed


def _as_said(reported: Any, now: Any, status: Status) -> ProviderObject:
    return ProviderObject(
        id=reported.object,
        key=reported.key,
        account=now.history.account.account,
        currency=reported.currency,
        minor_units=reported.minor_units,
        status=status,
        code="said",
    )


def _ignored(process: Any) -> Any:
    """An event of a payment is ticked off, and nothing is looked at."""

    def ignored(database: Any, providers: Any, onboarding: Any, report: Any, clock: Any) -> Processed:
        if report.reported.about is About.PAYMENT:
            return Processed(report=report, made=Made.LOOKED)
        return process(database, providers, onboarding, report, clock)  # type: ignore[no-any-return]  # as it is

    return ignored


def _ticked_off_first(process: Any) -> Any:
    """An event is ticked off before it is looked at: who dies in between has forgotten it."""

    def processed(database: Any, providers: Any, onboarding: Any, report: Any, clock: Any) -> Processed:
        done = Processed(report=report, made=Made.LOOKED)
        payout_reports._settle(database, done, clock)  # noqa: SLF001  the bug is in there
        return process(database, providers, onboarding, report, clock)  # type: ignore[no-any-return]  # as it is

    return processed


def _once_an_object(take_in: Any) -> Any:
    """Events are told apart by what they are about: the second about an object is taken for the first."""

    def taken(database: Any, reported: Any, *, at: Any) -> bool:
        return take_in(database, replace(reported, id=reported.object), at=at)  # type: ignore[no-any-return]  # as is

    return taken


def _late_failures_ignored(bounced: Any) -> Any:
    def ignored(recording: Recording, attempt: Any, seen: Any, course: Course) -> None:
        if recording.at.state is not State.SETTLED:
            bounced(recording, attempt, seen, course)

    return ignored


def _back_to_confirmed(looked: Any) -> Any:
    """What is seen again moves the state to where the object is, even back."""

    def moved(recording: Recording, attempt: Any, seen: ProviderObject, *, account: str) -> None:
        if seen.status is Status.DONE and recording.at.state is State.SETTLED:
            recording.add(What.ACCEPTED, State.CONFIRMED, attempt=attempt, provider_id=seen.id)
        looked(recording, attempt, seen, account=account)

    return moved


def _done_again(looked: Any) -> Any:
    """What is done is done once more whenever it is seen."""

    def again(recording: Recording, attempt: Any, seen: ProviderObject, *, account: str) -> None:
        course = recording.at.course(attempt)
        if seen.status is Status.DONE and course.phase is Phase.DONE and attempt.forward:
            leg = recording.at.leg(attempt.leg).leg
            posted = postings.sent(
                recording.payout,
                replace(attempt, ordinal=900 + recording.at.events),
                fee_minor_units=0,
                at=recording.now,
            )
            recording.add(
                What.DONE, attempt=attempt, provider_id=seen.id, transaction=posted if leg.moves_cash else None
            )
            return
        looked(recording, attempt, seen, account=account)

    return again


def _nothing_is_taken_back(_at: Position, _now: Any, _retention: Any) -> Any:
    return Return()


def _return_whatever_is_out(_: Any, found: Any, recording: Recording) -> None:
    recording.add(
        What.RETURNED,
        State.RETURNED,
        code=found.at.failed_code,
        transaction=postings.returned(found.payout, at=recording.now),
    )


def _return_without_money(_: Any, found: Any, recording: Recording) -> None:
    recording.add(What.RETURNED, State.RETURNED, code=found.at.failed_code)


def _given_up(_at: Position, _now: Any, _retention: Any) -> Any:
    return Nothing()


def _only_the_last_leg(leg: LegPosition) -> bool:
    return leg.leg.name == "payout" and leg.forward.open


def _without_looking(database: Any, found: Any, clock: Any, write: Any) -> Any:
    """What is recorded rests on what was read before: nobody checks whether somebody else was faster."""
    with database.begin(write=True) as work:
        recording = found.recording(clock())
        write(work, found, recording)
        record(work, recording)
        work.commit()
    return payout_advance._Stepped(go_on=True)  # noqa: SLF001  the bug is in there


def _answers_rest_on_old(database: Any, found: Any, clock: Any, write: Any) -> bool:
    _without_looking(database, found, clock, write)
    return True


def _asked_before_it_is_recorded(step: Any) -> Any:
    """The provider is asked first, and the attempt recorded after."""

    def stepped(database: Any, providers: Any, payout: str, clock: Any) -> Any:
        with database.begin() as work:
            found = standing(work, payout)
        provider = providers[found.payout.provider]
        todo = next_step.next_step(
            found.payout,
            found.at,
            approvals=len(found.history.approvals),
            now=clock(),
            key_retention=provider.key_retention,
        )
        if isinstance(todo, Begin):
            attempt = Attempt(payout=payout, leg=todo.leg, ordinal=todo.ordinal, at=clock(), undoes=todo.undoes)
            provider.send(Instruction(payout=found.payout, attempt=attempt, account=found.history.account.account))
        return step(database, providers, payout, clock)

    return stepped


def _first_try_for_ever(_course: Course, _count: int) -> None:
    return None


def _cancelled_anyway(_found: Any) -> None:
    """Whatever is out."""


def _cancelled_at_once(found: Any, recording: Recording, *, by: str, reason: str) -> None:
    transaction = postings.returned(found.payout, at=recording.now) if found.at.reserved else None
    recording.add(What.CANCELLED, State.CANCELLED, code="cancelled", by=by, reason=reason, transaction=transaction)


def _cancelled_without_money(found: Any, recording: Recording, *, by: str, reason: str) -> None:
    payout_decisions._check_cancellable(found)  # noqa: SLF001  as the real one
    if found.at.out:
        recording.add(What.FAILED, State.FAILED, code="cancelled", by=by, reason=reason)
        return
    recording.add(What.CANCELLED, State.CANCELLED, code="cancelled", by=by, reason=reason)


def _history_erased(cancel: Any) -> Any:
    """With a cancellation goes what the payout settled."""

    def cancelled(database: Any, payout: str, **details: Any) -> Any:
        found = cancel(database, payout, **details)
        with database.begin(write=True) as work:
            connection = work._connection  # noqa: SLF001  past all stores
            connection.execute(sa.delete(tables.payout_line).where(tables.payout_line.c.payout == payout))
            work.commit()
        return found

    return cancelled


def _unfinished_without(state: str) -> Any:
    return [*sql_payouts._OVER, state]  # noqa: SLF001  the bug is in there


_RETURNS = swap(payout_advance, "_return", _return_whatever_is_out)
BUGS = (
    Bug(name="an event is believed", plant=around(payout_reports, "_process", _believed)),
    Bug(name="an event is ticked off without a look", plant=around(payout_reports, "_process", _ignored)),
    Bug(name="an event is ticked off before the look", plant=around(payout_reports, "_process", _ticked_off_first)),
    Bug(name="events are told apart by their objects", plant=around(payout_reports, "take_in", _once_an_object)),
    Bug(name="a late failure is ignored", plant=around(transitions, "_bounced", _late_failures_ignored)),
    Bug(name="what is seen again moves the state back", plant=around(transitions, "looked", _back_to_confirmed)),
    Bug(name="what is done is posted whenever it is seen", plant=around(transitions, "looked", _done_again)),
    Bug(
        name="what failed is owed again with the transfer out",
        plant=both(swap(next_step, "_back", _nothing_is_taken_back), _RETURNS),
    ),
    Bug(
        name="only the last leg is taken back",
        plant=both(swap(LegPosition, "out", property(_only_the_last_leg)), _RETURNS),
    ),
    Bug(name="what is back isn't owed again", plant=swap(payout_advance, "_return", _return_without_money)),
    Bug(name="what failed is left alone", plant=swap(next_step, "_back", _given_up)),
    Bug(name="steps rest on what was read before", plant=swap(payout_advance, "_write", _without_looking)),
    Bug(name="answers rest on what was read before", plant=swap(payout_advance, "_write_answer", _answers_rest_on_old)),
    Bug(
        name="the provider is asked before the attempt is recorded",
        plant=around(payout_advance, "step", _asked_before_it_is_recorded),
    ),
    Bug(
        name="what may be under way is cancelled", plant=swap(payout_decisions, "_check_cancellable", _cancelled_anyway)
    ),
    Bug(
        name="what is out is cancelled at once",
        plant=swap(payout_decisions, "_cancel", _cancelled_at_once),
    ),
    Bug(
        name="what is cancelled isn't owed again",
        plant=swap(payout_decisions, "_cancel", _cancelled_without_money),
    ),
    Bug(name="a cancellation erases what was settled", plant=around(payout_decisions, "cancel", _history_erased)),
    Bug(name="what failed isn't moved on", plant=swap(sql_payouts, "_OVER", _unfinished_without("failed"))),
    Bug(name="what was sent isn't moved on", plant=swap(sql_payouts, "_OVER", _unfinished_without("sent"))),
)
