"""What providers report of themselves, as it came in, and what was made of it. No facts of ours, and no leaves."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME


def create_tables() -> None:
    """``webhook_event`` and ``webhook_outcome``."""
    op.create_table(
        "webhook_event",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("provider", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("object", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=True),
        sa.Column("currency", TEXT, nullable=True),
        sa.Column("minor_units", BIG, nullable=True),
        sa.Column("key", TEXT, nullable=True),
        sa.Column("payload_sha256", TEXT, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.UniqueConstraint("provider", "id"),
        sa.CheckConstraint("length(payload_sha256) = 64", name="sha256"),
        sqlite_strict=True,
    )
    op.create_table(
        "webhook_outcome",
        sa.Column("event", BIG, sa.ForeignKey("webhook_event.seq"), primary_key=True, autoincrement=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("payout", TEXT, sa.ForeignKey("payout.id"), nullable=True),
        sa.Column("processed_at", TIME, nullable=False),
        sqlite_strict=True,
    )
