"""The log's leaves, snapshots and publications."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME


def create_tables() -> None:
    """``leaf``, ``snapshot``, ``publication``."""
    op.create_table(
        "leaf",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("fact", TEXT, nullable=False),
        sa.Column("fact_sha256", TEXT, nullable=False),
        sa.UniqueConstraint("kind", "fact"),
        sa.CheckConstraint("length(fact_sha256) = 64", name="sha256"),
        sqlite_strict=True,
    )
    op.create_table(
        "snapshot",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("encoder", TEXT, nullable=False),
        sa.Column("works", sa.Integer, nullable=False),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("digest"),
        sa.CheckConstraint("works >= 0 AND segments >= 0", name="size"),
        sqlite_strict=True,
    )
    op.create_table(
        "publication",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("snapshot", TEXT, sa.ForeignKey("snapshot.digest"), nullable=False),
        sa.Column("index_state", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sqlite_strict=True,
    )
