"""Overlaps of works: what a text shares with an earlier one, and which texts were compared."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0003 import guards, overlaps

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables, then guard them. Works that are there already are compared at the next publication."""
    overlaps.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
