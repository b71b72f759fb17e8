"""Payout terms, tax profiles, closed periods, statements and their lines."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, DAY, TEXT, TIME, sealed_by


def create_tables() -> None:
    """``payout_terms``, ``tax_profile``, ``period_close``, ``statement``, ``statement_line``."""
    _payees()
    _periods()
    _statements()


def _payees() -> None:
    op.create_table(
        "payout_terms",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("threshold_micros", BIG, nullable=False),
        sa.Column("reserve_basis_points", sa.Integer, nullable=False),
        sa.Column("reserve_periods", sa.Integer, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint("threshold_micros >= 0", name="threshold"),
        sa.CheckConstraint("reserve_basis_points BETWEEN 0 AND 10000", name="reserve"),
        sa.CheckConstraint("(reserve_basis_points > 0) = (reserve_periods > 0)", name="reserve_periods"),
        sqlite_strict=True,
    )
    op.create_index("ix_payout_terms_party", "payout_terms", ["party"])
    op.create_table(
        "tax_profile",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("residence", TEXT, nullable=False),
        sa.Column("payer", TEXT, nullable=False),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        sa.CheckConstraint("length(residence) = 2 AND length(payer) = 2", name="countries"),
        sqlite_strict=True,
    )
    op.create_index("ix_tax_profile_party", "tax_profile", ["party"])


def _periods() -> None:
    op.create_table(
        "period_close",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("period", TEXT, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("closed_by", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("statements", sa.Integer, nullable=False),
        sa.Column("statements_sha256", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("period"),
        sa.CheckConstraint("since < until", name="days"),
        sa.CheckConstraint("statements >= 0", name="statements"),
        sa.CheckConstraint("length(statements_sha256) = 64", name="sha256"),
        sqlite_strict=True,
    )


def _statements() -> None:
    op.create_table(
        "statement",
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("period", TEXT, sealed_by("period_close.period"), nullable=False),
        sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("opening_micros", BIG, nullable=False),
        sa.Column("closing_micros", BIG, nullable=False),
        sa.Column("payable_micros", BIG, nullable=False),
        sa.Column("transaction_id", TEXT, sa.ForeignKey("ledger_transaction.id"), nullable=True),
        sa.Column("form", TEXT, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("period", "party", "currency"),
        sa.UniqueConstraint("transaction_id"),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint(
            "payable_micros = 0 OR payable_micros = closing_micros AND payable_micros > 0", name="payable"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_statement_party_currency_seq", "statement", ["party", "currency", "seq"])
    op.create_table(
        "statement_line",
        sa.Column("statement", TEXT, sealed_by("statement.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.Column("first", BIG, nullable=True),
        sa.Column("last", BIG, nullable=True),
        sa.CheckConstraint("number >= 1", name="number"),
        sqlite_strict=True,
    )
    op.create_index("ix_ledger_transaction_effective_at", "ledger_transaction", ["effective_at"])
