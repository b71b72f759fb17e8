"""Works that were withdrawn, and what that leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.kernel.errors import Conflict
from provenance.services.records import Recorded
from provenance.sources.withdrawal import Withdrawal


def add(session: Session, withdrawal: Withdrawal, at: datetime) -> None:
    """Record a withdrawal. The same again does nothing.

    Raises:
        Conflict: the work was withdrawn by another party, or for another reason.
        NotFound: the work or the party isn't recorded.
    """
    found = of(session, withdrawal.work)
    if found is None:
        row = {
            "seq": session.record(withdrawal, at),
            "id": withdrawal.id,
            "work": withdrawal.work,
            "withdrawn_by": withdrawal.withdrawn_by,
            "reason": withdrawal.reason,
            "recorded_at": at,
        }
        session.insert(tables.withdrawal, [row])
    elif found.fact != withdrawal:
        raise Conflict(
            f"The work {withdrawal.work} was withdrawn before, by {found.fact.withdrawn_by} or for another reason.",
            mend="A work is withdrawn once, for good; what was said then stands.",
            work=withdrawal.work,
        )


def of(session: Session, work: str) -> Recorded[Withdrawal] | None:
    """The withdrawal of a work, None where it stands."""
    return WITHDRAWALS.one(session, tables.withdrawal.c.work == work)


def among(session: Session, works: Set[str]) -> Mapping[str, Recorded[Withdrawal]]:
    """Those of the works that were withdrawn."""
    return {r.fact.work: r for r in WITHDRAWALS.among(session, "work", sorted(works))}


def revisions(session: Session, *, before: int | None = None) -> Sequence[str]:
    """All revisions of works that were withdrawn (before a number of the log, if one is given), oldest first."""
    revision, gone = tables.revision, tables.withdrawal
    found = sa.select(revision.c.id).join_from(gone, revision, revision.c.work == gone.c.work)
    if before is not None:
        found = found.where(gone.c.seq < before)
    return [row.id for row in session.rows(found.order_by(revision.c.seq))]


def stands(table: sa.Table) -> sa.ColumnElement[bool]:
    """Whether the work that a row of ``table`` names was not withdrawn."""
    return ~sa.exists().where(tables.withdrawal.c.work == table.c.work)


def _withdrawals(_: Session, rows: Sequence[Row]) -> list[Withdrawal]:
    return [Withdrawal(work=row.work, withdrawn_by=row.withdrawn_by, reason=row.reason) for row in rows]


WITHDRAWALS = FactRows(table=tables.withdrawal, select=sa.select(tables.withdrawal), rebuild=_withdrawals)
