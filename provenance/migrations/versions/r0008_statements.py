"""Periods that are closed for ever, and the statements of their parties."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0008 import accounts, guards, statements

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables in the order of their references, then guard them."""
    accounts.widen_accounts()
    statements.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
