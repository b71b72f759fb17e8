"""Disputes: what is disputed, step by step, what is held of which generation, and where that went."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME, sealed_by


def create_tables() -> None:
    """``dispute`` with its parts and steps, ``dispute_hold`` and ``dispute_settlement`` with theirs."""
    _create_dispute()
    _create_steps()
    _create_money()


def _fact(*columns: sa.schema.SchemaItem) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        *columns,
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
    )


def _create_dispute() -> None:
    op.create_table(
        "dispute",
        *_fact(
            sa.Column("disputant", TEXT, sa.ForeignKey("party.id"), nullable=False),
            sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
            sa.Column("claims", TEXT, sa.ForeignKey("claims.id"), nullable=False),
            sa.Column("generation", TEXT, sa.ForeignKey("generation.id"), nullable=True),
            sa.Column("in_favour_of", TEXT, sa.ForeignKey("party.id"), nullable=True),
            sa.Column("reason", TEXT, nullable=False),
            sa.Column("held_from", TIME, nullable=False),
            sa.Column("in_time_days", sa.Integer, nullable=False),
            sa.Column("response_days", sa.Integer, nullable=False),
            sa.Column("final_days", sa.Integer, nullable=False),
            sa.Column("raise_days_max", sa.Integer, nullable=False),
        ),
        sa.CheckConstraint("held_from <= recorded_at", name="held_from"),
        sa.CheckConstraint(
            "in_time_days > 0 AND response_days > 0 AND final_days > 0 AND raise_days_max > 0", name="clocks"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_dispute_work", "dispute", ["work"])
    op.create_table(
        "dispute_part",
        sa.Column("dispute", TEXT, sealed_by("dispute.id"), primary_key=True),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), primary_key=True),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
        sqlite_strict=True,
    )
    op.create_index("ix_dispute_part_party", "dispute_part", ["party"])


def _create_steps() -> None:
    op.create_table(
        "dispute_step",
        *_fact(
            sa.Column("dispute", TEXT, sa.ForeignKey("dispute.id"), nullable=False),
            sa.Column("number", sa.Integer, nullable=False),
            sa.Column("action", TEXT, nullable=False),
            sa.Column("taken_by", TEXT, sa.ForeignKey("party.id"), nullable=True),
            sa.Column("reason", TEXT, nullable=False),
            sa.Column("returned_basis_points", sa.Integer, nullable=True),
        ),
        sa.UniqueConstraint("dispute", "number"),
        sa.CheckConstraint(
            "action IN ('concede', 'reject', 'appeal', 'insist', 'withdraw', 'decide', 'lapse')", name="action"
        ),
        sa.CheckConstraint("(taken_by IS NULL) = (action = 'lapse')", name="taken_by"),
        sa.CheckConstraint("returned_basis_points BETWEEN 0 AND 10000", name="returned"),
        sqlite_strict=True,
    )
    op.create_table(
        "dispute_hold",
        *_fact(
            sa.Column("dispute", TEXT, sa.ForeignKey("dispute.id"), nullable=False),
            sa.Column("generation", TEXT, sa.ForeignKey("generation.id"), nullable=False),
            sa.Column("transaction_id", TEXT, sa.ForeignKey("ledger_transaction.id"), nullable=False),
        ),
        sa.UniqueConstraint("dispute", "generation"),
        sa.UniqueConstraint("transaction_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_dispute_hold_generation", "dispute_hold", ["generation"])


def _create_money() -> None:
    op.create_table(
        "dispute_held",
        sa.Column("hold", TEXT, sealed_by("dispute_hold.id"), primary_key=True),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), primary_key=True),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint("micros > 0", name="micros"),
        sqlite_strict=True,
    )
    op.create_table(
        "dispute_settlement",
        *_fact(
            sa.Column("dispute", TEXT, sa.ForeignKey("dispute.id"), nullable=False),
            sa.Column("hold", TEXT, sa.ForeignKey("dispute_hold.id"), nullable=False),
            sa.Column("transaction_id", TEXT, sa.ForeignKey("ledger_transaction.id"), nullable=False),
        ),
        sa.UniqueConstraint("hold"),
        sa.UniqueConstraint("transaction_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "dispute_settled",
        sa.Column("settlement", TEXT, sealed_by("dispute_settlement.id"), primary_key=True),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), primary_key=True),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("released_micros", BIG, nullable=False),
        sa.Column("returned_micros", BIG, nullable=False),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint("released_micros >= 0 AND returned_micros >= 0", name="micros"),
        sqlite_strict=True,
    )
    for table in ("dispute", "dispute_step", "dispute_hold", "dispute_settlement", "fx_rate"):
        op.create_index(f"ix_{table}_recorded_at", table, ["recorded_at"])
