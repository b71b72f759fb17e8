"""What the database refuses of reviews, also in raw SQL: a second one of a hold, and money that was never held.

A refusal of a review's content starts with ``review``; the others are named as in revision 0001.
"""

from collections.abc import Iterator

from alembic import op

from provenance.migrations.r0001.guards_postgresql import WRITER_LOCK

# As in revision 0001: tables whose rows are never changed, with the keys that nothing else keeps from being replaced.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "review": (("seq",), ("id",), ("generation", "work"), ("transaction_id",)),
    "released": (("seq",),),
}

_USE = "work_use WHERE generation = NEW.generation AND work = NEW.work AND outcome = 'review'"
_HELD = f"(SELECT held_micros FROM {_USE})"  # noqa: S608  constants of this revision, here and below
_CURRENCY = f"(SELECT held_currency FROM {_USE})"  # noqa: S608
_RELEASED = "FROM released WHERE review = NEW.id"
_ENTRY = f"FROM ledger_entry WHERE transaction_id = NEW.transaction_id AND account = 'held/' || {_CURRENCY}"

# What must not be so when a review is set, and what to say then.
_REFUSED = (
    (f"NOT EXISTS (SELECT 1 FROM {_USE})", "the use is not held for review"),  # noqa: S608
    (
        f"(SELECT coalesce(sum(micros), 0) {_RELEASED}) <> CASE NEW.resolution WHEN 'release' THEN {_HELD} ELSE 0 END",
        "what is released is not what was held",
    ),
    (
        f"EXISTS (SELECT 1 {_RELEASED} AND currency <> {_CURRENCY})",
        "what is released is of another currency than what was held",
    ),
    (
        f"{_HELD} <> coalesce((SELECT micros {_ENTRY}), 0)",
        "its transaction does not take what was held",
    ),
)


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
            when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608
            yield _refuse(f"{table}_same_{'_'.join(key)}", when, f"duplicate: {', '.join(key)} of {table}")
    when = "BEFORE INSERT ON released WHEN EXISTS (SELECT 1 FROM review WHERE id = NEW.review)"
    yield _refuse("released_sealed", when, "sealed: released of a review that is recorded")
    for number, (wrong, message) in enumerate(_REFUSED):
        yield _refuse(f"review_check_{number}", f"BEFORE INSERT ON review WHEN {wrong}", f"review: {message}")


def _refuse(name: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _postgresql(path: str) -> Iterator[str]:
    for table in APPEND_ONLY:
        when = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        yield f"CREATE TRIGGER {table}_append_only {when} EXECUTE FUNCTION refuse_change()"
    lock = f"PERFORM pg_advisory_xact_lock({WRITER_LOCK});"
    checks = " ".join(f"IF ({wrong}) THEN RAISE EXCEPTION 'review: {message}'; END IF;" for wrong, message in _REFUSED)
    sealed = (
        "IF EXISTS (SELECT 1 FROM review WHERE id = NEW.review) THEN"
        " RAISE EXCEPTION 'sealed: released of a review that is recorded'; END IF;"
    )
    for name, table, body in (("check_review", "review", checks), ("refuse_after_review", "released", sealed)):
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {path}"
            f" AS $$ BEGIN {lock} {body} RETURN NEW; END $$"
        )
        yield f"CREATE TRIGGER {table}_check BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
