"""What the database refuses of checkpoints, also in raw SQL: one that doesn't follow the one before.

A log has one origin for ever, grows, and its clock doesn't go back. Refusals start with ``log``.
"""

from collections.abc import Iterator

from alembic import op

from provenance.migrations.r0001.guards_postgresql import WRITER_LOCK

_LAST = "FROM log_checkpoint ORDER BY size DESC LIMIT 1"
_OTHER = "EXISTS (SELECT 1 FROM log_checkpoint WHERE size >= NEW.size OR origin <> NEW.origin)"
_WRONG = f"{_OTHER} OR NEW.signed_at < (SELECT signed_at {_LAST})"
_MESSAGE = "log: a checkpoint does not follow the one before"


def create_triggers() -> None:
    """All guards of this revision, on the database that is being migrated."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        statements = _sqlite()
    else:
        statements = _postgresql(connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one())
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _sqlite() -> Iterator[str]:
    for change in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER log_checkpoint_{change.lower()} BEFORE {change} ON log_checkpoint"
            f" BEGIN SELECT RAISE(ABORT, 'append-only: {change} of log_checkpoint'); END"
        )
    yield (
        f"CREATE TRIGGER log_checkpoint_follows BEFORE INSERT ON log_checkpoint WHEN {_WRONG}"
        f" BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    )


def _postgresql(schema: str) -> Iterator[str]:
    yield (
        "CREATE TRIGGER log_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_checkpoint"
        " EXECUTE FUNCTION refuse_change()"
    )
    body = (
        f"PERFORM pg_advisory_xact_lock({WRITER_LOCK});"
        f" IF {_WRONG} THEN RAISE EXCEPTION '{_MESSAGE}'; END IF; RETURN NEW;"
    )
    yield (
        "CREATE FUNCTION check_log_checkpoint() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = pg_catalog, {schema}, pg_temp AS $$ BEGIN {body} END $$"
    )
    yield (
        "CREATE TRIGGER log_checkpoint_follows BEFORE INSERT ON log_checkpoint FOR EACH ROW"
        " EXECUTE FUNCTION check_log_checkpoint()"
    )
