"""What operators decide of a payout: approve, cancel, let it go on, give it up. Each is a fact, with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provenance.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from provenance.kernel.ids import LABEL_CHARS_MAX, check_label
from provenance.payouts import postings
from provenance.payouts.approval import Approval
from provenance.payouts.event import State, What
from provenance.payouts.next_step import AskPerson, next_step
from provenance.payouts.position import Phase, Position
from provenance.payouts.transitions import Recording
from provenance.services.payout_plan import reserve
from provenance.services.payout_standing import Standing, record, standing
from provenance.services.ports import Database, UnitOfWork

BY_OPERATOR = "cancelled"
PAGE = 500


def approve(database: Database, payout: str, *, by: str, at: datetime) -> Standing:
    """Approve a payout; with the last approval that it needs it is taken off what is owed. Again does nothing.

    Raises:
        NotFound: there is no such payout or party.
        Conflict: it needs no approval any more.
    """
    with database.begin(write=True) as work:
        _check_party(work, by)
        found = standing(work, payout)
        known = {approval.by for approval in found.history.approvals}
        if by in known:
            return found
        if found.at.state is not State.PLANNED:
            raise Conflict(
                f"The payout is {found.at.state.value}: there is nothing to approve.",
                mend="Look at what happened to it: provenance payouts explain.",
                payout=payout,
                state=found.at.state.value,
            )
        recording = found.recording(at)
        work.payouts.add_approval(Approval(payout=payout, by=by, at=recording.now), recording.now)
        if len(known) + 1 >= found.payout.approvals:
            recording.add(What.APPROVED, State.APPROVED, by=by)
            reserve(work, recording)
            record(work, recording)
        after = standing(work, payout)
        work.commit()
    return after


def cancel(database: Database, payout: str, *, by: str, reason: str, at: datetime) -> Standing:
    """Cancel a payout of which nothing is out, or take back what is. Its history stays. The same again does nothing.

    Raises:
        NotFound: there is no such payout or party.
        InvalidInput: no reason.
        Conflict: it may be under way, and whether it is has to be known first; or it is over.
    """
    check_reason(reason)
    with database.begin(write=True) as work:
        _check_party(work, by)
        found = standing(work, payout)
        if found.at.state is State.CANCELLED:
            return found
        recording = found.recording(at)
        _cancel(found, recording, by=by, reason=reason)
        record(work, recording)
        after = standing(work, payout)
        work.commit()
    return after


def retry(database: Database, payout: str, *, by: str, reason: str, at: datetime) -> Standing:
    """Let a payout go on at once: after a person has looked, or before its time. `advance` then does the next step.

    Raises:
        NotFound: there is no such payout or party.
        InvalidInput: no reason.
        Conflict: there is nothing to retry; one that has ended is planned anew.
    """
    check_reason(reason)
    with database.begin(write=True) as work:
        _check_party(work, by)
        found = standing(work, payout)
        state = found.at.state
        if found.at.ended or (state in (State.PLANNED, State.SETTLED) and found.at.differs is None):
            raise Conflict(
                f"The payout is {state.value}: there is nothing to retry.",
                mend="Plan another one: provenance payouts run." if found.at.ended else "Look at what it waits for.",
                payout=payout,
                state=state.value,
            )
        recording = found.recording(at)
        recording.add(What.RETRIED, by=by, reason=reason)
        record(work, recording)
        after = standing(work, payout)
        work.commit()
    return after


def refused_too_often(database: Database, *, now: datetime) -> Sequence[str]:
    """Payouts that wait for a person because the provider refused them too often: for want of money, mostly."""
    found: list[str] = []
    after: int | None = 0
    with database.begin() as work:
        while after is not None:
            page = work.payouts.unfinished(after=after, limit=PAGE)
            for recorded in page.items:
                at = standing(work, recorded.fact.payout.id)
                # Past its refusals a course asks for a person whatever the provider remembers.
                step = next_step(at.payout, at.at, approvals=len(at.history.approvals), now=now, key_retention=None)
                if isinstance(step, AskPerson) and step.why == "refused":
                    found.append(at.payout.id)
            after = page.next_after
    return found


def write_off(database: Database, payout: str, *, by: str, reason: str, at: datetime) -> Standing:
    """Give up what a failed payout has out and the provider won't give back: our loss, and the party is owed again.

    It takes another person than who planned it. The same again does nothing.

    Raises:
        NotFound: there is no such payout or party.
        InvalidInput: no reason.
        Forbidden: who planned it writes nothing off.
        Conflict: nothing of it is out, or the provider wasn't asked for it, or hasn't refused.
    """
    check_reason(reason)
    with database.begin(write=True) as work:
        _check_party(work, by)
        found = standing(work, payout)
        if any(event.what is What.WRITTEN_OFF for event in found.history.events):
            return found
        refused = next((leg for leg in reversed(found.at.legs) if leg.back.phase is Phase.REFUSED), None)
        if found.at.state is not State.FAILED or not found.at.cash_out or refused is None:
            raise Conflict(
                "Nothing of it is out that the provider has refused to give back.",
                mend="Look at what it waits for: provenance payouts explain.",
                payout=payout,
                state=found.at.state.value,
            )
        if by == found.payout.planned_by:
            raise Forbidden("Who planned a payout doesn't write it off.", mend="Ask another operator.", payout=payout)
        recording = found.recording(at)
        recording.add(
            What.WRITTEN_OFF,
            attempt=refused.back.attempt,
            by=by,
            reason=reason,
            transaction=postings.written_off(found.payout, at=recording.now),
        )
        record(work, recording)
        after = standing(work, payout)
        work.commit()
    return after


def check_reason(reason: str) -> None:
    """Raises `InvalidInput` where a reason isn't a line of plain characters."""
    if not reason.strip():
        raise InvalidInput("A decision needs its reason.", mend="Say why in a line.", field="reason")
    check_label(reason, what="reason", chars_max=LABEL_CHARS_MAX)


def _cancel(found: Standing, recording: Recording, *, by: str, reason: str) -> None:
    at = found.at
    _check_cancellable(found)
    if at.out:
        # Something has arrived with the provider already: it is taken back leg by leg, and then owed again.
        recording.add(What.FAILED, State.FAILED, code=BY_OPERATOR, by=by, reason=reason)
        return
    transaction = postings.returned(found.payout, at=recording.now) if at.reserved else None
    recording.add(What.CANCELLED, State.CANCELLED, code=BY_OPERATOR, by=by, reason=reason, transaction=transaction)


def _check_cancellable(found: Standing) -> None:
    state = found.at.state
    if state in (State.CONFIRMED, State.SETTLED, State.FAILED, State.RETURNED):
        raise Conflict(
            f"The payout is {state.value}: it can't be cancelled.",
            mend="What comes back by itself is owed again by itself.",
            payout=found.payout.id,
            state=state.value,
        )
    if _undecided(found.at) or found.at.differs is not None:
        raise Conflict(
            "Whether the provider has it isn't known yet.",
            mend="Move it on first (provenance payouts advance), and cancel it when that is known.",
            payout=found.payout.id,
            state=state.value,
        )


def _undecided(at: Position) -> bool:
    return any(leg.forward.phase in (Phase.ASKING, Phase.ACCEPTED) for leg in at.legs)


def _check_party(work: UnitOfWork, party: str) -> None:
    if work.parties.get(party) is None:
        raise NotFound(f"There is no party {party!r}.", mend="Register it first.", party=party)
