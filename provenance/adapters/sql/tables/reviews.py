"""What became of uses that were held for review. Releases come first; the review's row seals them."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import (
    BigInteger,
    leaf_seq,
    micros,
    number,
    recorded_at,
    sealed_by,
    table,
    text,
)

review = table(
    "review",
    leaf_seq(),
    text("id"),
    text("generation", sa.ForeignKey("generation.id")),
    text("work", sa.ForeignKey("work.id")),
    text("resolution"),
    text("decided_by", sa.ForeignKey("party.id")),
    text("reason"),
    text("transaction_id", sa.ForeignKey("ledger_transaction.id"), null=True),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("generation", "work"),
    sa.UniqueConstraint("transaction_id"),
    sa.ForeignKeyConstraint(["generation", "work"], ["work_use.generation", "work_use.work"]),
    sa.CheckConstraint("resolution IN ('release', 'decline')", name="resolution"),
    sa.Index(None, "recorded_at"),
)

# ``seq`` counts on where `accrual` is, so that a party's uses are paged by one number.
released = table(
    "released",
    sa.Column("seq", BigInteger, primary_key=True, autoincrement=False),
    text("review", sealed_by("review.id")),
    number("number"),
    text("party", sa.ForeignKey("party.id")),
    number("basis_points"),
    text("currency"),
    micros("micros"),
    sa.UniqueConstraint("review", "number"),
    sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("micros >= 0", name="micros"),
    sa.Index(None, "party", "seq"),
)
