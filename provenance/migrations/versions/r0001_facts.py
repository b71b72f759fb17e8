"""The tables of all facts, and the triggers that keep them as they were recorded."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0001 import generations, guards, ledger, log, parties, works

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables in the order of their references, then guard them."""
    log.create_tables()
    parties.create_tables()
    works.create_tables()
    ledger.create_tables()
    generations.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
