"""Works that were withdrawn: a row each."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME


def create_tables() -> None:
    """``withdrawal``."""
    op.create_table(
        "withdrawal",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("withdrawn_by", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("work"),
        sqlite_strict=True,
    )
