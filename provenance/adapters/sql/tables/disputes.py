"""Disputes. Parts come before the row that seals them: of a dispute, of a hold, of a settlement."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import (
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

dispute = table(
    "dispute",
    leaf_seq(),
    text("id"),
    text("disputant", sa.ForeignKey("party.id")),
    text("work", sa.ForeignKey("work.id")),
    text("claims", sa.ForeignKey("claims.id")),
    text("generation", sa.ForeignKey("generation.id"), null=True),
    text("in_favour_of", sa.ForeignKey("party.id"), null=True),
    text("reason"),
    sa.Column("held_from", UtcTime, nullable=False),
    number("in_time_days"),
    number("response_days"),
    number("final_days"),
    number("raise_days_max"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.CheckConstraint("held_from <= recorded_at", name="held_from"),
    sa.CheckConstraint(
        "in_time_days > 0 AND response_days > 0 AND final_days > 0 AND raise_days_max > 0", name="clocks"
    ),
    sa.Index(None, "work"),
    sa.Index(None, "recorded_at"),
)

dispute_part = table(
    "dispute_part",
    sa.Column("dispute", Text, sealed_by("dispute.id"), primary_key=True),
    sa.Column("party", Text, sa.ForeignKey("party.id"), primary_key=True),
    number("basis_points"),
    sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
    sa.Index(None, "party"),
)

dispute_step = table(
    "dispute_step",
    leaf_seq(),
    text("id"),
    text("dispute", sa.ForeignKey("dispute.id")),
    number("number"),
    text("action"),
    text("taken_by", sa.ForeignKey("party.id"), null=True),
    text("reason"),
    sa.Column("returned_basis_points", sa.Integer),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("dispute", "number"),
    sa.CheckConstraint(
        "action IN ('concede', 'reject', 'appeal', 'insist', 'withdraw', 'decide', 'lapse')", name="action"
    ),
    sa.CheckConstraint("(taken_by IS NULL) = (action = 'lapse')", name="taken_by"),
    sa.CheckConstraint("returned_basis_points BETWEEN 0 AND 10000", name="returned"),
    sa.Index(None, "recorded_at"),
)

dispute_hold = table(
    "dispute_hold",
    leaf_seq(),
    text("id"),
    text("dispute", sa.ForeignKey("dispute.id")),
    text("generation", sa.ForeignKey("generation.id")),
    text("transaction_id", sa.ForeignKey("ledger_transaction.id")),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("dispute", "generation"),
    sa.UniqueConstraint("transaction_id"),
    sa.Index(None, "generation"),
    sa.Index(None, "recorded_at"),
)

dispute_held = table(
    "dispute_held",
    sa.Column("hold", Text, sealed_by("dispute_hold.id"), primary_key=True),
    sa.Column("party", Text, sa.ForeignKey("party.id"), primary_key=True),
    text("currency"),
    micros("micros"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("micros > 0", name="micros"),
)

dispute_settlement = table(
    "dispute_settlement",
    leaf_seq(),
    text("id"),
    text("dispute", sa.ForeignKey("dispute.id")),
    text("hold", sa.ForeignKey("dispute_hold.id")),
    text("transaction_id", sa.ForeignKey("ledger_transaction.id")),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("hold"),
    sa.UniqueConstraint("transaction_id"),
    sa.Index(None, "recorded_at"),
)

dispute_settled = table(
    "dispute_settled",
    sa.Column("settlement", Text, sealed_by("dispute_settlement.id"), primary_key=True),
    sa.Column("party", Text, sa.ForeignKey("party.id"), primary_key=True),
    text("currency"),
    micros("released_micros"),
    micros("returned_micros"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("released_micros >= 0 AND returned_micros >= 0", name="micros"),
)
