"""A database: what `bootstrap` makes from the URL in the settings."""

from __future__ import annotations

from provenance.adapters.sql import schema
from provenance.adapters.sql.engine import open_engine
from provenance.adapters.sql.unit_of_work import SqlUnitOfWork

LOCK_WAIT_SECONDS_MAX = 5.0


class SqlDatabase:
    """Implements the port `Database`. Safe to share between threads; each unit of work belongs to one."""

    def __init__(self, url: str, *, lock_wait_seconds_max: float = LOCK_WAIT_SECONDS_MAX) -> None:
        """Nothing is opened yet.

        ``url`` is ``sqlite:////absolute/path.db`` or ``postgresql+psycopg://...``; a unit of work that writes waits
        at most ``lock_wait_seconds_max`` for the one before it.

        Raises:
            StorageFailed: the URL is neither.
        """
        self._engine = open_engine(url, lock_wait_seconds_max=lock_wait_seconds_max)

    def begin(self, *, write: bool = False) -> SqlUnitOfWork:
        """A unit of work. One that writes takes the write lock when it is entered; others can't write at all."""
        return SqlUnitOfWork(self._engine, writes=write)

    def check_schema(self) -> None:
        """Raise `SchemaMismatch` where the database has no schema, an older, or an unknown one."""
        schema.check(self._engine)

    def migrate(self) -> None:
        """Make the schema, or bring it up to date. Safe to run in several processes at once."""
        schema.migrate(self._engine)

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()
