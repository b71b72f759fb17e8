"""The log's leaves, and the snapshots that were published."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import BigInteger, UtcTime, leaf_seq, number, recorded_at, table, text

# Numbers run from 1 without a gap; a trigger refuses any other, so that nothing slips in between.
leaf = table(
    "leaf",
    sa.Column("seq", BigInteger, primary_key=True, autoincrement=False),
    text("kind"),
    text("fact"),
    text("fact_sha256"),
    sa.UniqueConstraint("kind", "fact"),
    sa.CheckConstraint("length(fact_sha256) = 64", name="sha256"),
)

snapshot = table(
    "snapshot",
    leaf_seq(),
    text("digest"),
    text("encoder"),
    number("works"),
    number("segments"),
    recorded_at(),
    sa.UniqueConstraint("digest"),
    sa.CheckConstraint("works >= 0 AND segments >= 0", name="size"),
)

# Which snapshot is current: the newest publication's. An earlier snapshot can be published again; it is one fact.
publication = table(
    "publication",
    sa.Column("seq", BigInteger, primary_key=True, autoincrement=False),
    text("snapshot", sa.ForeignKey("snapshot.digest")),
    text("index_state"),
    recorded_at(),
)

# What was signed of the log; ``note`` is the whole. A trigger refuses a checkpoint that doesn't follow the one before.
log_checkpoint = table(
    "log_checkpoint",
    sa.Column("size", BigInteger, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
    text("origin"),
    text("root"),
    text("note"),
    sa.Column("signed_at", UtcTime, nullable=False),
    sa.CheckConstraint("length(root) = 64", name="root"),
)
