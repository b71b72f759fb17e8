"""Accounts that parties are paid to, and what providers say of them."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import leaf_seq, number, recorded_at, table, text

payee_account = table(
    "payee_account",
    leaf_seq(),
    text("id"),
    text("party", sa.ForeignKey("party.id")),
    text("provider"),
    text("account"),
    number("number"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("party", "provider", "number"),
    sa.CheckConstraint("number >= 1", name="number"),
    sa.Index(None, "provider", "account"),
    sa.Index(None, "recorded_at"),
)

payee_account_state = table(
    "payee_account_state",
    leaf_seq(),
    text("id"),
    text("account", sa.ForeignKey("payee_account.id")),
    number("number"),
    text("readiness"),
    text("due"),
    text("code"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("account", "number"),
    sa.CheckConstraint("readiness IN ('ready', 'incomplete', 'pending', 'dead')", name="readiness"),
    sa.Index(None, "recorded_at"),
)
