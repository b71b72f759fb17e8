"""The checkpoints that were signed, and how the facts of a work or a worker are found."""

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


def create_indexes() -> None:
    """Where an auditor looks for generations: by a work that they derive from, by a worker that made a part."""
    op.create_index("ix_attribution_work", "attribution", ["work"])
    op.create_index("ix_part_worker", "part", ["worker"])
