"""Statements that are compiled once and then handed to the driver as they are.

SQLAlchemy does for each execution anew what depends on the statement alone, and takes several times as long over it as
the database: that counts where a request makes two dozen of them. What a request asks and writes goes this way.

It refuses what can't be compiled before the values are known, such as an ``IN`` with any number of them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import sqlalchemy as sa

# How many are kept, of all databases of the process: they belong to code, which has a fixed number of them.
KEPT = 512

Process: TypeAlias = Callable[[Any], Any]
Values: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement as one driver takes it.

    ``places`` are the names of its parameters where the driver counts them, None where it calls them by name;
    ``constants`` those that the statement itself sets. ``binds`` is what values of some names go through, and ``row``
    makes a row of what the driver answers.
    """

    sql: str
    places: tuple[str, ...] | None
    constants: Values
    binds: tuple[tuple[str, Process], ...]
    row: Process

    def rows(self, connection: sa.Connection, values: Values) -> list[Any]:
        """All rows that it answers."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self.sql, self._bound(values))
            return [self.row(found) for found in cursor.fetchall()]
        finally:
            cursor.close()

    def run(self, connection: sa.Connection, rows: Sequence[Values]) -> None:
        """Execute it once for each of the rows."""
        cursor = connection.connection.cursor()
        try:
            if len(rows) == 1:
                cursor.execute(self.sql, self._bound(rows[0]))
            else:
                cursor.executemany(self.sql, [self._bound(row) for row in rows])
        finally:
            cursor.close()

    def _bound(self, values: Values) -> Any:
        bound = {**self.constants, **values}
        for name, process in self.binds:
            bound[name] = process(bound[name])
        return bound if self.places is None else [bound[name] for name in self.places]


@lru_cache(maxsize=KEPT)
def prepared_insert(table: sa.Table, columns: tuple[str, ...], dialect: sa.Dialect) -> Prepared:
    """An insert of these columns."""
    return _prepared(sa.insert(table).compile(dialect=dialect, column_keys=list(columns)), dialect, row=tuple)


@lru_cache(maxsize=KEPT)
def prepared_select(statement: sa.Executable, dialect: sa.Dialect) -> Prepared | None:
    """A select, each of whose parameters stands for one value; None where it isn't one."""
    if not isinstance(statement, sa.Select):
        return None
    compiled = statement.compile(dialect=dialect)
    if any(parameter.expanding for parameter in compiled.binds.values()):
        return None
    columns = statement.exported_columns
    # A column without a name is reached by its place.
    names = columns.keys()
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024  run time knows them
    processes = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return _prepared(compiled, dialect, row=_processed(row._make, processes))


def _prepared(compiled: Any, dialect: sa.Dialect, *, row: Process) -> Prepared:
    """``compiled`` is what SQLAlchemy makes of a statement: its type doesn't say what its documentation does."""
    parameters: Mapping[str, sa.BindParameter[Any]] = compiled.binds
    processes = {
        name: parameter.type.dialect_impl(dialect).bind_processor(dialect) for name, parameter in parameters.items()
    }
    return Prepared(
        sql=str(compiled),
        places=tuple(compiled.positiontup) if compiled.positional else None,
        constants={name: parameter.value for name, parameter in parameters.items() if not parameter.required},
        binds=tuple((name, process) for name, process in processes.items() if process),
        row=row,
    )


def _processed(made: Process, processes: Sequence[Process | None]) -> Process:
    """A maker of rows whose values go through ``processes``, as far as there are any."""
    some = [(place, process) for place, process in enumerate(processes) if process]
    if not some:
        return made

    def row(found: Sequence[Any]) -> Any:
        values = list(found)
        for place, process in some:
            values[place] = process(values[place])
        return made(values)

    return row
