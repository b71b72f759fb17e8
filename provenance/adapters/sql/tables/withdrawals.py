"""Works that were withdrawn."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import leaf_seq, recorded_at, table, text

withdrawal = table(
    "withdrawal",
    leaf_seq(),
    text("id"),
    text("work", sa.ForeignKey("work.id")),
    text("withdrawn_by", sa.ForeignKey("party.id")),
    text("reason"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("work"),
)
