"""Payouts, payees and reports as plain JSON objects: what the API answers and what ``--json`` prints."""

from __future__ import annotations

from datetime import datetime

from provenance.bank_files.account_text import holder_from
from provenance.kernel.money import MicroUnits, Money, format_micros
from provenance.payouts.due import Skipped
from provenance.payouts.event import Event
from provenance.payouts.next_step import AskPerson, NextStep, Wait
from provenance.payouts.payout import Payout
from provenance.services.amounts import View, money_view
from provenance.services.facts import utc
from provenance.services.payees import PayeeStanding
from provenance.services.payout_advance import Advanced
from provenance.services.payout_explain import Explained
from provenance.services.payout_plan import Planned
from provenance.services.payout_reports import Processed
from provenance.services.payout_standing import Standing
from provenance.services.payout_stores import PayoutLine
from provenance.statements.statement import Statement


def payout_line_view(line: PayoutLine) -> View:
    """A payout in a list."""
    return {**_payout(line.payout), "state": line.state.value, "since": utc(line.since), **_planned_at(line.planned_at)}


def standing_view(found: Standing) -> View:
    """A payout with all that happened to it."""
    since = found.at.last_at or found.history.recorded.recorded_at
    return {
        **_payout(found.payout),
        "state": found.at.state.value,
        "since": utc(since),
        **_planned_at(found.history.recorded.recorded_at),
        "failed": found.at.failed_code or None,
        "differs": found.at.differs,
        "approved_by": [approval.by for approval in found.history.approvals],
        "events": [event_view(event) for event in found.history.events],
    }


def event_view(event: Event) -> View:
    """Something that happened to a payout."""
    return {
        "number": event.number,
        "what": event.what.value,
        "state": event.state.value,
        "attempt": event.attempt,
        "provider_id": event.provider_id,
        "code": event.code or None,
        "transaction": event.transaction,
        "by": event.by,
        "reason": event.reason or None,
        "at": utc(event.at),
    }


def explained_view(found: Explained) -> View:
    """A payout down to the lines that it settles, and what it waits for."""
    payout = found.standing.payout
    return {
        **standing_view(found.standing),
        "settles": format_micros(payout.settles_micros),
        "carried_in": format_micros(payout.carried_in_micros),
        "carried_out": format_micros(payout.carried_out_micros),
        "lines": [line_view(found.statements[line.statement], line.number, payout.currency) for line in payout.lines],
        "next": next_view(found.next, found.mend),
    }


def line_view(statement: Statement, number: int, currency: str) -> View:
    """A line of a statement that a payout settles; what lies under it is asked for by period and number."""
    line = statement.lines[number - 1]
    return {
        "statement": statement.id,
        "period": statement.period.name,
        "line": number,
        "kind": line.kind.value,
        "amount": money_view(Money(currency, MicroUnits(line.micros))),
        "rule": line.explanation.rule,
    }


def next_view(step: NextStep | None, mend: str) -> View | None:
    """What comes next, and what a person does about it."""
    if step is None:
        return None
    return {
        "step": type(step).__name__.lower(),
        "until": utc(step.until) if isinstance(step, Wait) else None,
        "why": step.why if isinstance(step, AskPerson) else None,
        "code": (step.code or None) if isinstance(step, AskPerson) else None,
        "mend": mend or None,
    }


def planned_view(found: Planned) -> View:
    """What was planned, or would be, and who isn't paid and why."""
    return {
        "payouts": [_payout(payout) for payout in found.payouts],
        "skipped": [skipped_view(skipped) for skipped in found.skipped],
    }


def skipped_view(skipped: Skipped) -> View:
    """Why a party isn't paid in a currency."""
    due = money_view(Money(skipped.currency, MicroUnits(max(0, skipped.due_micros))))
    return {"party": skipped.party, "why": skipped.why.value, "due": due}


def advanced_view(advanced: Advanced, mend: str) -> View:
    """Where a payout stands after it was moved on."""
    return {
        "id": advanced.payout,
        "state": advanced.at.state.value,
        "moved": advanced.moved,
        "unanswered": advanced.unanswered or None,
        "next": next_view(advanced.next, mend),
    }


def payee_view(found: PayeeStanding) -> View:
    """How far a party's account is: nothing of a bank, but the provider's own name of it."""
    state = found.state
    return {
        "party": found.party,
        "provider": found.provider,
        "account": _hinted(found.account.account) if found.account else None,
        "readiness": state.readiness.value if state else None,
        "missing": list(state.due) if state else [],
        "code": (state.code or None) if state else None,
        "as_of": utc(state.at) if state else None,
    }


def processed_view(done: Processed) -> View:
    """What was made of a report."""
    reported = done.report.reported
    return {
        "id": reported.id,
        "type": reported.type,
        "object": reported.object,
        "received_at": utc(done.report.received_at),
        "made": done.made.value if done.made else None,
        "payout": done.payout,
    }


def _payout(payout: Payout) -> View:
    return {
        "id": payout.id,
        "party": payout.party,
        "number": payout.number,
        "amount": money_view(payout.money),
        "statement": payout.statement,
        "provider": payout.provider,
        "approvals": payout.approvals,
        "planned_by": payout.planned_by,
    }


def _planned_at(at: datetime) -> View:
    return {"planned_at": utc(at)}


def _hinted(account: str) -> str:
    """Enough of an account to tell it from others, and of a bank's number too little to pay it."""
    if account.startswith("acct_"):
        return account
    return holder_from(account).account.hint() if "=" in account else f"{account[:2]}…{account[-4:]}"
