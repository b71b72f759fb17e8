"""What the database refuses of entries and checkpoints, also in raw SQL; how stands in one file a database.

An entry under another number than its transaction's, a correction of a correction, a second reversal of a whole, and a
checkpoint that isn't what the entries come to. On PostgreSQL, what stood once a row stands once a statement.

Refusals start with ``correction`` and ``checkpoint``; the others are named as in revision 0001.
"""

from alembic import op

from provenance.migrations.r0009 import guards_postgresql, guards_sqlite

# As in revision 0001: with the table, its keys through which INSERT OR REPLACE could remove a row.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {"ledger_checkpoint": (("account", "seq"),)}


def exchange() -> None:
    """All guards of this revision, on the database that is being migrated."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        statements = guards_sqlite.statements(APPEND_ONLY)
    else:
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        statements = guards_postgresql.statements(APPEND_ONLY, schema=schema)
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
