"""Each entry gets its transaction's number; the index by account follows it. Balances get checkpoints."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME, sealed_by

_NUMBERED = (
    "ALTER TABLE ledger_entry ADD COLUMN seq bigint",
    # The one change of facts that there is: a number is added that each had all along. It lasts for this statement.
    "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only",
    "UPDATE ledger_entry e SET seq = t.seq FROM ledger_transaction t WHERE t.id = e.transaction_id",
    "ALTER TABLE ledger_entry ENABLE TRIGGER ledger_entry_append_only",
    "ALTER TABLE ledger_entry ALTER COLUMN seq SET NOT NULL",
    "ALTER TABLE ledger_entry DROP CONSTRAINT uq_ledger_entry_transaction_id_account",
    "DROP INDEX ix_ledger_entry_account",
    "ALTER TABLE ledger_entry ADD CONSTRAINT uq_ledger_entry_account_seq UNIQUE (account, seq)",
)


def number_entries() -> None:
    """``ledger_entry.seq``, and one key by account and number in place of two."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _make_anew(connection)
    else:
        for statement in _NUMBERED:
            connection.exec_driver_sql(statement)
    op.create_index(
        "uq_ledger_transaction_reversed",
        "ledger_transaction",
        ["corrects"],
        unique=True,
        sqlite_where=sa.text("cause = 'reversal'"),
        postgresql_where=sa.text("cause = 'reversal'"),
    )


def _make_anew(connection: sa.Connection) -> None:
    """SQLite adds no column that must have a value: the table is made anew, with its rows and its triggers."""
    triggers = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_entry' ORDER BY name"
    kept = connection.exec_driver_sql(triggers).scalars().all()
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE ledger_entry_kept AS SELECT e.*, t.seq FROM ledger_entry e"
        " JOIN ledger_transaction t ON t.id = e.transaction_id ORDER BY e.rowid"
    )
    op.drop_index("ix_ledger_entry_account", "ledger_entry")
    op.drop_table("ledger_entry")
    op.create_table(
        "ledger_entry",
        sa.Column("transaction_id", TEXT, sealed_by("ledger_transaction.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.UniqueConstraint("account", "seq"),
        sa.ForeignKeyConstraint(["account", "currency"], ["ledger_account.id", "ledger_account.currency"]),
        sa.CheckConstraint("micros <> 0", name="micros"),
        sqlite_strict=True,
    )
    connection.exec_driver_sql("INSERT INTO ledger_entry SELECT * FROM ledger_entry_kept ORDER BY rowid")
    connection.exec_driver_sql("DROP TABLE ledger_entry_kept")
    for statement in kept:
        connection.exec_driver_sql(statement)


def create_checkpoints() -> None:
    """``ledger_checkpoint``."""
    op.create_table(
        "ledger_checkpoint",
        sa.Column("account", TEXT, sa.ForeignKey("ledger_account.id"), nullable=False),
        sa.Column("seq", BIG, sa.ForeignKey("ledger_transaction.seq"), nullable=False),
        sa.Column("since_seq", BIG, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("moved_micros", BIG, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.Column("effective_first", TIME, nullable=False),
        sa.Column("effective_last", TIME, nullable=False),
        sa.PrimaryKeyConstraint("account", "seq"),
        sa.CheckConstraint("entries > 0", name="entries"),
        sa.CheckConstraint("since_seq < seq", name="order"),
        sqlite_strict=True,
    )
