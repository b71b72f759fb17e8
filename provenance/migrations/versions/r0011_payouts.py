"""Where parties are paid to; payouts, their lines, attempts and events; what providers report."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0011 import accounts, guards, inbox, payees, payouts

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables in the order of their references, then guard them."""
    accounts.widen_accounts()
    payees.create_tables()
    payouts.create_tables()
    inbox.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
