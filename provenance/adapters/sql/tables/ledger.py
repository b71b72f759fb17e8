"""The ledger. Entries are written first; the transaction's row seals them, if they add up to zero per currency."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import Text, UtcTime, leaf_seq, micros, recorded_at, sealed_by, table, text

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
        "'reserve', 'advance_recoupable', 'withholding')",
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
    sa.UniqueConstraint("transaction_id", "account"),
    # The currency stands here too, so that the seal adds up without a join; it can't be another than the account's.
    sa.ForeignKeyConstraint(["account", "currency"], ["ledger_account.id", "ledger_account.currency"]),
    sa.CheckConstraint("micros <> 0", name="micros"),
    sa.Index(None, "account"),
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
)
