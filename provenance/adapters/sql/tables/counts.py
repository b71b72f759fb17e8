"""Uses that are counted, and exchange rates."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import (
    BigInteger,
    Day,
    Text,
    leaf_seq,
    micros,
    number,
    recorded_at,
    sealed_by,
    table,
    text,
)

# What one use counts: as a use of its licence, or as what its claims split. Its own share is ``micros``.
use_count = table(
    "use_count",
    sa.Column("line", Text, primary_key=True),
    sa.Column("period_from", Day, primary_key=True),
    sa.Column("uses_before", BigInteger, primary_key=True, autoincrement=False),
    micros("earned_before"),
    micros("micros"),
    text("counts"),
    text("generation", sealed_by("generation.id")),
    number("work_use"),
    sa.UniqueConstraint("generation", "work_use", "counts"),
    sa.ForeignKeyConstraint(["generation", "work_use"], ["work_use.generation", "work_use.number"]),
    sa.CheckConstraint("counts IN ('uses', 'splits')", name="counts"),
    sa.CheckConstraint("uses_before >= 0 AND earned_before >= 0 AND micros >= 0", name="amounts"),
)

fx_rate = table(
    "fx_rate",
    leaf_seq(),
    text("id"),
    text("base"),
    text("quote"),
    micros("numerator"),
    micros("denominator"),
    sa.Column("on_day", Day, nullable=False),
    text("source"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.CheckConstraint("length(base) = 3 AND length(quote) = 3 AND base <> quote", name="currencies"),
    sa.CheckConstraint("numerator > 0 AND denominator > 0", name="ratio"),
    sa.Index(None, "base", "quote", "on_day"),
    sa.Index(None, "recorded_at"),
)
