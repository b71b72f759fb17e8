"""Whether the database has the schema of this program, and how it gets it. The migrations stand in their own package.

Alembic is imported where something is to be migrated: it costs a tenth of a second, and a check can do without.
"""

from __future__ import annotations

import threading
from importlib import resources
from pathlib import Path

import sqlalchemy as sa

from provenance.adapters.sql.engine import begin
from provenance.adapters.sql.errors import translated_errors
from provenance.kernel.errors import SchemaMismatch
from provenance.migrations import REVISIONS

_VERSION = sa.table("alembic_version", sa.column("version_num", sa.Text))

# Alembic keeps the running migration in module globals.
_ONE_AT_A_TIME = threading.Lock()


def check(engine: sa.Engine) -> None:
    """Do nothing where the schema is this program's.

    Raises:
        SchemaMismatch: there is none, or one that is older, newer or unknown.
        StorageLocked, StorageFailed: the database can't be read.
    """
    found = _revision(engine)
    if found == REVISIONS[-1]:
        return
    if found is None:
        raise SchemaMismatch("The database has no tables yet.", mend="Run `provenance migrate`.", found=None)
    if found in REVISIONS:
        raise SchemaMismatch(
            f"The database has the schema {found}, older than {REVISIONS[-1]} of this program.",
            mend="Make a backup and run `provenance migrate`.",
            found=found,
        )
    raise _unknown(found)


def migrate(engine: sa.Engine) -> None:
    """Bring the schema up to this program's, in one transaction that no other writer or migration can overlap.

    Raises:
        SchemaMismatch: the database is of a newer program.
        StorageLocked, StorageFull, StorageFailed: it can't be migrated now; nothing was changed.
    """
    with _ONE_AT_A_TIME, translated_errors(), engine.connect() as connection:
        begin(connection, writes=True)
        found = _revision_of(connection)
        if found is not None and found not in REVISIONS:
            raise _unknown(found)
        _upgrade(connection)
        connection.commit()


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    with resources.as_file(resources.files("provenance.migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _unknown(found: str) -> SchemaMismatch:
    return SchemaMismatch(
        f"The database has the schema {found!r}, which this program doesn't know.",
        mend="It is of a newer program: upgrade the program.",
        found=found,
    )


def _revision(engine: sa.Engine) -> str | None:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return None  # to open it would make an empty file
    with translated_errors(), engine.connect() as connection:
        begin(connection, writes=False)
        return _revision_of(connection)


def _revision_of(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    found = connection.execute(sa.select(_VERSION.c.version_num)).scalars().all()
    return " ".join(sorted(found)) or None
