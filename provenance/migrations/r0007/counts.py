"""Uses that are counted, so that the next one knows what came before; and exchange rates."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, DAY, TEXT, TIME, sealed_by


def create_tables() -> None:
    """``use_count``, ``fx_rate``."""
    op.create_table(
        "use_count",
        sa.Column("line", TEXT, primary_key=True),
        sa.Column("period_from", DAY, primary_key=True),
        sa.Column("uses_before", BIG, primary_key=True, autoincrement=False),
        sa.Column("earned_before", BIG, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.Column("counts", TEXT, nullable=False),
        sa.Column("generation", TEXT, sealed_by("generation.id"), nullable=False),
        sa.Column("work_use", sa.Integer, nullable=False),
        sa.UniqueConstraint("generation", "work_use", "counts"),
        sa.ForeignKeyConstraint(["generation", "work_use"], ["work_use.generation", "work_use.number"]),
        sa.CheckConstraint("counts IN ('uses', 'splits')", name="counts"),
        sa.CheckConstraint("uses_before >= 0 AND earned_before >= 0 AND micros >= 0", name="amounts"),
        sqlite_strict=True,
    )
    op.create_table(
        "fx_rate",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("base", TEXT, nullable=False),
        sa.Column("quote", TEXT, nullable=False),
        sa.Column("numerator", BIG, nullable=False),
        sa.Column("denominator", BIG, nullable=False),
        sa.Column("on_day", DAY, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.CheckConstraint("length(base) = 3 AND length(quote) = 3 AND base <> quote", name="currencies"),
        sa.CheckConstraint("numerator > 0 AND denominator > 0", name="ratio"),
        sqlite_strict=True,
    )
    op.create_index("ix_fx_rate_base_quote_on_day", "fx_rate", ["base", "quote", "on_day"])
