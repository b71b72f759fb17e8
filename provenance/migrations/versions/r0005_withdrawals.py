"""Works that were withdrawn, and what is refused of them from then on."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0005 import guards, withdrawals

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table, then guard it, and the tables that grow no more rows of a withdrawn work."""
    withdrawals.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
