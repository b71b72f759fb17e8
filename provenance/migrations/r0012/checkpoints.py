"""The checkpoints that were signed."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME


def create_tables() -> None:
    """``log_checkpoint``."""
    op.create_table(
        "log_checkpoint",
        sa.Column("size", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("root", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("signed_at", TIME, nullable=False),
        sa.CheckConstraint("length(root) = 64", name="root"),
        sqlite_strict=True,
    )
