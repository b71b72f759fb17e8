"""Payouts. Lines come before the payout that seals them; what happened to it comes after, one event after the other."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import (
    BigInteger,
    Text,
    UtcTime,
    leaf_seq,
    micros,
    number,
    recorded_at,
    sealed_by,
    table,
    text,
)

payout = table(
    "payout",
    leaf_seq(),
    text("id"),
    text("party", sa.ForeignKey("party.id")),
    text("currency"),
    number("number"),
    text("statement", sa.ForeignKey("statement.id")),
    micros("carried_in_micros"),
    sa.Column("minor_units", BigInteger, nullable=False),
    micros("micros"),
    text("provider"),
    text("account", sa.ForeignKey("payee_account.id")),
    text("legs"),
    number("approvals"),
    text("planned_by", sa.ForeignKey("party.id")),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("party", "currency", "number"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("minor_units > 0 AND micros >= minor_units", name="amount"),
    sa.CheckConstraint("approvals BETWEEN 1 AND 2", name="approvals"),
    sa.Index(None, "recorded_at"),
)

payout_line = table(
    "payout_line",
    text("payout", sealed_by("payout.id")),
    text("statement"),
    number("number"),
    micros("micros"),
    sa.PrimaryKeyConstraint("payout", "statement", "number"),
    sa.ForeignKeyConstraint(["statement", "number"], ["statement_line.statement", "statement_line.number"]),
    sa.Index(None, "statement", "number"),
)

# Why a party wasn't paid though it had something due, or a debt: each reason once a statement.
payout_refusal = table(
    "payout_refusal",
    leaf_seq(),
    text("id"),
    text("party", sa.ForeignKey("party.id")),
    text("currency"),
    text("statement", sa.ForeignKey("statement.id")),
    text("why"),
    micros("due_micros"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("party", "currency", "statement", "why"),
    sa.CheckConstraint("due_micros >= 0", name="due"),
    sa.Index(None, "recorded_at"),
)

payout_approval = table(
    "payout_approval",
    leaf_seq(),
    text("id"),
    text("payout", sa.ForeignKey("payout.id")),
    text("approved_by", sa.ForeignKey("party.id")),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("payout", "approved_by"),
    sa.Index(None, "recorded_at"),
)

payout_attempt = table(
    "payout_attempt",
    leaf_seq(),
    text("id"),
    text("payout", sa.ForeignKey("payout.id")),
    text("leg"),
    number("ordinal"),
    text("undoes", null=True),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.CheckConstraint("ordinal >= 1", name="ordinal"),
    sa.Index(None, "payout"),
    sa.Index(None, "recorded_at"),
)

payout_event = table(
    "payout_event",
    leaf_seq(),
    text("id"),
    text("payout", sa.ForeignKey("payout.id")),
    number("number"),
    text("what"),
    text("state"),
    text("attempt", sa.ForeignKey("payout_attempt.id"), null=True),
    text("provider_id", null=True),
    text("code"),
    text("transaction_id", sa.ForeignKey("ledger_transaction.id"), null=True),
    text("said_by", sa.ForeignKey("party.id"), null=True),
    text("reason"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("payout", "number"),
    sa.UniqueConstraint("transaction_id"),
    sa.CheckConstraint(
        "what IN ('approved', 'reserved', 'begun', 'unknown', 'refused', 'declined', 'absent', 'accepted', 'done', "
        "'bounced', 'failed', 'written_off', 'returned', 'cancelled', 'differs', 'retried')",
        name="what",
    ),
    sa.CheckConstraint(
        "state IN ('planned', 'approved', 'reserved', 'sent', 'confirmed', 'settled', 'failed', 'returned', "
        "'cancelled')",
        name="state",
    ),
    sa.Index(None, "provider_id"),
    sa.Index(None, "recorded_at"),
)

# What providers report, as it came in: no fact of ours, and no leaf. What it says is fetched again, never believed.
webhook_event = table(
    "webhook_event",
    sa.Column("seq", BigInteger, primary_key=True, autoincrement=False),
    text("provider"),
    text("id"),
    text("type"),
    text("about"),
    text("object"),
    text("account", null=True),
    text("currency", null=True),
    sa.Column("minor_units", BigInteger),
    text("key", null=True),
    text("payload_sha256"),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.UniqueConstraint("provider", "id"),
    sa.CheckConstraint("length(payload_sha256) = 64", name="sha256"),
)

webhook_outcome = table(
    "webhook_outcome",
    sa.Column("event", BigInteger, sa.ForeignKey("webhook_event.seq"), primary_key=True, autoincrement=False),
    sa.Column("outcome", Text, nullable=False),
    text("payout", sa.ForeignKey("payout.id"), null=True),
    sa.Column("processed_at", UtcTime, nullable=False),
)
