"""Subscription money, what a close did with the unattributed pool, and how advances that were paid are found."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME

_POLICY = "pool_policy IN ('spread_by_usage', 'spread_equally')"
# PostgreSQL sorts text by its locale unless told otherwise.
_TEXT = {"sqlite": "TEXT", "postgresql": 'TEXT COLLATE "C"'}


def create_tables() -> None:
    """``subscription``; a column of ``period_close``, null where the pool was kept; an index of few lines."""
    op.create_table(
        "subscription",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("service", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("period", TEXT, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.Column("transaction_id", TEXT, sa.ForeignKey("ledger_transaction.id"), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("service", "period", "currency"),
        sa.UniqueConstraint("transaction_id"),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint("micros > 0", name="micros"),
        sqlite_strict=True,
    )
    op.create_index("ix_subscription_until", "subscription", ["until"])
    op.create_index("ix_subscription_recorded_at", "subscription", ["recorded_at"])
    connection = op.get_bind()
    column = f"pool_policy {_TEXT[connection.dialect.name]} CONSTRAINT ck_period_close_pool_policy CHECK ({_POLICY})"
    connection.exec_driver_sql(f"ALTER TABLE period_close ADD COLUMN {column}")
    op.execute("CREATE INDEX ix_statement_line_advanced ON statement_line (statement) WHERE kind = 'advanced'")
