"""The schema: made by migrations, equal to the tables that the stores use, checked before anything else."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import provenance.migrations
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.engine import WRITER_LOCK
from provenance.adapters.sql.tables import metadata
from provenance.kernel.errors import SchemaMismatch
from provenance.migrations import REVISIONS
from provenance.migrations.r0001 import guards_postgresql

Open = Callable[..., SqlDatabase]
ROOT = Path(__file__).resolve().parents[2]


def test_migrations_make_the_tables_that_the_stores_use(database: SqlDatabase) -> None:
    with database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_make_the_checks_that_the_tables_state(
    database: SqlDatabase, empty_url: str, open_database: Open
) -> None:
    """Alembic compares no CHECK constraints, and of SQLite's strictness it knows nothing."""
    stated = open_database(empty_url)._engine
    metadata.create_all(stated)
    for name in metadata.tables:
        assert _shape(database._engine, name) == _shape(stated, name)


def _shape(engine: sa.Engine, table: str) -> Any:
    inspector = sa.inspect(engine)
    checks = {c["name"]: c["sqltext"] for c in inspector.get_check_constraints(table)}
    keys = {k["name"]: (k["constrained_columns"], k["options"]) for k in inspector.get_foreign_keys(table)}
    columns = [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)]
    return checks, keys, columns, inspector.get_pk_constraint(table), inspector.get_table_options(table)


def test_a_database_without_tables_is_told_to_migrate(empty_url: str, open_database: Open) -> None:
    database = open_database(empty_url)
    with pytest.raises(SchemaMismatch, match="provenance migrate") as caught:
        database.check_schema()
    assert caught.value.data == {"found": None}
    if empty_url.startswith("sqlite"):
        assert not Path(str(sa.make_url(empty_url).database)).exists(), "a check makes no file"
    database.migrate()
    database.check_schema()


def test_migrating_again_changes_nothing(database: SqlDatabase, recorded: Any) -> None:
    database.migrate()
    database.check_schema()
    with database.begin() as work:
        assert work.generations.page(limit=1).items


def test_a_newer_schema_asks_for_a_newer_program(database: SqlDatabase, raw: Any) -> None:
    raw("UPDATE alembic_version SET version_num = '9999'")
    for attempt in (database.check_schema, database.migrate):
        with pytest.raises(SchemaMismatch, match="upgrade the program"):
            attempt()


def test_an_older_schema_asks_to_migrate(database: SqlDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provenance.adapters.sql.schema.REVISIONS", (*REVISIONS, "9999"))
    with pytest.raises(SchemaMismatch, match=r"older.*provenance migrate") as caught:
        database.check_schema()
    assert caught.value.data == {"found": REVISIONS[-1]}


def test_a_migration_that_was_killed_left_nothing(database: SqlDatabase, raw: Any) -> None:
    raw("DELETE FROM alembic_version")
    with pytest.raises(SchemaMismatch, match="no tables"):
        database.check_schema()


def test_a_migration_that_fails_leaves_nothing(
    empty_url: str, open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Any:
        raise RuntimeError

    for guards in ("guards_sqlite", "guards_postgresql"):
        monkeypatch.setattr(f"provenance.migrations.r0001.{guards}.statements", fail)
    database = open_database(empty_url)
    with pytest.raises(RuntimeError):
        database.migrate()
    assert sa.inspect(database._engine).get_table_names() == []


def test_processes_that_migrate_at_once_make_one_schema(empty_url: str, open_database: Open) -> None:
    code = "import sys; from provenance.adapters.sql import SqlDatabase; SqlDatabase(sys.argv[1]).migrate()"
    runs = [subprocess.Popen([sys.executable, "-c", code, empty_url], cwd=ROOT) for _ in range(3)]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    open_database(empty_url).check_schema()


def test_the_program_knows_all_revisions_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(provenance.migrations.__file__).parent))
    walked = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(reversed([script.revision for script in walked])) == REVISIONS


def test_there_is_no_way_back() -> None:
    from provenance.migrations.versions import r0001_facts

    with pytest.raises(SchemaMismatch, match="backup"):
        r0001_facts.downgrade()


def test_the_guards_stand_in_the_queue_of_the_writers() -> None:
    assert guards_postgresql.WRITER_LOCK == WRITER_LOCK
