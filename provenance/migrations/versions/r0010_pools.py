"""Subscription money, policies of the unattributed pool, advances that are paid, and accounts for all of it."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0010 import accounts, guards, pools

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Widen the chart of accounts, then make and guard what is new."""
    accounts.widen_accounts()
    pools.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
