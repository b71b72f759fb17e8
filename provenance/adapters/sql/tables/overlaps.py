"""Overlaps of works, and which revisions were compared with the others."""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import Text, leaf_seq, number, recorded_at, table, text

PPM = "BETWEEN 0 AND 1000000"


def _side(name: str) -> tuple[sa.Column[str] | sa.Column[int], ...]:
    return (
        text(f"{name}_work", sa.ForeignKey("work.id")),
        text(f"{name}_revision", sa.ForeignKey("revision.id")),
        text(f"{name}_held_from", sa.ForeignKey("revision.id")),
        number(f"{name}_shared_chars"),
        number(f"{name}_covered_ppm"),
    )


# ``passages``: the list of the fact's form as canonical JSON.
overlap = table(
    "overlap",
    leaf_seq(),
    text("id"),
    *_side("later"),
    *_side("earlier"),
    text("first"),
    text("passages"),
    number("passages_found"),
    text("method"),
    text("encoder"),
    text("snapshot", sa.ForeignKey("snapshot.digest")),
    recorded_at(),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("later_revision", "earlier_revision"),
    sa.CheckConstraint("later_work <> earlier_work AND first IN (later_work, earlier_work)", name="works"),
    sa.CheckConstraint("later_shared_chars > 0 AND earlier_shared_chars > 0", name="shared"),
    sa.CheckConstraint(f"later_covered_ppm {PPM} AND earlier_covered_ppm {PPM}", name="covered"),
    sa.CheckConstraint("passages_found >= 1", name="passages_found"),
    sa.Index(None, "later_work", "seq"),
    sa.Index(None, "earlier_work", "seq"),
)

# A mark, and no fact: where it is missing, the next run compares.
comparison = table(
    "comparison",
    sa.Column("revision", Text, sa.ForeignKey("revision.id"), primary_key=True),
    text("snapshot", sa.ForeignKey("snapshot.digest")),
    recorded_at(),
)
