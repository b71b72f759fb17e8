"""How parties are paid, periods that were closed, and their statements.

Lines come first, then the statement that seals them, and last the period that seals its statements.
"""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import (
    BigInteger,
    Day,
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

payout_terms = table(
    "payout_terms",
    leaf_seq(),
    text("id"),
    text("party", sa.ForeignKey("party.id")),
    text("currency"),
    sa.Column("valid_from", Day, nullable=False),
    micros("threshold_micros"),
    number("reserve_basis_points"),
    number("reserve_periods"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("threshold_micros >= 0", name="threshold"),
    sa.CheckConstraint("reserve_basis_points BETWEEN 0 AND 10000", name="reserve"),
    sa.CheckConstraint("(reserve_basis_points > 0) = (reserve_periods > 0)", name="reserve_periods"),
    sa.Index(None, "party"),
)

tax_profile = table(
    "tax_profile",
    leaf_seq(),
    text("id"),
    text("party", sa.ForeignKey("party.id")),
    text("residence"),
    text("payer"),
    text("basis"),
    number("basis_points"),
    sa.Column("valid_from", Day, nullable=False),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
    sa.CheckConstraint("length(residence) = 2 AND length(payer) = 2", name="countries"),
    sa.Index(None, "party"),
)

# ``since`` and ``until`` follow from the name; here, so that the database can tell which periods meet.
period_close = table(
    "period_close",
    leaf_seq(),
    text("period"),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    text("closed_by", sa.ForeignKey("party.id")),
    number("statements"),
    text("statements_sha256"),
    recorded_at(),
    text("pool_policy", null=True),
    sa.UniqueConstraint("period"),
    sa.CheckConstraint("since < until", name="days"),
    sa.CheckConstraint("statements >= 0", name="statements"),
    sa.CheckConstraint("length(statements_sha256) = 64", name="sha256"),
    sa.CheckConstraint("pool_policy IN ('spread_by_usage', 'spread_equally')", name="pool_policy"),
)

# ``form`` is the canonical form that the leaf commits to; the columns are what the database checks and sums by.
statement = table(
    "statement",
    leaf_seq(),
    text("id"),
    text("period", sealed_by("period_close.period")),
    text("party", sa.ForeignKey("party.id")),
    text("currency"),
    micros("opening_micros"),
    micros("closing_micros"),
    micros("payable_micros"),
    text("transaction_id", sa.ForeignKey("ledger_transaction.id"), null=True),
    text("form"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("period", "party", "currency"),
    sa.UniqueConstraint("transaction_id"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("payable_micros = 0 OR payable_micros = closing_micros AND payable_micros > 0", name="payable"),
    sa.Index(None, "party", "currency", "seq"),
)

# ``first`` and ``last`` bound the numbers of what a line sums: of accruals and releases, or of transactions.
statement_line = table(
    "statement_line",
    sa.Column("statement", Text, sealed_by("statement.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    text("kind"),
    micros("micros"),
    sa.Column("first", BigInteger, nullable=True),
    sa.Column("last", BigInteger, nullable=True),
    sa.CheckConstraint("number >= 1", name="number"),
    # Few lines pay an advance, and each close asks which licences' were paid.
    sa.Index(
        "ix_statement_line_advanced",
        "statement",
        sqlite_where=sa.text("kind = 'advanced'"),
        postgresql_where=sa.text("kind = 'advanced'"),
    ),
)
