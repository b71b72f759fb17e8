"""Payouts and what belongs to them, put together from their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session, batches
from provenance.payouts.approval import Approval
from provenance.payouts.due import Skipped, Why
from provenance.payouts.event import Event, State, What
from provenance.payouts.leg import Attempt, legs_from
from provenance.payouts.payout import Payout, SettledLine

_LINE, _STATEMENT = tables.payout_line, tables.statement
# In the order of the statements, as they were planned. Built once: every step of a payout asks it.
_LINES = (
    sa.select(_LINE)
    .join(_STATEMENT, _STATEMENT.c.id == _LINE.c.statement)
    .where(_LINE.c.payout.in_(sa.bindparam("payouts", expanding=True)))
    .order_by(_STATEMENT.c.seq, _LINE.c.number)
)


def _payouts(session: Session, rows: Sequence[Row]) -> list[Payout]:
    lines: dict[str, list[SettledLine]] = defaultdict(list)
    for batch in batches([row.id for row in rows]):
        for row in session.rows(_LINES, {"payouts": batch}):
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
