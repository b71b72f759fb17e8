"""Disputes, steps, holds and settlements put together from their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session, batches
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.dispute import Action, Clocks, Dispute, Step
from provenance.royalties.dispute_money import DisputeHold, HeldPart, SettledPart, Settlement


def _disputes(session: Session, rows: Sequence[Row]) -> list[Dispute]:
    parts = _parts(session, tables.dispute_part, "dispute", rows)
    return [
        Dispute(
            disputant=row.disputant,
            work=row.work,
            claims=row.claims,
            parts={part.party: part.basis_points for part in parts[row.id]},
            reason=row.reason,
            raised_at=row.recorded_at,
            held_from=row.held_from,
            generation=row.generation,
            in_favour_of=row.in_favour_of,
            clocks=Clocks(
                in_time_days=row.in_time_days,
                response_days=row.response_days,
                final_days=row.final_days,
                raise_days_max=row.raise_days_max,
            ),
        )
        for row in rows
    ]


def _steps(_: Session, rows: Sequence[Row]) -> list[Step]:
    return [
        Step(
            dispute=row.dispute,
            number=row.number,
            action=Action(row.action),
            by=row.taken_by,
            reason=row.reason,
            at=row.recorded_at,
            returned_basis_points=row.returned_basis_points,
        )
        for row in rows
    ]


def _holds(session: Session, rows: Sequence[Row]) -> list[DisputeHold]:
    parts = _parts(session, tables.dispute_held, "hold", rows)
    return [
        DisputeHold(
            dispute=row.dispute,
            generation=row.generation,
            parts=tuple(
                HeldPart(party=part.party, money=Money(part.currency, MicroUnits(part.micros)))
                for part in parts[row.id]
            ),
            transaction=row.transaction_id,
        )
        for row in rows
    ]


def _settlements(session: Session, rows: Sequence[Row]) -> list[Settlement]:
    parts = _parts(session, tables.dispute_settled, "settlement", rows)
    return [
        Settlement(
            dispute=row.dispute,
            hold=row.hold,
            parts=tuple(
                SettledPart(
                    party=part.party,
                    released=Money(part.currency, MicroUnits(part.released_micros)),
                    returned=Money(part.currency, MicroUnits(part.returned_micros)),
                )
                for part in parts[row.id]
            ),
            transaction=row.transaction_id,
        )
        for row in rows
    ]


def _parts(session: Session, table: sa.Table, column: str, rows: Sequence[Row]) -> Mapping[str, Sequence[Row]]:
    """Rows that belong to facts, by the fact's id, in the order of the parties."""
    found: dict[str, list[Row]] = defaultdict(list)
    for batch in batches([row.id for row in rows]):
        for part in session.rows(sa.select(table).where(table.c[column].in_(batch)).order_by(table.c.party)):
            found[getattr(part, column)].append(part)
    return found


DISPUTES = FactRows(table=tables.dispute, select=sa.select(tables.dispute), rebuild=_disputes)
STEPS = FactRows(table=tables.dispute_step, select=sa.select(tables.dispute_step), rebuild=_steps)
HOLDS = FactRows(table=tables.dispute_hold, select=sa.select(tables.dispute_hold), rebuild=_holds)
SETTLEMENTS = FactRows(
    table=tables.dispute_settlement, select=sa.select(tables.dispute_settlement), rebuild=_settlements
)
