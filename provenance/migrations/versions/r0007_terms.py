"""Licences that reach further, uses that are counted, exchange rates, and disputes."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0007 import counts, disputes, guards, licences

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    """Widen the licences, then make and guard the new tables."""
    licences.alter_tables()
    counts.create_tables()
    disputes.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
