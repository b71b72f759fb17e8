"""The ledger. Entries are written first; the transaction's row seals them, if they add up to zero per currency."""

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

ledger_account = table(
    "ledger_account",
    sa.Column("id", Text, primary_key=True),
    text("kind"),
    text("party", sa.ForeignKey("party.id"), null=True),
    text("currency"),
    sa.UniqueConstraint("id", "currency"),
    sa.CheckConstraint("id = kind || '/' || coalesce(party || '/', '') || currency", name="id"),
    sa.CheckConstraint(
        "(party IS NOT NULL) = (kind IN ('service_receivable', 'party_payable', 'reserve', 'advance_recoupable'))",
        name="party",
    ),
    sa.CheckConstraint(
        "kind IN ('service_receivable', 'generation_revenue', 'party_payable', 'unattributed_pool', 'held', "
        "'reserve', 'advance_recoupable', 'withholding', 'royalty_pool', 'fx_liquidity')",
        name="kind",
    ),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
)

ledger_entry = table(
    "ledger_entry",
    sa.Column("transaction_id", Text, sealed_by("ledger_transaction.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    text("account"),
    text("currency"),
    micros("micros"),
    # The transaction's number stands here too, so that an account's entries lie in the order of recording.
    sa.Column("seq", BigInteger, nullable=False),
    # An account occurs once in a transaction; this is also the index that balances are added up along.
    sa.UniqueConstraint("account", "seq"),
    # The currency stands here too, so that the seal adds up without a join; it can't be another than the account's.
    sa.ForeignKeyConstraint(["account", "currency"], ["ledger_account.id", "ledger_account.currency"]),
    sa.CheckConstraint("micros <> 0", name="micros"),
)

ledger_transaction = table(
    "ledger_transaction",
    leaf_seq(),
    text("id"),
    text("business_key"),
    text("cause"),
    sa.Column("effective_at", UtcTime, nullable=False),
    text("corrects", sa.ForeignKey("ledger_transaction.id"), null=True),
    text("payload_digest"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("business_key"),
    sa.Index(None, "recorded_at"),
    sa.Index(None, "effective_at"),
    # As a whole it is reversed once.
    sa.Index(
        "uq_ledger_transaction_reversed",
        "corrects",
        unique=True,
        sqlite_where=sa.text("cause = 'reversal'"),
        postgresql_where=sa.text("cause = 'reversal'"),
    ),
)

# What an account's entries come to after one checkpoint and up to the next. It follows from the entries: a trigger
# adds them up again. It is no fact, has no leaf and decides nothing; it makes a balance cost the tail after it.
ledger_checkpoint = table(
    "ledger_checkpoint",
    text("account", sa.ForeignKey("ledger_account.id")),
    sa.Column("seq", BigInteger, sa.ForeignKey("ledger_transaction.seq"), nullable=False),
    sa.Column("since_seq", BigInteger, nullable=False),
    number("entries"),
    micros("moved_micros"),
    micros("micros"),
    sa.Column("effective_first", UtcTime, nullable=False),
    sa.Column("effective_last", UtcTime, nullable=False),
    sa.PrimaryKeyConstraint("account", "seq"),
    sa.CheckConstraint("entries > 0", name="entries"),
    sa.CheckConstraint("since_seq < seq", name="order"),
)
