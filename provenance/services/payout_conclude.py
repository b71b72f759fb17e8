"""End a payout that the provider can't be asked of any more, as where the account left it with a bank payout under way.

A person says what became of it, as the provider's own pages or the bank have it: another one than who planned it, and
only after a week of silence. Arrived, it is settled; lost, it failed, and what is out is taken back or written off.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from provenance.kernel.errors import Conflict, Forbidden, NotFound
from provenance.payouts.event import State, What
from provenance.payouts.position import LegPosition, Phase
from provenance.services.payout_decisions import check_reason
from provenance.services.payout_standing import Standing, record, standing
from provenance.services.ports import Database

SILENCE = timedelta(days=7)
LOST = "lost"


def conclude(database: Database, payout: str, *, arrived: bool, by: str, reason: str, at: datetime) -> Standing:
    """Say that a confirmed payout has arrived, or that it is lost. Where it is settled already, nothing happens.

    Raises:
        NotFound: there is no such payout or party.
        InvalidInput: no reason.
        Forbidden: who planned it doesn't say what became of it.
        Conflict: it isn't on its way to the bank, or something was heard of it within `SILENCE`.
    """
    check_reason(reason)
    with database.begin(write=True) as work:
        if work.parties.get(by) is None:
            raise NotFound(f"There is no party {by!r}.", mend="Register it first.", party=by)
        found = standing(work, payout)
        if arrived and found.at.state is State.SETTLED:
            return found
        last = _under_way(found, at)
        if by == found.payout.planned_by:
            raise Forbidden("Who planned a payout doesn't end it.", mend="Ask another operator.", payout=payout)
        attempt, provider_id = last.forward.attempt, last.forward.provider_id
        recording = found.recording(at)
        what, state, code = (What.DONE, State.SETTLED, "") if arrived else (What.BOUNCED, State.FAILED, LOST)
        recording.add(what, state, attempt=attempt, provider_id=provider_id, code=code, by=by, reason=reason)
        record(work, recording)
        after = standing(work, payout)
        work.commit()
    return after


def _under_way(found: Standing, at: datetime) -> LegPosition:
    """The last leg, which the provider has taken on and of which nothing was heard for long."""
    last = found.at.legs[-1]
    waits = found.at.state is State.CONFIRMED and last.forward.phase is Phase.ACCEPTED and not last.leg.moves_cash
    heard = found.at.last_at or found.history.recorded.recorded_at
    if not waits or at < heard + SILENCE:
        raise Conflict(
            f"The payout is {found.at.state.value}, and may still be asked of the provider.",
            mend=f"Move it on (provenance payouts advance); after {SILENCE.days} days without news it can be ended.",
            payout=found.payout.id,
            state=found.at.state.value,
        )
    return last
