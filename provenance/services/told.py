"""What parties are told of each kind of fact: ids, amounts and days. The rest is had from the API."""

from __future__ import annotations

from datetime import datetime

from provenance.kernel.money import format_micros
from provenance.payouts.event import Event as PayoutEvent
from provenance.payouts.event import State, What
from provenance.payouts.payout import Payout
from provenance.services.records import GenerationRecord
from provenance.statements.statement import Statement
from provenance.webhooks.event import Event, EventType

# The states at which a payout's party is told something.
_TOLD = {
    (What.DONE, State.SETTLED): EventType.PAYOUT_PAID,
    (What.RETURNED, State.RETURNED): EventType.PAYOUT_FAILED,
}


def of_generation(record: GenerationRecord, at: datetime) -> Event:
    """A generation was attributed and booked: its service is told."""
    generation = record.generation
    return Event(
        type=EventType.GENERATION_RECORDED,
        party=generation.service,
        subject=generation.id,
        at=at,
        data={
            "generation": generation.id,
            "external_id": generation.external_id,
            "works": len({a.work for a in record.shares.attributions}),
            "transaction": record.transaction,
        },
    )


def of_statement(statement: Statement, at: datetime) -> Event:
    """A statement was issued: its party is told."""
    return Event(
        type=EventType.STATEMENT_ISSUED,
        party=statement.party,
        subject=statement.id,
        at=at,
        data={
            "statement": statement.id,
            "period": statement.period.name,
            "currency": statement.currency,
            "closing": format_micros(statement.closing.micros),
            "payable": format_micros(statement.payable_micros),
        },
    )


def of_payout(payout: Payout, event: PayoutEvent) -> Event | None:
    """What the party of a payout is told of an event: that it has arrived, or is owed again; None of all others.

    Each of these states is come to by one kind of event; others leave it as it is, and tell nothing.
    """
    kind = _TOLD.get((event.what, event.state))
    if kind is None:
        return None
    return Event(
        type=kind,
        party=payout.party,
        subject=payout.id,
        at=event.at,
        occasion=str(event.number),
        data={
            "payout": payout.id,
            "statement": payout.statement,
            "currency": payout.currency,
            "amount": format_micros(payout.money.micros),
            "code": event.code,
        },
    )
