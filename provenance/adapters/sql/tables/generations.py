"""Generations with parts, attributions, matches, uses and accruals.

All of these but ``generation`` are written first; the generation's row seals them, and its trigger refuses shares that
don't add up to one.
"""

import sqlalchemy as sa

from provenance.adapters.sql.tables.columns import (
    BigInteger,
    Text,
    UtcTime,
    leaf_seq,
    micros,
    number,
    recorded_at,
    sealed_by,
    table,
    text,
)

PPB = "BETWEEN 1 AND 1000000000"
PPM = "BETWEEN 0 AND 1000000"

# ``currency`` is the price's, and that of all its parts; a fixed fee may have another one.
generation = table(
    "generation",
    leaf_seq(),
    text("id"),
    text("service", sa.ForeignKey("party.id")),
    text("external_id"),
    text("idempotency_key", null=True),
    text("currency"),
    micros("price_micros"),
    text("territory"),
    text("purpose"),
    text("encoder"),
    text("snapshot", sa.ForeignKey("snapshot.digest")),
    text("calibration"),
    number("unattributed_ppb"),
    number("pool_basis_points"),
    micros("unattributed_micros"),
    text("transaction_id", sealed_by("ledger_transaction.id"), null=True),
    recorded_at(),
    text("prompt", null=True),
    sa.Column("made_at", UtcTime, nullable=True),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("service", "external_id"),
    sa.UniqueConstraint("service", "idempotency_key"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("price_micros >= 0 AND unattributed_micros >= 0", name="micros"),
    sa.CheckConstraint("unattributed_ppb BETWEEN 0 AND 1000000000", name="unattributed"),
    sa.CheckConstraint("pool_basis_points BETWEEN 0 AND 10000", name="pool"),
    sa.Index(None, "service", "seq"),
    sa.Index(None, "snapshot"),
    sa.Index(None, "recorded_at"),
    # A transaction's seal looks whether a generation waits for it: without this, SQLite reads all of them.
    sa.Index(None, "transaction_id"),
)


def _generation() -> sa.Column[str]:
    return sa.Column("generation", Text, sealed_by("generation.id"), primary_key=True)


def _number() -> sa.Column[int]:
    """A row's place among its likes, from 0."""
    return sa.Column("number", sa.Integer, primary_key=True, autoincrement=False)


part = table(
    "part",
    _generation(),
    _number(),
    text("worker"),
    text("kind"),
    text("model"),
    text("model_version"),
    text("region"),
    text("text"),
    sa.CheckConstraint("kind IN ('brain', 'specialised')", name="kind"),
    sa.Index(None, "worker"),
)

attribution = table(
    "attribution",
    _generation(),
    _number(),
    text("work", sa.ForeignKey("work.id")),
    number("share_ppb"),
    number("confidence_ppm"),
    sa.UniqueConstraint("generation", "work"),
    sa.CheckConstraint(f"share_ppb {PPB}", name="share"),
    sa.CheckConstraint(f"confidence_ppm {PPM}", name="confidence"),
    sa.Index(None, "work"),
)

match = table(
    "match",
    _generation(),
    sa.Column("attribution", sa.Integer, primary_key=True, autoincrement=False),
    _number(),
    number("part"),
    number("part_start"),
    number("part_end"),
    text("revision", sa.ForeignKey("revision.id")),
    number("source_start"),
    number("source_end"),
    text("kind"),
    number("probability_ppm"),
    number("dense_ppm"),
    number("lexical_ppm"),
    number("run_words"),
    sa.ForeignKeyConstraint(["generation", "attribution"], ["attribution.generation", "attribution.number"]),
    sa.ForeignKeyConstraint(["generation", "part"], ["part.generation", "part.number"]),
    sa.CheckConstraint("kind IN ('exact', 'near', 'semantic')", name="kind"),
    sa.CheckConstraint("0 <= part_start AND part_start <= part_end", name="part_span"),
    sa.CheckConstraint("0 <= source_start AND source_start <= source_end", name="source_span"),
    sa.CheckConstraint(f"probability_ppm {PPM} AND dense_ppm {PPM} AND lexical_ppm {PPM}", name="scores"),
    sa.CheckConstraint("run_words >= 0", name="run_words"),
)

work_use = table(
    "work_use",
    _generation(),
    _number(),
    text("work", sa.ForeignKey("work.id")),
    number("share_ppb"),
    text("outcome"),
    text("licence", sa.ForeignKey("licence.id"), null=True),
    text("claims", sa.ForeignKey("claims.id"), null=True),
    micros("price_part_micros"),
    text("royalty_currency", null=True),
    micros("royalty_micros", null=True),
    text("held_currency", null=True),
    micros("held_micros", null=True),
    sa.Column("threshold_ppm", sa.Integer),
    sa.UniqueConstraint("generation", "work"),
    sa.CheckConstraint(f"share_ppb {PPB}", name="share"),
    sa.CheckConstraint(
        "outcome IN ('paid', 'credited', 'blocked', 'unlicensed', 'unclaimed', 'review', 'public_domain')",
        name="outcome",
    ),
    sa.CheckConstraint("price_part_micros >= 0", name="price_part"),
    sa.CheckConstraint(
        "(royalty_currency IS NULL) = (royalty_micros IS NULL) AND length(royalty_currency) = 3 "
        "AND royalty_micros >= 0",
        name="royalty",
    ),
    sa.CheckConstraint(
        "(held_currency IS NULL) = (held_micros IS NULL) AND length(held_currency) = 3 AND held_micros >= 0",
        name="held",
    ),
    # 1000001 is the threshold of a risk that nothing can promise: no confidence reaches it.
    sa.CheckConstraint("threshold_ppm BETWEEN 0 AND 1000001", name="threshold"),
    sa.CheckConstraint("outcome <> 'review' OR (threshold_ppm IS NOT NULL AND held_micros IS NOT NULL)", name="review"),
    sa.Index(None, "outcome"),
)

# ``seq`` counts accruals in the order of recording: a party's uses are paged by it.
accrual = table(
    "accrual",
    sa.Column("seq", BigInteger, primary_key=True, autoincrement=False),
    text("generation", sealed_by("generation.id")),
    number("work_use"),
    number("number"),
    text("work", sa.ForeignKey("work.id")),
    text("party", sa.ForeignKey("party.id")),
    number("basis_points"),
    text("currency"),
    micros("micros"),
    sa.UniqueConstraint("generation", "work_use", "number"),
    sa.ForeignKeyConstraint(["generation", "work_use"], ["work_use.generation", "work_use.number"]),
    sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
    sa.CheckConstraint("length(currency) = 3", name="currency"),
    sa.CheckConstraint("micros >= 0", name="micros"),
    sa.Index(None, "party", "seq"),
)
