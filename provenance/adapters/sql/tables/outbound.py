"""What parties are told: their endpoints, secrets, events, deliveries and tries. No facts of ours, and no leaves."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import BigInteger, UtcTime, number, table, text


def _seq() -> sa.Column[int]:
    return sa.Column("seq", BigInteger, primary_key=True, autoincrement=False)


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcTime, nullable=null)


outbound_endpoint = table(
    "outbound_endpoint",
    _seq(),
    text("id"),
    text("party", sa.ForeignKey("party.id")),
    text("url"),
    text("events"),
    _at("created_at"),
    sa.UniqueConstraint("id"),
    sa.Index(None, "party"),
)

# Secrets are kept as they are: each message is signed with them. No list and no log shows one.
outbound_secret = table(
    "outbound_secret",
    _seq(),
    text("endpoint", sa.ForeignKey("outbound_endpoint.id")),
    number("number"),
    text("secret"),
    _at("since"),
    sa.UniqueConstraint("endpoint", "number"),
)

outbound_standing = table(
    "outbound_standing",
    _seq(),
    text("endpoint", sa.ForeignKey("outbound_endpoint.id")),
    number("number"),
    number("enabled"),
    text("note"),
    _at("at"),
    sa.UniqueConstraint("endpoint", "number"),
    sa.CheckConstraint("enabled IN (0, 1)", name="enabled"),
)

outbound_event = table(
    "outbound_event",
    _seq(),
    text("id"),
    text("type"),
    text("party", sa.ForeignKey("party.id")),
    text("subject"),
    text("body"),
    _at("created_at"),
    sa.UniqueConstraint("id"),
)

outbound_delivery = table(
    "outbound_delivery",
    _seq(),
    text("id"),
    text("event", sa.ForeignKey("outbound_event.id")),
    text("endpoint", sa.ForeignKey("outbound_endpoint.id")),
    number("number"),
    _at("created_at"),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("event", "endpoint", "number"),
    sa.Index(None, "endpoint"),
    sa.Index(None, "created_at"),
)

outbound_try = table(
    "outbound_try",
    _seq(),
    text("delivery", sa.ForeignKey("outbound_delivery.id")),
    number("number"),
    text("result"),
    sa.Column("status", sa.Integer, nullable=True),
    text("note"),
    _at("next_at", null=True),
    _at("at"),
    sa.UniqueConstraint("delivery", "number"),
    sa.CheckConstraint("result IN ('delivered', 'failed', 'given_up', 'gone')", name="result"),
    sa.CheckConstraint("(result = 'failed') = (next_at IS NOT NULL)", name="next_at"),
    sa.Index(None, "next_at"),
)
