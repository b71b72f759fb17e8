"""Disputes: parts are written first, then the row that seals them; steps, holds and settlements are facts too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.dispute_rows import DISPUTES, HOLDS, SETTLEMENTS, STEPS
from provenance.adapters.sql.session import Session, batches
from provenance.kernel.errors import Conflict
from provenance.royalties.accrual import Outcome
from provenance.royalties.dispute import Dispute, Step
from provenance.royalties.dispute_money import DisputeHold, Settlement
from provenance.services.records import Page, Recorded

_DISPUTE, _PART, _STEP = tables.dispute, tables.dispute_part, tables.dispute_step
_HOLD, _HELD = tables.dispute_hold, tables.dispute_held
_SETTLEMENT, _SETTLED = tables.dispute_settlement, tables.dispute_settled
_CLOSED = sa.exists().where(_STEP.c.dispute == _DISPUTE.c.id, _STEP.c.returned_basis_points.is_not(None))
# Asked with every generation, and nearly always in vain: the ids first, by a statement that is built once.
_OPEN_OF = sa.select(_DISPUTE.c.id).where(_DISPUTE.c.work.in_(sa.bindparam("works", expanding=True)), ~_CLOSED)


class SqlDisputes:
    """Implements the port `DisputeStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, dispute: Dispute, at: datetime) -> None:
        """Record a dispute. `Conflict` where the party disputed the same before."""
        if self.get(dispute.id) is not None:
            raise Conflict("This was disputed before.", mend="Look at its steps.", dispute=dispute.id)
        parts = [
            {"dispute": dispute.id, "party": party, "basis_points": dispute.parts[party]}
            for party in sorted(dispute.parts)
        ]
        self._session.insert(_PART, parts)
        clocks = dispute.clocks
        self._record(
            _DISPUTE,
            dispute,
            at,
            disputant=dispute.disputant,
            work=dispute.work,
            claims=dispute.claims,
            generation=dispute.generation,
            in_favour_of=dispute.in_favour_of,
            reason=dispute.reason,
            held_from=dispute.held_from,
            in_time_days=clocks.in_time_days,
            response_days=clocks.response_days,
            final_days=clocks.final_days,
            raise_days_max=clocks.raise_days_max,
        )

    def get(self, dispute: str) -> Recorded[Dispute] | None:
        """The dispute of this id."""
        return DISPUTES.one(self._session, _DISPUTE.c.id == dispute)

    def page(self, *, after: int = 0, limit: int, party: str | None = None) -> Page[Recorded[Dispute]]:
        """Disputes in the order of recording: all, or those that a party raised or that are about its part."""
        about = sa.exists().where(_PART.c.dispute == _DISPUTE.c.id, _PART.c.party == party)
        where = [] if party is None else [(_DISPUTE.c.disputant == party) | about]
        return DISPUTES.page(self._session, *where, after=after, limit=limit)

    def open_of(self, works: Set[str]) -> Sequence[Recorded[Dispute]]:
        """Disputes about these works that aren't closed, oldest first."""
        found = [row.id for batch in batches(sorted(works)) for row in self._session.rows(_OPEN_OF, {"works": batch})]
        return sorted(DISPUTES.among(self._session, "id", found), key=lambda r: r.seq) if found else ()

    def open(self, *, after: int = 0, limit: int) -> Page[Recorded[Dispute]]:
        """All disputes that aren't closed, oldest first."""
        return DISPUTES.page(self._session, ~_CLOSED, after=after, limit=limit)

    def add_step(self, step: Step, at: datetime) -> None:
        """Record a step. `Conflict` where it isn't the next one, or the dispute is closed."""
        self._record(
            _STEP,
            step,
            at,
            dispute=step.dispute,
            number=step.number,
            action=step.action.value,
            taken_by=step.by,
            reason=step.reason,
            returned_basis_points=step.returned_basis_points,
        )

    def steps(self, dispute: str) -> Sequence[Recorded[Step]]:
        """The steps of a dispute, oldest first."""
        return STEPS.all(self._session, _STEP.c.dispute == dispute)

    def add_hold(self, hold: DisputeHold, at: datetime) -> None:
        """Record what is held of a generation. `Conflict` where the dispute holds of it already."""
        parts = [
            {"hold": hold.id, "party": p.party, "currency": p.money.currency, "micros": p.money.micros}
            for p in hold.parts
        ]
        self._session.insert(_HELD, parts)
        self._record(_HOLD, hold, at, dispute=hold.dispute, generation=hold.generation, transaction_id=hold.transaction)

    def holds(self, dispute: str) -> Sequence[Recorded[DisputeHold]]:
        """What a dispute holds, or held, oldest first."""
        return HOLDS.all(self._session, _HOLD.c.dispute == dispute)

    def held_of(self, generation: str, work: str) -> Mapping[str, int]:
        """Micro-units by party that open disputes hold of a work's use in a generation."""
        rows = self._session.rows(
            sa.select(_HELD.c.party, _HELD.c.micros)
            .join_from(_HELD, _HOLD, _HOLD.c.id == _HELD.c.hold)
            .join(_DISPUTE, _DISPUTE.c.id == _HOLD.c.dispute)
            .where(_HOLD.c.generation == generation, _DISPUTE.c.work == work, ~_CLOSED)
        )
        sums: dict[str, int] = defaultdict(int)
        for row in rows:
            sums[row.party] += row.micros
        return dict(sums)

    def add_settlement(self, settlement: Settlement, at: datetime) -> None:
        """Record where a hold went. `Conflict` where it was settled before."""
        parts = [
            {
                "settlement": settlement.id,
                "party": p.party,
                "currency": p.released.currency,
                "released_micros": p.released.micros,
                "returned_micros": p.returned.micros,
            }
            for p in settlement.parts
        ]
        self._session.insert(_SETTLED, parts)
        self._record(
            _SETTLEMENT,
            settlement,
            at,
            dispute=settlement.dispute,
            hold=settlement.hold,
            transaction_id=settlement.transaction,
        )

    def settlements(self, dispute: str) -> Sequence[Recorded[Settlement]]:
        """How a dispute's holds were settled, oldest first."""
        return SETTLEMENTS.all(self._session, _SETTLEMENT.c.dispute == dispute)

    def uses_since(self, work: str, claims: str, since: datetime) -> Sequence[str]:
        """Generations recorded from ``since`` on that paid for a use of the work under these claims, oldest first."""
        use, generation = tables.work_use, tables.generation
        rows = self._session.rows(
            sa.select(generation.c.id)
            .join_from(generation, use, use.c.generation == generation.c.id)
            .where(generation.c.recorded_at >= since)
            .where(use.c.work == work, use.c.claims == claims, use.c.outcome == Outcome.PAID.value)
            .order_by(generation.c.seq)
        )
        return [row.id for row in rows]

    def _record(
        self, table: sa.Table, fact: Dispute | Step | DisputeHold | Settlement, at: datetime, **values: Any
    ) -> None:
        seal = {"seq": self._session.record(fact, at), "id": fact.id, **values, "recorded_at": at}
        self._session.insert(table, [seal])
