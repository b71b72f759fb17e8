"""The guards of this revision's tables: no row is changed, removed or replaced. Messages start as those of 0001 do."""

from collections.abc import Iterator, Mapping, Sequence

from alembic import op

# As in 0001: with each table, its keys through which INSERT OR REPLACE could remove a row.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "overlap": (("seq",), ("id",), ("later_revision", "earlier_revision")),
    "comparison": (("revision",),),
}


def create_triggers() -> None:
    """All guards, on the database that is being migrated. PostgreSQL has the function from 0001."""
    connection = op.get_bind()
    made = _sqlite(APPEND_ONLY) if connection.dialect.name == "sqlite" else _postgresql(APPEND_ONLY)
    for statement in made:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _sqlite(append_only: Mapping[str, Sequence[Sequence[str]]]) -> Iterator[str]:
    for table, keys in append_only.items():
        yield _refuse(f"{table}_update", f"BEFORE UPDATE ON {table}", f"append-only: UPDATE of {table}")
        yield _refuse(f"{table}_delete", f"BEFORE DELETE ON {table}", f"append-only: DELETE of {table}")
        for key in keys:
            same = " AND ".join(f"{column} = NEW.{column}" for column in key)
            when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  constants
            yield _refuse(f"{table}_same_{'_'.join(key)}", when, f"duplicate: {', '.join(key)} of {table}")


def _refuse(name: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _postgresql(append_only: Mapping[str, Sequence[Sequence[str]]]) -> Iterator[str]:
    for table in append_only:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " EXECUTE FUNCTION refuse_change()"
        )
