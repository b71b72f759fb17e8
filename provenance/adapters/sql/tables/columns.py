"""What all tables share: names of constraints, column types that behave the same on both databases, fact columns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# PostgreSQL sorts text by its locale unless told otherwise; "C" sorts by code point, as SQLite and Python do.
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# SQLite's strict tables know one integer type, of 64 bits.
BigInteger = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """A moment to the microsecond, UTC in Python. ``timestamptz`` on PostgreSQL, text of one width on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """The type of the column."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """Text that sorts as the times do, with the year in four digits (``strftime`` drops leading zeros)."""
        if value is None:
            return None
        assert value.tzinfo is not None, "times carry their zone"
        at = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return at
        return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """The same moment, in UTC whatever zone the session has."""
        if value is None:
            return None
        return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


class Day(TypeDecorator[date]):
    """A day: ``date`` on PostgreSQL, ``2026-11-21`` on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """The type of the column."""
        return dialect.type_descriptor(sa.Date() if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: date | None, dialect: sa.Dialect) -> Any:
        """ISO text sorts as the days do."""
        return value.isoformat() if value is not None and dialect.name != "postgresql" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> date | None:  # noqa: ARG002
        """The same day."""
        return date.fromisoformat(value) if isinstance(value, str) else value


def table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """A table of the schema, strictly typed on SQLite too: a text in a column of numbers is refused."""
    return sa.Table(name, metadata, *columns, sqlite_strict=True)


def text(name: str, *references: sa.ForeignKey, null: bool = False) -> sa.Column[str]:
    """A column of text."""
    return sa.Column(name, Text, *references, nullable=null)


def number(name: str) -> sa.Column[int]:
    """A column of integers that fit 32 bits."""
    return sa.Column(name, sa.Integer, nullable=False)


def micros(name: str, *, null: bool = False) -> sa.Column[int]:
    """A column of micro-units of a currency."""
    return sa.Column(name, BigInteger, nullable=null)


def leaf_seq() -> sa.Column[int]:
    """The primary key of a fact: the number of its leaf."""
    return sa.Column("seq", BigInteger, sa.ForeignKey("leaf.seq"), primary_key=True, autoincrement=False)


def recorded_at() -> sa.Column[datetime]:
    """When the fact was recorded."""
    return sa.Column("recorded_at", UtcTime, nullable=False)


def sealed_by(column: str) -> sa.ForeignKey:
    """A reference to a row that is written after this one, in the same transaction: its seal."""
    return sa.ForeignKey(column, deferrable=True, initially="DEFERRED")
