"""Accounts that parties are paid to, and what providers say of them."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME


def create_tables() -> None:
    """``payee_account`` and ``payee_account_state``."""
    op.create_table(
        "payee_account",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("provider", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("party", "provider", "number"),
        sa.CheckConstraint("number >= 1", name="number"),
        sqlite_strict=True,
    )
    op.create_index("ix_payee_account_provider_account", "payee_account", ["provider", "account"])
    op.create_index("ix_payee_account_recorded_at", "payee_account", ["recorded_at"])
    op.create_table(
        "payee_account_state",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("account", TEXT, sa.ForeignKey("payee_account.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("readiness", TEXT, nullable=False),
        sa.Column("due", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("account", "number"),
        sa.CheckConstraint("readiness IN ('ready', 'incomplete', 'pending', 'dead')", name="readiness"),
        sqlite_strict=True,
    )
    op.create_index("ix_payee_account_state_recorded_at", "payee_account_state", ["recorded_at"])
