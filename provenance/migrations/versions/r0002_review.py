"""Licences that state a risk, uses that are held for review, and what became of them."""

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0002 import guards, reviews, stated_risks

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Widen the tables that there are, then make and guard the new ones."""
    stated_risks.alter_tables()
    reviews.create_tables()
    guards.create_triggers()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
