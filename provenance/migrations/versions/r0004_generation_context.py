"""What a generation was made from and when, and the outcome of a use of the public domain."""

import sqlalchemy as sa
from alembic import op

from provenance.kernel.errors import SchemaMismatch
from provenance.migrations.r0001.types import TEXT, TIME
from provenance.migrations.r0004 import outcomes

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Two columns that earlier generations leave empty, and one outcome more. No row is changed."""
    op.add_column("generation", sa.Column("prompt", TEXT, nullable=True))
    op.add_column("generation", sa.Column("made_at", TIME, nullable=True))
    outcomes.allow_public_domain()


def downgrade() -> None:
    """Refuse: it would drop facts."""
    raise SchemaMismatch("Facts are append-only: there is no way back.", mend="Restore a backup.")
