"""Payouts and what belongs to them, put together from their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows, one_of, padded
from provenance.adapters.sql.session import Row, Select, Session, batches
from provenance.payouts.approval import Approval
from provenance.payouts.due import Skipped, Why
from provenance.payouts.event import Event, State, What
from provenance.payouts.leg import Attempt, legs_from
from provenance.payouts.payout import Payout, SettledLine


def _payouts(session: Session, rows: Sequence[Row]) -> list[Payout]:
    lines: dict[str, list[SettledLine]] = defaultdict(list)
    for batch in batches([row.id for row in rows]):
        payouts = padded(batch)
        for row in session.rows(_lines(len(payouts)), payouts):
            lines[row.payout].append(SettledLine(statement=row.statement, number=row.number, micros=row.micros))
    return [
        Payout(
            party=row.party,
            currency=row.currency,
            number=row.number,
            statement=row.statement,
            lines=tuple(lines[row.id]),
            carried_in_micros=row.carried_in_micros,
            minor_units=row.minor_units,
            provider=row.provider,
            account=row.account,
            legs=legs_from(row.legs),
            approvals=row.approvals,
            planned_by=row.planned_by,
        )
        for row in rows
    ]


@cache
def _lines(count: int) -> Select:
    """The lines of so many payouts, in the order of the statements, as they were planned."""
    table, statement = tables.payout_line, tables.statement
    select = sa.select(table).join(statement, statement.c.id == table.c.statement)
    return select.where(one_of(table.c.payout, count)).order_by(statement.c.seq, table.c.number)


def _approvals(_: Session, rows: Sequence[Row]) -> list[Approval]:
    return [Approval(payout=row.payout, by=row.approved_by, at=row.recorded_at) for row in rows]


def _attempts(_: Session, rows: Sequence[Row]) -> list[Attempt]:
    return [
        Attempt(payout=row.payout, leg=row.leg, ordinal=row.ordinal, at=row.recorded_at, undoes=row.undoes)
        for row in rows
    ]


def _events(_: Session, rows: Sequence[Row]) -> list[Event]:
    return [
        Event(
            payout=row.payout,
            number=row.number,
            what=What(row.what),
            state=State(row.state),
            at=row.recorded_at,
            attempt=row.attempt,
            provider_id=row.provider_id,
            code=row.code,
            transaction=row.transaction_id,
            by=row.said_by,
            reason=row.reason,
        )
        for row in rows
    ]


def _refusals(_: Session, rows: Sequence[Row]) -> list[Skipped]:
    return [
        Skipped(
            party=row.party,
            currency=row.currency,
            why=Why(row.why),
            due_micros=row.due_micros,
            statement=row.statement,
        )
        for row in rows
    ]


PAYOUTS = FactRows(table=tables.payout, select=sa.select(tables.payout), rebuild=_payouts)
REFUSALS = FactRows(table=tables.payout_refusal, select=sa.select(tables.payout_refusal), rebuild=_refusals)
APPROVALS = FactRows(table=tables.payout_approval, select=sa.select(tables.payout_approval), rebuild=_approvals)
ATTEMPTS = FactRows(table=tables.payout_attempt, select=sa.select(tables.payout_attempt), rebuild=_attempts)
EVENTS = FactRows(table=tables.payout_event, select=sa.select(tables.payout_event), rebuild=_events)
