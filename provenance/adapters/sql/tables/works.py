"""Works, their revisions with text and vectors, claims and licences."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import Day, Text, leaf_seq, number, recorded_at, sealed_by, table, text

work = table(
    "work",
    leaf_seq(),
    text("id"),
    text("registrant", sa.ForeignKey("party.id")),
    text("source_id"),
    text("title"),
    text("author"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("registrant", "source_id"),
)

revision = table(
    "revision",
    leaf_seq(),
    text("id"),
    text("work", sa.ForeignKey("work.id")),
    number("number"),
    text("text_sha256"),
    text("iscc"),
    number("chars"),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("work", "number"),
    sa.CheckConstraint("number >= 1", name="number"),
    sa.CheckConstraint("chars >= 0", name="chars"),
    sa.Index(None, "text_sha256"),
)

content = table(
    "content",
    sa.Column("revision", Text, sa.ForeignKey("revision.id"), primary_key=True),
    text("text"),
)

# ``data``: one row a segment, little-endian 16-bit floats, row after row.
revision_vectors = table(
    "revision_vectors",
    sa.Column("revision", Text, sa.ForeignKey("revision.id"), primary_key=True),
    sa.Column("encoder", Text, primary_key=True),
    number("dimensions"),
    number("segments"),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("dimensions >= 1 AND segments >= 0", name="shape"),
    sa.CheckConstraint("length(data) = 2 * dimensions * segments", name="size"),
)

claims = table(
    "claims",
    leaf_seq(),
    text("id"),
    text("work", sa.ForeignKey("work.id")),
    sa.Column("valid_from", Day, nullable=False),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.Index(None, "work", "seq"),
)

# Written before the claims that they belong to, whose trigger refuses a sum other than 10,000.
claim_part = table(
    "claim_part",
    sa.Column("claims", Text, sealed_by("claims.id"), primary_key=True),
    sa.Column("party", Text, sa.ForeignKey("party.id"), primary_key=True),
    number("basis_points"),
    sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
    sa.Index(None, "party"),
)

# ``terms``: the mapping of `terms_text` as canonical JSON.
licence = table(
    "licence",
    leaf_seq(),
    text("id"),
    text("work", sa.ForeignKey("work.id")),
    number("number"),
    text("terms"),
    sa.Column("valid_from", Day, nullable=False),
    sa.Column("valid_until", Day),
    text("territory"),
    text("purpose"),
    recorded_at(),
    sa.Column("risk_basis_points_max", sa.Integer),
    text("worker_kind", null=True),
    text("worker_hosting", null=True),
    sa.Column("opt_out_from", Day),
    sa.Column("most_favoured", sa.Integer),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("work", "number"),
    sa.CheckConstraint("number >= 1", name="number"),
    sa.CheckConstraint("valid_until >= valid_from", name="days"),
    sa.CheckConstraint("risk_basis_points_max BETWEEN 1 AND 10000", name="risk"),
    sa.CheckConstraint("worker_kind IN ('brain', 'specialised')", name="worker_kind"),
    sa.CheckConstraint("worker_hosting IN ('hosted', 'on_premises')", name="worker_hosting"),
    sa.CheckConstraint("opt_out_from > valid_from", name="opt_out_from"),
    sa.CheckConstraint("most_favoured = 1", name="most_favoured"),
)
