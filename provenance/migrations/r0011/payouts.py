"""Payouts: the lines that each settles, who approved it, the attempts at it, and what happened."""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, TIME, sealed_by

_WHAT = (
    "'approved', 'reserved', 'begun', 'unknown', 'refused', 'declined', 'absent', 'accepted', 'done', 'bounced', "
    "'failed', 'written_off', 'returned', 'cancelled', 'differs', 'retried'"
)
_STATES = "'planned', 'approved', 'reserved', 'sent', 'confirmed', 'settled', 'failed', 'returned', 'cancelled'"


def create_tables() -> None:
    """``payout`` with its lines, ``payout_refusal``, ``payout_approval``, ``payout_attempt``, ``payout_event``."""
    _payouts()
    _approvals()
    _courses()
    for table in ("payout", "payout_refusal", "payout_approval", "payout_attempt", "payout_event"):
        op.create_index(f"ix_{table}_recorded_at", table, ["recorded_at"])


def _fact(*columns: sa.schema.SchemaItem) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("seq", BIG, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        *columns,
        sa.Column("recorded_at", TIME, nullable=False),
        sa.UniqueConstraint("id"),
    )


def _payouts() -> None:
    op.create_table(
        "payout",
        *_fact(
            sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=False),
            sa.Column("currency", TEXT, nullable=False),
            sa.Column("number", sa.Integer, nullable=False),
            sa.Column("statement", TEXT, sa.ForeignKey("statement.id"), nullable=False),
            sa.Column("carried_in_micros", BIG, nullable=False),
            sa.Column("minor_units", BIG, nullable=False),
            sa.Column("micros", BIG, nullable=False),
            sa.Column("provider", TEXT, nullable=False),
            sa.Column("account", TEXT, sa.ForeignKey("payee_account.id"), nullable=False),
            sa.Column("legs", TEXT, nullable=False),
            sa.Column("approvals", sa.Integer, nullable=False),
            sa.Column("planned_by", TEXT, sa.ForeignKey("party.id"), nullable=False),
        ),
        sa.UniqueConstraint("party", "currency", "number"),
        sa.CheckConstraint("length(currency) = 3", name="currency"),
        sa.CheckConstraint("minor_units > 0 AND micros >= minor_units", name="amount"),
        sa.CheckConstraint("approvals BETWEEN 1 AND 2", name="approvals"),
        sqlite_strict=True,
    )
    op.create_table(
        "payout_line",
        sa.Column("payout", TEXT, sealed_by("payout.id"), nullable=False),
        sa.Column("statement", TEXT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("micros", BIG, nullable=False),
        sa.PrimaryKeyConstraint("payout", "statement", "number"),
        sa.ForeignKeyConstraint(["statement", "number"], ["statement_line.statement", "statement_line.number"]),
        sqlite_strict=True,
    )
    op.create_index("ix_payout_line_statement_number", "payout_line", ["statement", "number"])


def _approvals() -> None:
    op.create_table(
        "payout_refusal",
        *_fact(
            sa.Column("party", TEXT, sa.ForeignKey("party.id"), nullable=False),
            sa.Column("currency", TEXT, nullable=False),
            sa.Column("statement", TEXT, sa.ForeignKey("statement.id"), nullable=False),
            sa.Column("why", TEXT, nullable=False),
            sa.Column("due_micros", BIG, nullable=False),
        ),
        sa.UniqueConstraint("party", "currency", "statement", "why"),
        sa.CheckConstraint("due_micros >= 0", name="due"),
        sqlite_strict=True,
    )
    op.create_table(
        "payout_approval",
        *_fact(
            sa.Column("payout", TEXT, sa.ForeignKey("payout.id"), nullable=False),
            sa.Column("approved_by", TEXT, sa.ForeignKey("party.id"), nullable=False),
        ),
        sa.UniqueConstraint("payout", "approved_by"),
        sqlite_strict=True,
    )


def _courses() -> None:
    op.create_table(
        "payout_attempt",
        *_fact(
            sa.Column("payout", TEXT, sa.ForeignKey("payout.id"), nullable=False),
            sa.Column("leg", TEXT, nullable=False),
            sa.Column("ordinal", sa.Integer, nullable=False),
            sa.Column("undoes", TEXT, nullable=True),
        ),
        sa.CheckConstraint("ordinal >= 1", name="ordinal"),
        sqlite_strict=True,
    )
    op.create_index("ix_payout_attempt_payout", "payout_attempt", ["payout"])
    op.create_table(
        "payout_event",
        *_fact(
            sa.Column("payout", TEXT, sa.ForeignKey("payout.id"), nullable=False),
            sa.Column("number", sa.Integer, nullable=False),
            sa.Column("what", TEXT, nullable=False),
            sa.Column("state", TEXT, nullable=False),
            sa.Column("attempt", TEXT, sa.ForeignKey("payout_attempt.id"), nullable=True),
            sa.Column("provider_id", TEXT, nullable=True),
            sa.Column("code", TEXT, nullable=False),
            sa.Column("transaction_id", TEXT, sa.ForeignKey("ledger_transaction.id"), nullable=True),
            sa.Column("said_by", TEXT, sa.ForeignKey("party.id"), nullable=True),
            sa.Column("reason", TEXT, nullable=False),
        ),
        sa.UniqueConstraint("payout", "number"),
        sa.UniqueConstraint("transaction_id"),
        sa.CheckConstraint(f"what IN ({_WHAT})", name="what"),
        sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
        sqlite_strict=True,
    )
    op.create_index("ix_payout_event_provider_id", "payout_event", ["provider_id"])
