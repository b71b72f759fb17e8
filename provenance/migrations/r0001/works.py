"""Works, revisions with text and vectors, claims and licences."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, DAY, TEXT, TIME, sealed_by


def create_tables() -> None:
    """``work``, ``revision``, ``content``, ``revision_vectors``, ``claims``, ``claim_part``, ``licence``."""
    _works()
    _contents()
    _claims()
    _licences()


def _works() -> None:
    op.create_table(
        "work",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("registrant", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("registrant", "source_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "revision",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text_sha256", TEXT, nullable=False),
        sa.Column("iscc", TEXT, nullable=False),
        sa.Column("chars", sa.Integer, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("work", "number"),
        sa.CheckConstraint("number >= 1", name="number"),
        sa.CheckConstraint("chars >= 0", name="chars"),
        sqlite_strict=True,
    )
    op.create_index("ix_revision_text_sha256", "revision", ["text_sha256"])


def _contents() -> None:
    op.create_table(
        "content",
        sa.Column("revision", TEXT, sa.ForeignKey("revision.id"), primary_key=True),
        sa.Column("text", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "revision_vectors",
        sa.Column("revision", TEXT, sa.ForeignKey("revision.id"), primary_key=True),
        sa.Column("encoder", TEXT, primary_key=True),
        sa.Column("dimensions", sa.Integer, nullable=False),
        sa.Column("segments", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("dimensions >= 1 AND segments >= 0", name="shape"),
        sa.CheckConstraint("length(data) = 2 * dimensions * segments", name="size"),
        sqlite_strict=True,
    )


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_claims_work_seq", "claims", ["work", "seq"])
    op.create_table(
        "claim_part",
        sa.Column("claims", TEXT, sealed_by("claims.id"), primary_key=True),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), primary_key=True),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
        sqlite_strict=True,
    )
    op.create_index("ix_claim_part_party", "claim_part", ["party"])


def _licences() -> None:
    op.create_table(
        "licence",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("terms", TEXT, nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("valid_until", DAY),
        sa.Column("territory", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("work", "number"),
        sa.CheckConstraint("number >= 1", name="number"),
        sa.CheckConstraint("valid_until >= valid_from", name="days"),
        sqlite_strict=True,
    )
