"""Columns that repeat what a fact's form says, so that the database can check and sum: whether they still say the same.

And numbers of rows among their likes, of which only the order is in the form: whether they count from 0 without a gap.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import sqlalchemy as sa

from provenance.adapters.sql.session import Session
from provenance.adapters.sql.statements import statement_row
from provenance.adapters.sql.tables import (
    accrual,
    attribution,
    ledger_entry,
    match,
    part,
    period_close,
    released,
    statement,
    work_use,
)
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.form import statement_from

_ROWS_READ = 500
_OWNERS: tuple[tuple[sa.Table, tuple[str, ...]], ...] = (
    (part, ("generation",)),
    (attribution, ("generation",)),
    (match, ("generation", "attribution")),
    (work_use, ("generation",)),
    (accrual, ("generation", "work_use")),
    (released, ("review",)),
    (ledger_entry, ("transaction_id",)),
)


def copied_columns(session: Session) -> Iterator[str]:
    """What is wrong, a line for each row or table."""
    for table, owner in _OWNERS:
        if session.first(_gap(table, owner), {}) is not None:
            yield f"rows of {table.name} don't count from 0 without a gap"
    after = 0
    while rows := session.rows(_statements(), {"after": after}):
        for row in rows:
            expected = statement_row(statement_from(json.loads(row.form)), row.seq, row.recorded_at)
            if expected != {name: getattr(row, name) for name in expected}:
                yield f"statement {row.id} has columns that its form doesn't have"
        after = rows[-1].seq
    for row in session.rows(sa.select(period_close.c.period, period_close.c.since, period_close.c.until)):
        period = parse_accounting_period(row.period)
        if (row.since, row.until) != (period.since, period.until):
            yield f"period_close {row.period} has other bounds than its name"


@cache
def _statements() -> sa.Select[tuple[object, ...]]:
    later = statement.c.seq > sa.bindparam("after")
    return sa.select(statement).where(later).order_by(statement.c.seq).limit(_ROWS_READ)


@cache
def _gap(table: sa.Table, owner: tuple[str, ...]) -> sa.Select[tuple[object, ...]]:
    number, columns = table.c.number, [table.c[name] for name in owner]
    wrong = sa.or_(sa.func.min(number) != 0, sa.func.max(number) != sa.func.count() - 1)
    return sa.select(*columns).group_by(*columns).having(wrong).limit(1)
