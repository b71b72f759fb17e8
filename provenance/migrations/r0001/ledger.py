"""Accounts, entries and the transactions that seal them."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME, sealed_by


def create_tables() -> None:
    """``ledger_account``, ``ledger_transaction``, ``ledger_entry``."""
    _accounts()
    op.create_table(
        "ledger_transaction",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("business_key", TEXT, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("effective_at", TIME, nullable=False),
        sa.Column("corrects", TEXT, sa.ForeignKey("ledger_transaction.id"), nullable=True),
        sa.Column("payload_digest", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("business_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_ledger_transaction_recorded_at", "ledger_transaction", ["recorded_at"])
    op.create_table(
        "ledger_entry",
        sa.Column("transaction_id", TEXT, sealed_by("ledger_transaction.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.UniqueConstraint("transaction_id", "account"),
        sa.ForeignKeyConstraint(["account", "currency"], ["ledger_account.id", "ledger_account.currency"]),
        sa.CheckConstraint("micros <> 0", name="micros"),
        sqlite_strict=True,
    )
    op.create_index("ix_ledger_entry_account", "ledger_entry", ["account"])


def _accounts() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=True),
        sa.Column("currency", TEXT, nullable=False),
        sa.UniqueConstraint("id", "currency"),
        sa.CheckConstraint("id = kind || '/' || coalesce(party || '/', '') || currency", name="id"),
        sa.CheckConstraint("(party IS NOT NULL) = (kind IN ('service_receivable', 'party_payable'))", name="party"),
        sa.CheckConstraint(
            "kind IN ('service_receivable', 'generation_revenue', 'party_payable', 'unattributed_pool', 'held')",
            name="kind",
        ),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sqlite_strict=True,
    )
