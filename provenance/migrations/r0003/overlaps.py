"""Overlaps, and which revisions were compared."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME


def create_tables() -> None:
    """``overlap``, ``comparison``."""
    ppm = "BETWEEN 0 AND 1000000"
    op.create_table(
        "overlap",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        *_side("later"),
        *_side("earlier"),
        sa.Column("first", TEXT, nullable=False),
        sa.Column("passages", TEXT, nullable=False),
        sa.Column("passages_found", sa.Integer, nullable=False),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("encoder", TEXT, nullable=False),
        sa.Column("snapshot", TEXT, sa.ForeignKey("snapshot.digest"), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("later_revision", "earlier_revision"),
        sa.CheckConstraint("later_work <> earlier_work AND first IN (later_work, earlier_work)", name="works"),
        sa.CheckConstraint("later_shared_chars > 0 AND earlier_shared_chars > 0", name="shared"),
        sa.CheckConstraint(f"later_covered_ppm {ppm} AND earlier_covered_ppm {ppm}", name="covered"),
        sa.CheckConstraint("passages_found >= 1", name="passages_found"),
        sqlite_strict=True,
    )
    for work in ("later_work", "earlier_work"):
        op.create_index(f"ix_overlap_{work}_seq", "overlap", [work, "seq"])
    op.create_table(
        "comparison",
        sa.Column("revision", TEXT, sa.ForeignKey("revision.id"), primary_key=True),
        sa.Column("snapshot", TEXT, sa.ForeignKey("snapshot.digest"), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sqlite_strict=True,
    )


def _side(name: str) -> tuple[sa.Column[str] | sa.Column[int], ...]:
    return (
        sa.Column(f"{name}_work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column(f"{name}_revision", TEXT, sa.ForeignKey("revision.id"), nullable=False),
        sa.Column(f"{name}_held_from", TEXT, sa.ForeignKey("revision.id"), nullable=False),
        sa.Column(f"{name}_shared_chars", sa.Integer, nullable=False),
        sa.Column(f"{name}_covered_ppm", sa.Integer, nullable=False),
    )
