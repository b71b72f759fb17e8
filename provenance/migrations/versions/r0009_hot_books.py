"""Entries that lie in the order of recording by account, checks once a statement, checkpoints of balances."""

from alembic import op

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0009 import entries, guards

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Number the entries, make the table of checkpoints, then exchange and add guards."""
    entries.number_entries()
    entries.create_checkpoints()
    # A transaction's seal looks whether a generation waits for it: without this, SQLite reads all of them each time.
    op.create_index("ix_generation_transaction_id", "generation", ["transaction_id"])
    guards.exchange()


def downgrade() -> None:
    """Refuse: it would drop what balances are read from."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
