"""Exchange a check of a table that holds facts. PostgreSQL alters the table; SQLite can't, and makes it anew."""

import sqlalchemy as sa
from alembic import op


def exchange_check(table: str, name: str, before: str, after: str) -> None:
    """Replace the words ``before`` of the check ``name`` by ``after``, on the database that is being migrated."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _make_anew(connection, table, before, after)
    else:
        check = f"ck_{table}_{name}"
        connection.exec_driver_sql(
            f"ALTER TABLE {table} DROP CONSTRAINT {check}, ADD CONSTRAINT {check} CHECK ({after})"
        )


def _make_anew(connection: sa.Connection, table: str, before: str, after: str) -> None:
    """The table is made anew from its own words, with its rows in their order, its indexes and its triggers.

    References to it are checked when all is committed. Dropping a table asks none of its triggers.
    """
    schema = sa.table("sqlite_master", sa.column("tbl_name"), sa.column("type"), sa.column("sql"))
    words = sa.select(schema.c.sql).where(schema.c.tbl_name == table, schema.c.sql.is_not(None))
    made = connection.execute(words.where(schema.c.type == "table")).scalar_one()
    others = connection.execute(words.where(schema.c.type != "table")).scalars().all()
    assert made.count(before) == 1, "the check of the revision before"
    for statement in (
        "PRAGMA defer_foreign_keys = ON",
        f"CREATE TEMPORARY TABLE {table}_kept AS SELECT * FROM {table} ORDER BY rowid",  # noqa: S608  names of revisions, here and below
        f"DROP TABLE {table}",
        made.replace(before, after),
        f"INSERT INTO {table} SELECT * FROM {table}_kept ORDER BY rowid",  # noqa: S608
        f"DROP TABLE {table}_kept",
        *others,
    ):
        connection.exec_driver_sql(statement)
