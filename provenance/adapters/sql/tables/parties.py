"""Parties and their API keys."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import UtcTime, leaf_seq, recorded_at, table, text

party = table("party", leaf_seq(), text("id"), text("name"), recorded_at(), sa.UniqueConstraint("id"))

# ``scopes``: names in alphabetical order, with a space between them.
api_key = table(
    "api_key",
    leaf_seq(),
    text("id"),
    text("party", sa.ForeignKey("party.id")),
    text("secret_sha256"),
    text("scopes"),
    sa.Column("created_at", UtcTime, nullable=False),
    recorded_at(),
    sa.UniqueConstraint("id"),
)

# A key is revoked when the revocation is recorded.
key_revocation = table(
    "key_revocation",
    leaf_seq(),
    text("api_key", sa.ForeignKey("api_key.id")),
    recorded_at(),
    sa.UniqueConstraint("api_key"),
)
