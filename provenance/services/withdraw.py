"""Withdraw works, once each: what stands stays, and nothing new comes of them.

Who may do so is for the caller to check. Undoes nothing: decisions, accruals and payables of before are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.errors import Conflict, NotFound
from provenance.services.amounts import View
from provenance.services.facts import utc
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import Recorded
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The withdrawal as recorded; ``replayed`` where it had been recorded before this call."""

    recorded: Recorded[Withdrawal]
    replayed: bool


def withdraw(database: Database, work_id: str, *, by: str | None, reason: str, at: datetime) -> Withdrawn:
    """Withdraw a work for good; the same again changes nothing. ``by`` is its registrant where it is None.

    Raises:
        NotFound: no such work, or ``by`` isn't a registered party.
        Conflict: the work was withdrawn before, by another party or for another reason.
        InvalidInput: the reason isn't a line of plain words.
    """
    with database.begin(write=True) as work:
        entity = work.works.get(work_id)
        if entity is None:
            raise NotFound(f"There is no work {work_id!r}.", mend="List the works to see their ids.", work=work_id)
        party = entity.registrant if by is None else by
        if work.parties.get(party) is None:
            raise NotFound(f"There is no party {party!r}.", mend="Register it first.", party=party)
        replayed = work.works.withdrawal_of(work_id) is not None
        work.works.add_withdrawal(Withdrawal(work=work_id, withdrawn_by=party, reason=reason), at)
        recorded = work.works.withdrawal_of(work_id)
        assert recorded is not None, "it was added above"
        work.commit()
    return Withdrawn(recorded=recorded, replayed=replayed)


def check_stands(work: UnitOfWork, work_id: str) -> None:
    """Nothing, where the work stands or doesn't exist.

    Raises:
        Conflict: it was withdrawn.
    """
    if work.works.withdrawal_of(work_id) is not None:
        raise Conflict(
            f"The work {work_id} was withdrawn, for good.", mend="Register it under another source id.", work=work_id
        )


def check_free(work: UnitOfWork, entity: Work, text_sha256: str) -> None:
    """Nothing, where ``entity`` may have the text: a copy would share, or starve, the first one's royalties.

    Of a withdrawn work, its registrant alone may register the text again.

    Raises:
        Conflict: another work has it, or a withdrawn one of somebody else had it.
    """
    first = work.works.with_text(text_sha256)
    if first is None or first == entity.id:
        return
    if work.works.withdrawal_of(first) is None:
        raise Conflict(
            f"This very text is registered already, as {first}.",
            mend="Whoever has a claim on it states that there; a text is registered once.",
            work=first,
        )
    holder = work.works.get(first)
    if holder is None or holder.registrant != entity.registrant:
        raise Conflict(
            f"This very text was registered as {first}, which was withdrawn.",
            mend="Whoever registered it may register it again, and nobody else.",
            work=first,
        )


def withdrawal_view(recorded: Recorded[Withdrawal]) -> View:
    """A withdrawal as a plain JSON object."""
    withdrawal = recorded.fact
    return {
        "id": withdrawal.id,
        "work": withdrawal.work,
        "withdrawn_by": withdrawal.withdrawn_by,
        "reason": withdrawal.reason,
        "recorded_at": utc(recorded.recorded_at),
    }
