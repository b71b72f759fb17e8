"""Plan payouts of all that is due by closed statements, and take it off what is owed: one transaction for some payees.

Whoever plans holds the balance of each payee to the end of the transaction, so that two who plan at once never pay the
same. Again does nothing: what a payout settles, no other does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from provenance.kernel.errors import NotFound
from provenance.payouts import postings
from provenance.payouts.approval import Approval, Limits
from provenance.payouts.due import Payee, Skipped, Way, Why, plan
from provenance.payouts.event import State, What
from provenance.payouts.payout import Payout
from provenance.payouts.position import position
from provenance.payouts.postings import payable_account
from provenance.payouts.transitions import Recording
from provenance.services.payout_standing import record
from provenance.services.ports import Database, UnitOfWork

PAYEES_AT_ONCE = 100
PAYEES_MAX = 1_000_000

BALANCE_FELL = "balance_fell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What was planned, or would be, and who is not paid and why."""

    payouts: tuple[Payout, ...]
    skipped: tuple[Skipped, ...]


def preview(database: Database, way: Way, limits: Limits, *, by: str, party: str | None = None) -> Planned:
    """What `run` would plan now. Records nothing."""
    found: list[Payout | Skipped] = []
    with database.begin() as work:
        _check_party(work, party)
        for batch in _batches(work, way, party):
            found += [plan(payee, way, limits, by=by) for payee in _with_owed(work, batch, lock=False)]
    return _planned(found)


def run(database: Database, way: Way, limits: Limits, *, by: str, at: datetime, party: str | None = None) -> Planned:
    """Plan payouts, approved by whoever runs them; those that need nobody else are taken off what is owed at once.

    Why a party isn't paid that has something due, or a debt, is recorded too.

    Raises:
        NotFound: ``by`` or ``party`` isn't a registered party.
    """
    found: list[Payout | Skipped] = []
    after: tuple[str, str] | None = None
    for _ in range(PAYEES_MAX // PAYEES_AT_ONCE):
        with database.begin(write=True) as work:
            _check_party(work, by)
            _check_party(work, party)
            batch = work.payouts.payees(way.provider, after=after, limit=PAYEES_AT_ONCE, party=party)
            for payee in _with_owed(work, batch, lock=True):
                decided = plan(payee, way, limits, by=by)
                if isinstance(decided, Payout):
                    _add(work, decided, by=by, at=at)
                elif decided.why is not Why.NOTHING_DUE:
                    work.payouts.refuse(decided, at)
                found.append(decided)
            work.commit()
        if len(batch) < PAYEES_AT_ONCE:
            break
        after = batch[-1].party, batch[-1].currency
    return _planned(found)


def reserve(work: UnitOfWork, recording: Recording) -> None:
    """Take a payout off what is owed; where less is owed by now than it pays, it is cancelled, and planned anew."""
    payout = recording.payout
    account = payable_account(payout.party, payout.currency)
    if -work.books.locked_balances([account])[account] < payout.money.micros:
        recording.add(What.CANCELLED, State.CANCELLED, code=BALANCE_FELL)
        return
    transaction = postings.reserve(payout, at=recording.now)
    recording.add(What.RESERVED, State.RESERVED, transaction=transaction)


def _add(work: UnitOfWork, payout: Payout, *, by: str, at: datetime) -> None:
    work.payouts.add(payout, at)
    work.payouts.add_approval(Approval(payout=payout.id, by=by, at=at), at)
    if payout.approvals == 1:
        recording = Recording(payout=payout, at=position(payout, (), ()), now=at)
        recording.add(What.APPROVED, State.APPROVED)
        reserve(work, recording)
        record(work, recording)


def _batches(work: UnitOfWork, way: Way, party: str | None) -> Iterator[Sequence[Payee]]:
    after: tuple[str, str] | None = None
    for _ in range(PAYEES_MAX // PAYEES_AT_ONCE):
        batch = work.payouts.payees(way.provider, after=after, limit=PAYEES_AT_ONCE, party=party)
        yield batch
        if len(batch) < PAYEES_AT_ONCE:
            return
        after = batch[-1].party, batch[-1].currency


def _with_owed(work: UnitOfWork, payees: Sequence[Payee], *, lock: bool) -> Iterator[Payee]:
    accounts = [payable_account(p.party, p.currency) for p in payees]
    owed = work.books.locked_balances(accounts) if lock else {a: work.books.balance(a) for a in accounts}
    for payee, account in zip(payees, accounts, strict=True):
        yield replace(payee, owed_micros=-owed[account])


def _planned(found: Sequence[Payout | Skipped]) -> Planned:
    return Planned(
        payouts=tuple(p for p in found if isinstance(p, Payout)),
        skipped=tuple(s for s in found if isinstance(s, Skipped)),
    )


def _check_party(work: UnitOfWork, party: str | None) -> None:
    if party is not None and work.parties.get(party) is None:
        raise NotFound(f"There is no party {party!r}.", mend="Register it first.", party=party)
