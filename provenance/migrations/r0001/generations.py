"""Generations, and what they seal: parts, attributions, matches, uses, accruals."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME, sealed_by


def create_tables() -> None:
    """``generation``, ``part``, ``attribution``, ``match``, ``work_use``, ``accrual``."""
    _generations()
    _parts()
    _attributions()
    _matches()
    _uses()
    _accruals()


def _generations() -> None:
    op.create_table(
        "generation",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("service", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("external_id", TEXT, nullable=False),
        sa.Column("idempotency_key", TEXT, nullable=True),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("price_micros", BIG, nullable=False),
        sa.Column("territory", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("encoder", TEXT, nullable=False),
        sa.Column("snapshot", TEXT, sa.ForeignKey("snapshot.digest"), nullable=False),
        sa.Column("calibration", TEXT, nullable=False),
        sa.Column("unattributed_ppb", sa.Integer, nullable=False),
        sa.Column("pool_basis_points", sa.Integer, nullable=False),
        sa.Column("unattributed_micros", BIG, nullable=False),
        sa.Column("transaction_id", TEXT, sealed_by("ledger_transaction.id"), nullable=True),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("service", "external_id"),
        sa.UniqueConstraint("service", "idempotency_key"),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint("price_micros >= 0 AND unattributed_micros >= 0", name="micros"),
        sa.CheckConstraint("unattributed_ppb BETWEEN 0 AND 1000000000", name="unattributed"),
        sa.CheckConstraint("pool_basis_points BETWEEN 0 AND 10000", name="pool"),
        sqlite_strict=True,
    )
    op.create_index("ix_generation_service_seq", "generation", ["service", "seq"])
    op.create_index("ix_generation_snapshot", "generation", ["snapshot"])
    op.create_index("ix_generation_recorded_at", "generation", ["recorded_at"])


def _parts() -> None:
    op.create_table(
        "part",
        sa.Column("generation", TEXT, sealed_by("generation.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("worker", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("model_version", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.CheckConstraint("kind IN ('brain', 'specialised')", name="kind"),
        sqlite_strict=True,
    )


def _attributions() -> None:
    op.create_table(
        "attribution",
        sa.Column("generation", TEXT, sealed_by("generation.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("share_ppb", sa.Integer, nullable=False),
        sa.Column("confidence_ppm", sa.Integer, nullable=False),
        sa.UniqueConstraint("generation", "work"),
        sa.CheckConstraint("share_ppb BETWEEN 1 AND 1000000000", name="share"),
        sa.CheckConstraint("confidence_ppm BETWEEN 0 AND 1000000", name="confidence"),
        sqlite_strict=True,
    )


def _matches() -> None:
    op.create_table(
        "match",
        sa.Column("generation", TEXT, sealed_by("generation.id"), primary_key=True),
        sa.Column("attribution", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("part_start", sa.Integer, nullable=False),
        sa.Column("part_end", sa.Integer, nullable=False),
        sa.Column("revision", TEXT, sa.ForeignKey("revision.id"), nullable=False),
        sa.Column("source_start", sa.Integer, nullable=False),
        sa.Column("source_end", sa.Integer, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("probability_ppm", sa.Integer, nullable=False),
        sa.Column("dense_ppm", sa.Integer, nullable=False),
        sa.Column("lexical_ppm", sa.Integer, nullable=False),
        sa.Column("run_words", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["generation", "attribution"], ["attribution.generation", "attribution.number"]),
        sa.ForeignKeyConstraint(["generation", "part"], ["part.generation", "part.number"]),
        sa.CheckConstraint("kind IN ('exact', 'near', 'semantic')", name="kind"),
        sa.CheckConstraint("0 <= part_start AND part_start <= part_end", name="part_span"),
        sa.CheckConstraint("0 <= source_start AND source_start <= source_end", name="source_span"),
        sa.CheckConstraint(
            "probability_ppm BETWEEN 0 AND 1000000 AND dense_ppm BETWEEN 0 AND 1000000 "
            "AND lexical_ppm BETWEEN 0 AND 1000000",
            name="scores",
        ),
        sa.CheckConstraint("run_words >= 0", name="run_words"),
        sqlite_strict=True,
    )


def _uses() -> None:
    op.create_table(
        "work_use",
        sa.Column("generation", TEXT, sealed_by("generation.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("share_ppb", sa.Integer, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("licence", TEXT, sa.ForeignKey("licence.id"), nullable=True),
        sa.Column("claims", TEXT, sa.ForeignKey("claims.id"), nullable=True),
        sa.Column("price_part_micros", BIG, nullable=False),
        sa.Column("royalty_currency", TEXT, nullable=True),
        sa.Column("royalty_micros", BIG, nullable=True),
        sa.Column("held_currency", TEXT, nullable=True),
        sa.Column("held_micros", BIG, nullable=True),
        sa.UniqueConstraint("generation", "work"),
        sa.CheckConstraint("share_ppb BETWEEN 1 AND 1000000000", name="share"),
        sa.CheckConstraint("outcome IN ('paid', 'credited', 'blocked', 'unlicensed', 'unclaimed')", name="outcome"),
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
        sqlite_strict=True,
    )


def _accruals() -> None:
    op.create_table(
        "accrual",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("generation", TEXT, sealed_by("generation.id"), nullable=False),
        sa.Column("work_use", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.UniqueConstraint("generation", "work_use", "number"),
        sa.ForeignKeyConstraint(["generation", "work_use"], ["work_use.generation", "work_use.number"]),
        sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint("micros >= 0", name="micros"),
        sqlite_strict=True,
    )
    op.create_index("ix_accrual_party_seq", "accrual", ["party", "seq"])
