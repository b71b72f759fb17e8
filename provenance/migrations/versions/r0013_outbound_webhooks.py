"""What parties are told as it happens: endpoints, signing secrets, events, deliveries and tries."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0013 import guards, outbound

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables in the order of their references, then guard them."""
    outbound.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: what parties were told would be gone."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
