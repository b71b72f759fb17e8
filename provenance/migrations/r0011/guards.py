"""What the database refuses of payouts, also in raw SQL.

Any change; a line that another live payout settles, or that says something else than the statement; more than its lines
come to; an event that isn't the next one, or moves the state back; a state without its transaction, or with another's;
an attempt of what isn't reserved; an end with money on its way; an approval short of what it needs; another party's
account.

Refusals start with ``payout``; the others are named as in revision 0001.
"""

from collections.abc import Iterator

from alembic import op

from provenance.migrations.r0001.guards_postgresql import WRITER_LOCK

# As in 0001: with each table, its keys through which INSERT OR REPLACE could remove a row.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "payee_account": (("seq",), ("id",), ("party", "provider", "number")),
    "payee_account_state": (("seq",), ("id",), ("account", "number")),
    "payout": (("seq",), ("id",), ("party", "currency", "number")),
    "payout_line": (("payout", "statement", "number"),),
    "payout_refusal": (("seq",), ("id",), ("party", "currency", "statement", "why")),
    "payout_approval": (("seq",), ("id",), ("payout", "approved_by")),
    "payout_attempt": (("seq",), ("id",)),
    "payout_event": (("seq",), ("id",), ("payout", "number"), ("transaction_id",)),
    "webhook_event": (("seq",), ("provider", "id")),
    "webhook_outcome": (("event",),),
}

_ENDED = "('returned', 'cancelled')"
_LINES = "payout_line WHERE payout = NEW.id"
_LAST = "coalesce((SELECT state FROM payout_event WHERE payout = NEW.payout ORDER BY number DESC LIMIT 1), 'planned')"
_RANKS = (
    "CASE {} WHEN 'planned' THEN 0 WHEN 'approved' THEN 1 WHEN 'reserved' THEN 2 WHEN 'sent' THEN 3"
    " WHEN 'confirmed' THEN 4 WHEN 'settled' THEN 5 WHEN 'failed' THEN 6 ELSE 7 END"
)
_KEY = "(SELECT business_key FROM ledger_transaction WHERE id = NEW.transaction_id)"
# What its transactions leave of it on its way; an event's own is among them.
_ON_ITS_WAY = (
    "(SELECT coalesce(sum(e.micros), 0) FROM ledger_entry e JOIN payout p ON p.id = NEW.payout"
    " WHERE e.account = 'payout_clearing/' || p.party || '/' || p.currency AND (e.transaction_id = NEW.transaction_id"
    " OR e.transaction_id IN (SELECT v.transaction_id FROM payout_event v WHERE v.payout = NEW.payout)))"
)
_SAME_COURSE = "payout_attempt WHERE payout = NEW.payout AND leg = NEW.leg AND (undoes IS NULL) = (NEW.undoes IS NULL)"

