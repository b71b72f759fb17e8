"""Where a payout stands, read and written: its history folded, and what a step came to recorded, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.errors import NotFound
from provenance.payouts.payee_account import DEAD_CODES, AccountState, Readiness
from provenance.payouts.payout import Payout
from provenance.payouts.position import Position, position
from provenance.payouts.transitions import Recording
from provenance.services.outbound import tell
from provenance.services.payout_stores import History
from provenance.services.ports import UnitOfWork
from provenance.services.told import of_payout


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A payout's history, and where it leads."""

    history: History
    at: Position

    @property
    def payout(self) -> Payout:
        """The payout."""
        return self.history.recorded.fact

    def recording(self, now: datetime) -> Recording:
        """What is to be recorded next, at ``now``: never before what was recorded last."""
        last = self.at.last_at or self.history.recorded.recorded_at
        return Recording(payout=self.payout, at=self.at, now=max(now, last))


def standing(work: UnitOfWork, payout: str) -> Standing:
    """Where a payout stands. Raises `NotFound`."""
    history = work.payouts.history(payout)
    if history is None:
        raise NotFound(
            f"There is no payout {payout!r}.", mend="List them: provenance payouts list.", payout=payout[:80]
        )
    return Standing(history=history, at=position(history.recorded.fact, history.attempts, history.events))


def record(work: UnitOfWork, recording: Recording) -> None:
    """Write down attempts, what is posted, and events, in an order that the database accepts."""
    for attempt in recording.attempts:
        work.payouts.add_attempt(attempt)
    for transaction in recording.transactions:
        work.books.post(transaction, recording.now)
    for event in recording.events:
        work.payouts.add_event(event)
        if told := of_payout(recording.payout, event):
            tell(work, told, recording.now)
        if event.code in DEAD_CODES:
            note_state(work, recording.payout.account, Readiness.DEAD, (), event.code, at=recording.now)


def note_state(
    work: UnitOfWork, account: str, readiness: Readiness, due: tuple[str, ...], code: str, *, at: datetime
) -> AccountState:
    """Record what is known of a payee account now, where it is something new."""
    last = work.payee_accounts.state(account)
    number = last.number + 1 if last else 1
    new = AccountState(account=account, number=number, readiness=readiness, at=at, due=due, code=code)
    if last is not None and new.says_the_same(last):
        return last
    work.payee_accounts.add_state(new)
    return new
