"""What became of uses that were held for review, and what was released of them to whom."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME, sealed_by


def create_tables() -> None:
    """``review``, ``released``."""
    op.create_table(
        "review",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("generation", TEXT, sa.ForeignKey("generation.id"), nullable=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("resolution", TEXT, nullable=False),
        sa.Column("decided_by", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("transaction_id", TEXT, sa.ForeignKey("ledger_transaction.id"), nullable=True),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("generation", "work"),
        sa.UniqueConstraint("transaction_id"),
        sa.ForeignKeyConstraint(["generation", "work"], ["work_use.generation", "work_use.work"]),
        sa.CheckConstraint("resolution IN ('release', 'decline')", name="resolution"),
        sqlite_strict=True,
    )
    op.create_index("ix_review_recorded_at", "review", ["recorded_at"])
    op.create_table(
        "released",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("review", TEXT, sealed_by("review.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.UniqueConstraint("review", "number"),
        sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint("micros >= 0", name="micros"),
        sqlite_strict=True,
    )
    op.create_index("ix_released_party_seq", "released", ["party", "seq"])
    op.create_index("ix_work_use_outcome", "work_use", ["outcome"])