# Table, what must not be so when a row is added, what to say then. All words are constants of this revision.
REFUSED: tuple[tuple[str, str, str], ...] = (
    (
        "payout_line",
        "EXISTS (SELECT 1 FROM payout WHERE id = NEW.payout)",
        "sealed: payout_line of a payout that is recorded",
    ),
    (
        "payout_line",
        (
            "NOT EXISTS (SELECT 1 FROM statement_line s WHERE s.statement = NEW.statement AND s.number = NEW.number"
            " AND s.micros = NEW.micros AND s.kind <> 'paid')"
        ),
        "payout: a line is not what its statement says",
    ),
    (
        "payout",
        (
            "NEW.number <> coalesce((SELECT max(number) FROM payout WHERE party = NEW.party"
            " AND currency = NEW.currency), 0) + 1"
        ),
        "payout: its number is not the next one",
    ),
    (
        "payout",
        f"NEW.micros > NEW.carried_in_micros + (SELECT coalesce(sum(micros), 0) FROM {_LINES})",  # noqa: S608
        "payout: it pays more than its lines come to",
    ),
    (
        "payout",
        (
            f"EXISTS (SELECT 1 FROM statement s WHERE (s.party <> NEW.party OR s.currency <> NEW.currency) AND (s.id"  # noqa: S608
            f" = NEW.statement OR s.id IN (SELECT statement FROM {_LINES})))"
        ),
        "payout: it settles what is owed to another party, or in another currency",
    ),
    (
        "payout",
        (
            "EXISTS (SELECT 1 FROM payout_line mine JOIN payout_line other ON other.statement = mine.statement"  # noqa: S608
            " AND other.number = mine.number AND other.payout <> mine.payout WHERE mine.payout = NEW.id AND NOT EXISTS"
            f" (SELECT 1 FROM payout_event e WHERE e.payout = other.payout AND e.state IN {_ENDED}))"
        ),
        "payout: another one settles a line of it",
    ),
    (
        "payout",
        (
            "NOT EXISTS (SELECT 1 FROM payee_account a WHERE a.id = NEW.account AND a.party = NEW.party"
            " AND a.provider = NEW.provider)"
        ),
        "payout: it goes to the account of another party",
    ),
    (
        "payee_account",
        (
            "EXISTS (SELECT 1 FROM payee_account a WHERE a.provider = NEW.provider AND a.account = NEW.account"
            " AND a.party <> NEW.party)"
        ),
        "payout: the account is another party''s",
    ),
    (
        "payout_attempt",
        "NOT EXISTS (SELECT 1 FROM payout_event e WHERE e.payout = NEW.payout AND e.what = 'reserved')",
        "payout: nothing is sent before it is reserved",
    ),
    (
        "payout_attempt",
        f"NEW.ordinal <> coalesce((SELECT max(ordinal) FROM {_SAME_COURSE}), 0) + 1",  # noqa: S608
        "payout: the attempt is not the next one",
    ),
    (
        "payout_event",
        "NEW.number <> coalesce((SELECT max(number) FROM payout_event WHERE payout = NEW.payout), 0) + 1",
        "payout: the event is not the next one",
    ),
    (
        "payout_event",
        (
            f"{_LAST} IN {_ENDED} OR {_RANKS.format('NEW.state')} < {_RANKS.format(_LAST)}"
            f" OR (NEW.state = 'returned' AND {_LAST} <> 'failed')"
            f" OR (NEW.state = 'cancelled' AND {_RANKS.format(_LAST)} > 3)"
        ),
        "payout: its state only moves forward",
    ),
    (
        "payout_event",
        (
            "NEW.attempt IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payout_attempt a WHERE a.id = NEW.attempt"
            " AND a.payout = NEW.payout)"
        ),
        "payout: the attempt is another one''s",
    ),
    (
        "payout_event",
        (
            "NEW.what = 'approved' AND (SELECT count(*) FROM payout_approval WHERE payout = NEW.payout)"
            " < (SELECT approvals FROM payout WHERE id = NEW.payout)"
        ),
        "payout: too few people have approved it",
    ),
    (
        "payout_event",
        (
            f"(NEW.what = 'reserved' AND coalesce({_KEY}, '') <> 'payout:' || NEW.payout)"
            f" OR (NEW.what = 'returned' AND coalesce({_KEY}, '') <> 'payout-returned:' || NEW.payout)"
            f" OR (NEW.transaction_id IS NOT NULL AND {_KEY} NOT IN ('payout:' || NEW.payout,"
            " 'payout-returned:' || NEW.payout, 'payout-written-off:' || NEW.payout,"
            " 'payout-sent:' || coalesce(NEW.attempt, ''),"
            " 'payout-reversed:' || coalesce(NEW.attempt, '')))"
        ),
        "payout: its transaction is missing, or another one''s",
    ),
    (
        "payout_event",
        f"NEW.state IN ('settled', 'returned', 'cancelled') AND {_ON_ITS_WAY} <> 0",
        "payout: it ends with money on its way",
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
        yield _refuse(f"{table}_payout_{number}", f"BEFORE INSERT ON {table} WHEN {wrong}", message)


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
        # Whoever pays holds this lock to the end, so that what is checked here can't change meanwhile.
        lock = f"PERFORM pg_advisory_xact_lock({WRITER_LOCK});"
        yield (
            f"CREATE FUNCTION check_payout_of_{table}() RETURNS trigger LANGUAGE plpgsql SET search_path = {path}"
            f" AS $$ BEGIN {lock} {checks} RETURN NEW; END $$"
        )
        yield (
            f"CREATE TRIGGER {table}_payout BEFORE INSERT ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION check_payout_of_{table}()"
        )
