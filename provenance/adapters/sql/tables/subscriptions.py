"""Subscription money, one row a service, period and currency; ``until`` follows from the period, and is compared."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import UtcTime, leaf_seq, micros, recorded_at, table, text

subscription = table(
    "subscription",
    leaf_seq(),
    text("id"),
    text("service", sa.ForeignKey("party.id")),
    text("period"),
    sa.Column("until", UtcTime, nullable=False),
    text("currency"),
    micros("micros"),
    text("transaction_id", sa.ForeignKey("ledger_transaction.id")),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("service", "period", "currency"),
    sa.UniqueConstraint("transaction_id"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("micros > 0", name="micros"),
    sa.Index(None, "until"),
    sa.Index(None, "recorded_at"),
)
