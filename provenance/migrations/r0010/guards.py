"""What the database refuses of subscription money, also in raw SQL: any change, and more for a closed period.

The latter starts with ``period``; the others are named as in revision 0001.
"""

from collections.abc import Iterator

from alembic import op

from provenance.migrations.r0001.guards_postgresql import WRITER_LOCK

# As in 0001: with each table, its keys through which INSERT OR REPLACE could remove a row.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "subscription": (("seq",), ("id",), ("service", "period", "currency"), ("transaction_id",))
}

_CLOSED = "EXISTS (SELECT 1 FROM period_close WHERE until >= NEW.until)"
_MESSAGE = "period: subscription money of a period that is closed"


def create_triggers() -> None:
    """All guards of this revision, on the database that is being migrated."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        statements = _sqlite()
    else:
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        statements = _postgresql(f"pg_catalog, {schema}, pg_temp")
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
    yield _refuse("subscription_period", f"BEFORE INSERT ON subscription WHEN {_CLOSED}", _MESSAGE)


def _refuse(name: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _postgresql(path: str) -> Iterator[str]:
    for table in APPEND_ONLY:
        when = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        yield f"CREATE TRIGGER {table}_append_only {when} EXECUTE FUNCTION refuse_change()"
    # Whoever closes holds this lock to the end, so that what is checked here can't be closed meanwhile.
    yield (
        f"CREATE FUNCTION check_period_of_subscription() RETURNS trigger LANGUAGE plpgsql SET search_path = {path}"
        f" AS $$ BEGIN PERFORM pg_advisory_xact_lock({WRITER_LOCK});"
        f" IF ({_CLOSED}) THEN RAISE EXCEPTION '{_MESSAGE}'; END IF; RETURN NEW; END $$"
    )
    yield (
        "CREATE TRIGGER subscription_period BEFORE INSERT ON subscription FOR EACH ROW"
        " EXECUTE FUNCTION check_period_of_subscription()"
    )
