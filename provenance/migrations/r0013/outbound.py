"""What parties are told: endpoints, secrets, events, deliveries, tries. No facts of ours, and no leaves."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME


def create_tables() -> None:
    """Six tables, each a row a thing that happened."""
    _table(
        "outbound_endpoint",
        _text("id"),
        _text("party", "party.id"),
        _text("url"),
        _text("events"),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_outbound_endpoint_party", "outbound_endpoint", ["party"])
    _table(
        "outbound_secret",
        _text("endpoint", "outbound_endpoint.id"),
        sa.Column("number", sa.Integer, nullable=False),
        _text("secret"),
        sa.Column("since", TIME, nullable=False),
        sa.UniqueConstraint("endpoint", "number"),
    )
    _table(
        "outbound_standing",
        _text("endpoint", "outbound_endpoint.id"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("enabled", sa.Integer, nullable=False),
        _text("note"),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("endpoint", "number"),
        sa.CheckConstraint("enabled IN (0, 1)", name="enabled"),
    )
    _table(
        "outbound_event",
        _text("id"),
        _text("type"),
        _text("party", "party.id"),
        _text("subject"),
        _text("body"),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
    )
    _deliveries()


def _deliveries() -> None:
    _table(
        "outbound_delivery",
        _text("id"),
        _text("event", "outbound_event.id"),
        _text("endpoint", "outbound_endpoint.id"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("event", "endpoint", "number"),
    )
    op.create_index("ix_outbound_delivery_endpoint", "outbound_delivery", ["endpoint"])
    op.create_index("ix_outbound_delivery_created_at", "outbound_delivery", ["created_at"])
    _table(
        "outbound_try",
        _text("delivery", "outbound_delivery.id"),
        sa.Column("number", sa.Integer, nullable=False),
        _text("result"),
        sa.Column("status", sa.Integer, nullable=True),
        _text("note"),
        sa.Column("next_at", TIME, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("delivery", "number"),
        sa.CheckConstraint("result IN ('delivered', 'failed', 'given_up', 'gone')", name="result"),
        sa.CheckConstraint("(result = 'failed') = (next_at IS NOT NULL)", name="next_at"),
    )
    op.create_index("ix_outbound_try_next_at", "outbound_try", ["next_at"])


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    seq = sa.Column("seq", BIG, primary_key=True, autoincrement=False)
    op.create_table(name, seq, *columns, sqlite_strict=True)


def _text(name: str, references: str = "") -> sa.Column[str]:
    return sa.Column(name, TEXT, *([sa.ForeignKey(references)] if references else []), nullable=False)
