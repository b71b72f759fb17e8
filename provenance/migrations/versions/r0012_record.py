"""The checkpoints of the log that were signed; what an auditor looks for is indexed."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0012 import checkpoints, guards

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Make the table and the indexes, then guard the table."""
    checkpoints.create_tables()
    checkpoints.create_indexes()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop what the log has signed."""
    raise SchemaMismatch("What was signed stays signed: there is no way back.", mend="Restore a backup.")
