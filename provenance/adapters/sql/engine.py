"""Connections: how SQLite and PostgreSQL are opened, and how a transaction begins on each."""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa

from provenance.kernel.errors import StorageFailed

POOL_SIZE = 8
POOL_WAIT_SECONDS_MAX = 15.0
CONNECT_SECONDS_MAX = 10
SQLITE_VERSION_MIN = (3, 37)  # strict tables

# Held by whoever writes, on PostgreSQL: leaves are numbered without a gap, and nobody may see a later one before an
# earlier one. The triggers of the migrations take the same lock, so that raw SQL stands in the same queue.
WRITER_LOCK = 0x70726F76656E616E

_WRITES = "provenance_writes"
_MEND = "Use sqlite:////absolute/path.db or postgresql+psycopg://user@host/name."


def open_engine(url: str, *, lock_wait_seconds_max: float) -> sa.Engine:
    """A pool of at most `POOL_SIZE` connections; none is opened yet.

    Raises:
        StorageFailed: the URL names neither a file of SQLite nor a PostgreSQL database.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StorageFailed("The database URL can't be read.", mend=_MEND) from error
    pool = {"pool_size": POOL_SIZE, "max_overflow": 0, "pool_timeout": POOL_WAIT_SECONDS_MAX, "hide_parameters": True}
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return _sqlite(parsed, pool, lock_wait_seconds_max)
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return _postgresql(parsed.set(drivername="postgresql+psycopg"), pool, lock_wait_seconds_max)
    raise StorageFailed(f"{parsed.drivername} is no database that we know.", mend=_MEND)


def begin(connection: sa.Connection, *, writes: bool) -> None:
    """Begin a transaction. One that writes waits for its turn here, so that it can't fail half-way.

    A reader sees the state of one moment, whatever is committed meanwhile.
    """
    if connection.dialect.name == "sqlite":
        connection.execution_options(**{_WRITES: writes})
        connection.begin()
    elif writes:
        # Each statement sees what was committed before it, that is, all that was written before the lock was ours.
        connection.execution_options(isolation_level="READ COMMITTED")
        connection.begin()
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.literal(WRITER_LOCK, sa.BigInteger))))
    else:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.begin()


def _sqlite(url: sa.URL, pool: dict[str, Any], lock_wait_seconds_max: float) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise StorageFailed("A database in memory is gone when the program ends.", mend=_MEND)
    if sqlite3.sqlite_version_info < SQLITE_VERSION_MIN:
        raise StorageFailed(
            f"SQLite {sqlite3.sqlite_version} is too old.", mend="Use a Python with SQLite 3.37 or newer."
        )
    engine = sa.create_engine(url, connect_args={"timeout": lock_wait_seconds_max}, **pool)

    @sa.event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # sqlite3 begins nothing by itself: see `start` below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        # Past SQLAlchemy, which takes ten times as long over it: a request begins several.
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: sa.URL, pool: dict[str, Any], lock_wait_seconds_max: float) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS_MAX}, pool_pre_ping=True, **pool)

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {round(lock_wait_seconds_max * 1000)}")
        connection.autocommit = False

    return engine
