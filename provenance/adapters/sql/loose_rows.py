"""Rows that the database's own rules wouldn't have let in: they name what isn't there, or stand under another leaf."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sqlalchemy as sa

from provenance.adapters.sql.facts import BY_KIND
from provenance.adapters.sql.session import Session
from provenance.adapters.sql.tables import leaf, ledger_entry, ledger_transaction, metadata

# What names a fact in its own table, where that isn't its id.
_NAMES = {"snapshot": "digest", "period_close": "period", "key_revocation": "api_key"}


def loose_rows(session: Session) -> Iterator[str]:
    """What is wrong, a line for each table and each of its references."""
    for kind, rows in BY_KIND.items():
        if count := session.scalar(_misplaced(kind, rows.table), {}):
            yield f"{count} rows of {rows.table.name} stand under the number of another leaf"
    if count := session.scalar(_misnumbered(), {}):
        yield f"{count} entries have another number than their transaction"
    for table in metadata.sorted_tables:
        for reference in sorted(table.foreign_key_constraints, key=lambda r: str(r.column_keys)):
            if count := session.scalar(_dangling(table, reference), {}):
                yield f"{count} rows of {table.name} name what isn't there, by {', '.join(reference.column_keys)}"


@cache
def _misplaced(kind: str, table: sa.Table) -> sa.Select[int]:
    named = table.c[_NAMES.get(kind, "id")]
    same = (leaf.c.seq == table.c.seq) & (leaf.c.kind == kind) & (leaf.c.fact == named)
    joined = table.outerjoin(leaf, same)
    return sa.select(sa.func.count()).select_from(joined).where(leaf.c.seq.is_(None))


@cache
def _misnumbered() -> sa.Select[int]:
    """Entries carry the number of their transaction, so that balances of the past are read without it."""
    same = ledger_transaction.c.id == ledger_entry.c.transaction_id
    joined = ledger_entry.join(ledger_transaction, same)
    return sa.select(sa.func.count()).select_from(joined).where(ledger_transaction.c.seq != ledger_entry.c.seq)


@cache
def _dangling(table: sa.Table, reference: sa.ForeignKeyConstraint) -> sa.Select[int]:
    other = reference.referred_table.alias()
    pairs = [(key.parent, other.c[key.column.name]) for key in reference.elements]
    joined = table.outerjoin(other, sa.and_(*(mine == theirs for mine, theirs in pairs)))
    named = [mine.is_not(None) for mine, _ in pairs]
    return sa.select(sa.func.count()).select_from(joined).where(*named, pairs[0][1].is_(None))
