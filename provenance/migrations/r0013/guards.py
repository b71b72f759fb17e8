"""Rows of these tables are never changed or removed, also in raw SQL. Refusals are named as in revision 0001."""

from collections.abc import Iterator

from alembic import op

# As in 0001: with each table, its keys through which INSERT OR REPLACE could remove a row.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "outbound_endpoint": (("seq",), ("id",)),
    "outbound_secret": (("seq",), ("endpoint", "number")),
    "outbound_standing": (("seq",), ("endpoint", "number")),
    "outbound_event": (("seq",), ("id",)),
    "outbound_delivery": (("seq",), ("id",), ("event", "endpoint", "number")),
    "outbound_try": (("seq",), ("delivery", "number")),
}


def create_triggers() -> None:
    """All guards of this revision, on the database that is being migrated."""
    connection = op.get_bind()
    statements = _sqlite() if connection.dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _sqlite() -> Iterator[str]:
    for table, keys in APPEND_ONLY.items():
        yield _refuse(f"{table}_update", f"BEFORE UPDATE ON {table}", f"append-only: UPDATE of {table}")
        yield _refuse(f"{table}_delete", f"BEFORE DELETE ON {table}", f"append-only: DELETE of {table}")
        for key in keys:
            same = " AND ".join(f"{column} = NEW.{column}" for column in key)
            when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  constants
            yield _refuse(f"{table}_same_{'_'.join(key)}", when, f"duplicate: {', '.join(key)} of {table}")


def _refuse(name: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _postgresql() -> Iterator[str]:
    for table in APPEND_ONLY:
        when = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        yield f"CREATE TRIGGER {table}_append_only {when} EXECUTE FUNCTION refuse_change()"
