"""Many rows at once: PostgreSQL's COPY, and one prepared statement on SQLite.

Rows are tuples in the order of the columns. Guards and constraints look at them as at any others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

# With fewer, COPY costs more than it saves.
COPY_ROWS_MIN = 8

# https://www.postgresql.org/docs/current/sql-copy.html, text format
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def append(connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
    """Append ``rows`` of text, integers, moments and None."""
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    try:
        if connection.dialect.name == "sqlite":
            timed = any(type(value) is datetime for value in rows[0])
            stored = [[_stored(v) if type(v) is datetime else v for v in row] for row in rows] if timed else rows
            cursor.executemany(_insert(table, columns, "?"), stored)
        elif len(rows) < COPY_ROWS_MIN:
            cursor.executemany(_insert(table, columns, "%s"), rows)
        else:
            with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
                copy.write(_text(rows, len(columns)))
    finally:
        cursor.close()


def _text(rows: Sequence[Sequence[Any]], columns: int) -> str:
    """The rows as COPY reads them."""
    text = "\n".join(["\t".join(map(str, row)) for row in rows]) + "\n"
    # Hardly any value needs escaping, and a look at all of them together is cheaper than one at each.
    plain = text.count("\t") == len(rows) * (columns - 1) and text.count("\n") == len(rows)
    if plain and "\\" not in text and "\r" not in text and not any(None in row for row in rows):
        return text
    return "\n".join(["\t".join([_escaped(v) for v in row]) for row in rows]) + "\n"


def _escaped(value: Any) -> str:
    return "\\N" if value is None else str(value).translate(_ESCAPED)


@lru_cache(maxsize=64)
def _stored(at: datetime) -> str:
    """A moment as SQLite holds it: see `tables.columns.UtcTime`. Many rows have the same."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@cache
def _insert(table: sa.Table, columns: tuple[str, ...], place: str) -> str:
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join([place] * len(columns))})"  # noqa: S608  names of our tables
