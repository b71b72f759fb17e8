"""What the database refuses of closed periods, also in raw SQL.

Any change of a statement, one more of a closed period, one that doesn't foot or doesn't start where the one before
ended, a close out of order, and what a close would post to a closed period.

Refusals start with ``statement`` and ``period``; the others are named as in revision 0001.
"""

from collections.abc import Iterator

from alembic import op

from provenance.migrations.r0001.guards_postgresql import WRITER_LOCK

# As in 0001: with each table, its keys through which INSERT OR REPLACE could remove a row.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "payout_terms": (("seq",), ("id",)),
    "tax_profile": (("seq",), ("id",)),
    "period_close": (("seq",), ("period",)),
    "statement": (("seq",), ("id",), ("period", "party", "currency"), ("transaction_id",)),
    "statement_line": (),
}

_LAST = "(SELECT until FROM period_close ORDER BY seq DESC LIMIT 1)"
_BEFORE = (
    "(SELECT closing_micros FROM statement WHERE party = NEW.party AND currency = NEW.currency"
    " ORDER BY seq DESC LIMIT 1)"
)
_LINES = "(SELECT coalesce(sum(micros), 0) FROM statement_line WHERE statement = NEW.id)"

# Table, what must not be so when a row is added, what to say then. All names are constants of this revision.
REFUSED: tuple[tuple[str, str, str], ...] = (
    (
        "statement_line",
        "EXISTS (SELECT 1 FROM statement WHERE id = NEW.statement)",
        "sealed: statement_line of a statement that is recorded",
    ),
    (
        "statement",
        "EXISTS (SELECT 1 FROM period_close WHERE period = NEW.period)",
        "period: a closed period gets no statement",
    ),
    (
        "statement",
        f"NEW.closing_micros <> NEW.opening_micros + {_LINES}",
        "statement: opening and lines do not add up to the closing balance",
    ),
    (
        "statement",
        f"NEW.opening_micros <> coalesce({_BEFORE}, 0)",
        "statement: it does not open with what the one before closed with",
    ),
    (
        "period_close",
        f"{_LAST} IS NOT NULL AND NEW.since <> {_LAST}",
        "period: it does not follow the one that was closed last",
    ),
    (
        "period_close",
        "NEW.statements <> (SELECT count(*) FROM statement WHERE period = NEW.period)",
        "period: it has another number of statements",
    ),
    (
        "ledger_transaction",
        f"NEW.cause = 'close' AND {_LAST} IS NOT NULL AND NEW.effective_at < {_LAST}",
        "period: a closed period is not closed again",
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
            when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  constants
            yield _refuse(f"{table}_same_{'_'.join(key)}", when, f"duplicate: {', '.join(key)} of {table}")
    for number, (table, wrong, message) in enumerate(REFUSED):
        yield _refuse(f"{table}_period_{number}", f"BEFORE INSERT ON {table} WHEN {wrong}", message)


def _refuse(name: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _postgresql(path: str) -> Iterator[str]:
    for table in APPEND_ONLY:
        when = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        yield f"CREATE TRIGGER {table}_append_only {when} EXECUTE FUNCTION refuse_change()"
    for table in sorted({table for table, _, _ in REFUSED}):
        checks = " ".join(
            f"IF ({wrong}) THEN RAISE EXCEPTION '{message}'; END IF;" for t, wrong, message in REFUSED if t == table
        )
        # Whoever closes holds this lock to the end, so that what is checked here can't be closed meanwhile.
        lock = f"PERFORM pg_advisory_xact_lock({WRITER_LOCK});"
        only = "IF NEW.cause <> 'close' THEN RETURN NEW; END IF; " if table == "ledger_transaction" else ""
        yield (
            f"CREATE FUNCTION check_period_of_{table}() RETURNS trigger LANGUAGE plpgsql SET search_path = {path}"
            f" AS $$ BEGIN {only}{lock} {checks} RETURN NEW; END $$"
        )
        yield (
            f"CREATE TRIGGER {table}_period BEFORE INSERT ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION check_period_of_{table}()"
        )
