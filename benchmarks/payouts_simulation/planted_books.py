"""Bugs in the money: what is due, what is reserved, what is posted, and who approved it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from benchmarks.payouts_simulation.planted import Bug, Plant, around, both, swap
from provenance.adapters.sql import payouts_due, tables
from provenance.kernel.ids import derived_id
from provenance.ledger.accounts import Account
from provenance.ledger.transaction import Transaction, entries_of
from provenance.payouts import postings, transitions
from provenance.payouts.approval import Limits
from provenance.payouts.due import Payee
from provenance.payouts.event import State, What
from provenance.payouts.payout import Payout, SettledLine
from provenance.payouts.transitions import Recording
from provenance.services import payout_advance, payout_decisions, payout_plan


def _stated_alone(payee: Payee) -> int:
    return payee.last.payable_micros


def _all_lines(session: Any, parties: Any) -> Any:
    """Also those that another payout settles."""
    stated, statement = tables.statement_line, tables.statement
    select = (
        sa.select(statement.c.party, statement.c.currency, stated)
        .join_from(stated, statement, statement.c.id == stated.c.statement)
        .where(statement.c.party.in_(parties), stated.c.kind != "paid", stated.c.micros != 0)
        .order_by(statement.c.seq, stated.c.number)
    )
    found: dict[Any, list[SettledLine]] = defaultdict(list)
    for row in session.rows(select):
        line = SettledLine(statement=row.statement, number=row.number, micros=row.micros)
        found[row.party, row.currency].append(line)
    return found


def _reserved_blindly(_work: Any, recording: Recording) -> None:
    transaction = postings.reserve(recording.payout, at=recording.now)
    recording.add(What.RESERVED, State.RESERVED, transaction=transaction)


def _reserved_without_money(_work: Any, recording: Recording) -> None:
    recording.add(What.RESERVED, State.RESERVED)


def _reserve(new: Any) -> Plant:
    """Another way to reserve, wherever it is done."""
    return both(*(swap(module, "reserve", new) for module in (payout_plan, payout_decisions, payout_advance)))


def _one_payout_a_party(payout: Payout) -> str:
    return derived_id("payout", {"party": payout.party, "currency": payout.currency})


def _with_micros(transaction: Transaction, factor: int, divisor: int) -> Transaction:
    entries = [(entry.account, entry.micros * factor // divisor) for entry in transaction.entries]
    return replace(transaction, entries=entries_of(entries))


def _cents_everywhere(post: Any) -> Any:
    """Every currency is posted as if it had cents."""

    def posted(payout: Payout, *args: Any, **details: Any) -> Transaction:
        transaction: Transaction = post(payout, *args, **details)
        return _with_micros(transaction, 1, 100) if payout.currency == "JPY" else transaction

    return posted


def _to(party: str | None, currency: str | None = None) -> Any:
    """Postings that go to another party, or in another currency."""

    def make(post: Any) -> Any:
        def posted(payout: Payout, *args: Any, **details: Any) -> Transaction:
            transaction: Transaction = post(payout, *args, **details)
            entries = [(_moved(entry.account, party, currency), entry.micros) for entry in transaction.entries]
            return replace(transaction, entries=entries_of(entries))

        return posted

    return make


def _moved(account: Account, party: str | None, currency: str | None) -> Account:
    if party is not None and account.kind.value == "party_payable":
        account = replace(account, party=party)
    return account if currency is None else replace(account, currency=currency)


def _cash_forgotten(done: Any) -> Any:
    """The way back is recorded, and nothing posted."""

    def recorded(recording: Recording, attempt: Any, seen: Any) -> None:
        if attempt.forward:
            done(recording, attempt, seen)
        else:
            recording.add(What.DONE, attempt=attempt, provider_id=seen.id)

    return recorded


def _one_is_enough(_limits: Limits, _money: Any) -> int:
    return 1


def _approved_by_whoever_planned(plan: Any) -> Any:
    def planned(payee: Payee, way: Any, limits: Limits, *, by: str) -> Any:
        found = plan(payee, way, limits, by=by)
        return replace(found, approvals=1) if isinstance(found, Payout) else found

    return planned


def _carried_twice(carried: Any) -> Any:
    def found(session: Any, parties: Any) -> Any:
        doubled: dict[Any, int] = defaultdict(int)
        for who, micros in carried(session, parties).items():
            doubled[who] = micros + 1_000_000
        return doubled

    return found


def _of_the_first_party(instruction_of: Any) -> Any:
    """The account of whoever was asked for first."""
    first: dict[str, str] = {}

    def instruction(found: Any, attempt: Any) -> Any:
        made = instruction_of(found, attempt)
        account = first.setdefault("account", made.account)
        return replace(made, account=account)

    return instruction


BUGS = (
    Bug(name="what is due forgets what was paid since", plant=swap(Payee, "due_micros", property(_stated_alone))),
    Bug(name="lines are settled that others settle", plant=swap(payouts_due, "_unsettled", _all_lines)),
    Bug(name="what is carried on grows", plant=around(payouts_due, "_carried", _carried_twice)),
    Bug(name="reserved without a look at what is owed", plant=_reserve(_reserved_blindly)),
    Bug(name="reserved without taking it off", plant=_reserve(_reserved_without_money)),
    Bug(name="a party has one payout for ever", plant=swap(Payout, "id", property(_one_payout_a_party))),
    Bug(name="yen are reserved as cents", plant=around(postings, "reserve", _cents_everywhere)),
    Bug(name="yen leave us as cents", plant=around(postings, "sent", _cents_everywhere)),
    Bug(name="what comes back is owed to somebody else", plant=around(postings, "returned", _to("desk"))),
    Bug(name="cash leaves in dollars", plant=around(postings, "sent", _to(None, "USD"))),
    Bug(name="cash that came back isn't posted", plant=around(transitions, "_done", _cash_forgotten)),
    Bug(name="one person is enough for any amount", plant=swap(Limits, "approvals", _one_is_enough)),
    Bug(name="who plans has approved", plant=around(payout_plan, "plan", _approved_by_whoever_planned)),
    Bug(name="paid to the account of the first", plant=around(payout_advance, "_instruction", _of_the_first_party)),
)
