"""The guards in PostgreSQL's words.

A batch of a thousand transactions is four statements, and each guard looks at all rows of a statement at once. Before
a statement that adds leaves, entries or transactions the lock of the program's writers is taken, as in revision 0001,
so that the guards after it see all that there is. With it every entry is seen by its seal or refused, and the look at
each entry when all is committed, of revision 0001, finds nothing more.

Three references that are checked a row at a time are checked so as well, where the database can leave them declared and
unenforced (from PostgreSQL 18 on). What they refer to is never removed, so nothing else could break them. That entries
have their transaction is looked at when all is committed, once for each transaction and not for each entry.

No guard reads a whole table, whatever the planner believes of tables that have just grown.
"""

from collections.abc import Iterator, Mapping, Sequence

from provenance.migrations.r0001.guards_postgresql import WRITER_LOCK

_LOCK = f"PERFORM pg_advisory_xact_lock({WRITER_LOCK}); RETURN NULL;"

_CHECK_LEAF = """
    SELECT min(seq), max(seq), count(*) INTO lowest, highest, many FROM added;
    IF many > 0 AND (
        many <> highest - lowest + 1
        OR lowest <> (SELECT coalesce(max(seq), 0) + 1 FROM leaf WHERE seq < lowest)
        OR highest <> (SELECT max(seq) FROM leaf)
    ) THEN
        RAISE EXCEPTION 'leaf: its number is not the next one';
    END IF;
    RETURN NULL;"""

_CHECK_ENTRIES = """
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT transaction_id FROM added) a
        JOIN ledger_transaction t ON t.id = a.transaction_id)
        OR EXISTS (SELECT 1 FROM (SELECT DISTINCT seq FROM added) a JOIN ledger_transaction t ON t.seq = a.seq) THEN
        RAISE EXCEPTION 'sealed: ledger_entry of a ledger_transaction that is recorded';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT transaction_id FROM added GROUP BY transaction_id HAVING min(number) <> 0) a
        WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.transaction_id = a.transaction_id AND e.number = 0)
    ) THEN
        RAISE EXCEPTION 'an entry before the first one violates foreign key constraint "fk_ledger_entry_transaction_id"'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT account, currency FROM added) a
        WHERE NOT EXISTS (SELECT 1 FROM ledger_account l WHERE l.id = a.account AND l.currency = a.currency)
    ) THEN
        RAISE EXCEPTION 'an entry violates foreign key constraint "fk_ledger_entry_account_currency"'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;"""

# An entry is never of zero, so one whose sum is zero isn't alone.
_CHECK_TRANSACTIONS = """
    SELECT bool_or(number IS NULL) AS empty, bool_or(excess <> 0) AS unequal, bool_or(elsewhere) AS elsewhere INTO found
        FROM (
            SELECT min(e.number) AS number, sum(e.micros) AS excess, bool_or(e.seq <> a.seq) AS elsewhere
            FROM added a LEFT JOIN ledger_entry e ON e.transaction_id = a.id GROUP BY a.seq, e.currency
        ) sums;
    IF found.empty THEN
        RAISE EXCEPTION 'unbalanced: a transaction has two entries or more';
    END IF;
    IF found.unequal THEN
        RAISE EXCEPTION 'unbalanced: the entries do not add up to zero in each currency';
    END IF;
    IF found.elsewhere THEN
        RAISE EXCEPTION 'unbalanced: an entry has another number than its transaction';
    END IF;
    IF EXISTS (SELECT 1 FROM added a WHERE NOT EXISTS (SELECT 1 FROM leaf l WHERE l.seq = a.seq)) THEN
        RAISE EXCEPTION 'a transaction violates foreign key constraint "fk_ledger_transaction_seq"'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM added a JOIN ledger_transaction t ON t.id = a.corrects
        WHERE a.corrects IS NOT NULL AND (t.cause = 'reversal' OR (a.cause = 'reversal' AND t.corrects IS NOT NULL))
    ) THEN
        RAISE EXCEPTION 'correction: what it corrects is a correction';
    END IF;
    RETURN NULL;"""

# Of a transaction's first entry alone: another is never there without it, see above.
_CHECK_SEALED = """
    IF NOT EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.transaction_id) THEN
        RAISE EXCEPTION 'an entry alone violates foreign key constraint "fk_ledger_entry_transaction_id"'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;"""

_CHECK_CHECKPOINT = f"""
    PERFORM pg_advisory_xact_lock({WRITER_LOCK});
    SELECT seq, micros INTO before FROM ledger_checkpoint WHERE account = NEW.account ORDER BY seq DESC LIMIT 1;
    IF NEW.since_seq <> coalesce(before.seq, 0) THEN
        RAISE EXCEPTION 'checkpoint: it does not follow the one before';
    END IF;
    SELECT count(*) AS entries, sum(e.micros) AS moved, min(t.effective_at) AS first, max(t.effective_at) AS last
        INTO found FROM ledger_entry e JOIN ledger_transaction t ON t.seq = e.seq
        WHERE e.account = NEW.account AND e.seq > NEW.since_seq AND e.seq <= NEW.seq;
    IF (NEW.entries, NEW.moved_micros, NEW.effective_first, NEW.effective_last)
        IS DISTINCT FROM (found.entries, found.moved, found.first, found.last)
        OR NEW.micros <> coalesce(before.micros, 0) + NEW.moved_micros THEN
        RAISE EXCEPTION 'checkpoint: it is not what the entries come to';
    END IF;
    RETURN NEW;"""  # noqa: S608  a constant

# Table, function, its variables, its body; the trigger's name is that of the guard it takes the place of.
_STATEMENTS = (
    ("leaf", "leaf_check", "check_leaves", "lowest bigint; highest bigint; many bigint;", _CHECK_LEAF),
    ("ledger_entry", "ledger_entry_sealed", "check_entries", "", _CHECK_ENTRIES),
    ("ledger_transaction", "ledger_transaction_check", "check_transactions", "found record;", _CHECK_TRANSACTIONS),
)

_REFERENCES = (
    ("ledger_entry", "fk_ledger_entry_account_currency"),
    ("ledger_entry", "fk_ledger_entry_transaction_id"),
    ("ledger_transaction", "fk_ledger_transaction_seq"),
)


def statements(append_only: Mapping[str, Sequence[Sequence[str]]], *, schema: str) -> Iterator[str]:
    """DROP, CREATE FUNCTION and CREATE TRIGGER, one after the other; the tables are in ``schema``."""
    path = f"pg_catalog, {schema}, pg_temp"
    yield _function("lock_writers", "", _LOCK, path)
    for table, trigger, function, variables, body in _STATEMENTS:
        yield f"DROP TRIGGER {trigger} ON {table}"
        yield _function(function, variables, body, path)
        yield f"CREATE TRIGGER {table}_lock BEFORE INSERT ON {table} EXECUTE FUNCTION lock_writers()"
        yield (
            f"CREATE TRIGGER {trigger} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added"
            f" EXECUTE FUNCTION {function}()"
        )
    for table, reference in _REFERENCES:
        alter = f"ALTER TABLE {table} ALTER CONSTRAINT {reference} NOT ENFORCED"
        since = "current_setting('server_version_num')::int >= 180000"
        yield f"DO $$ BEGIN IF {since} THEN EXECUTE '{alter}'; END IF; END $$"
    yield "DROP TRIGGER zz_entry_balanced ON ledger_entry"
    yield _function("check_entry_has_seal", "", _CHECK_SEALED, path)
    yield (
        "CREATE CONSTRAINT TRIGGER ledger_entry_has_seal AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW WHEN (NEW.number = 0) EXECUTE FUNCTION check_entry_has_seal()"
    )
    for function in ("entry_at_commit", "leaf", "ledger_transaction"):
        yield f"DROP FUNCTION check_{function}()"
    yield "DROP FUNCTION refuse_after_ledger_transaction()"
    # The function is of revision 0008 and looks at closes alone: others needn't call it.
    yield "DROP TRIGGER ledger_transaction_period ON ledger_transaction"
    yield (
        "CREATE TRIGGER ledger_transaction_period BEFORE INSERT ON ledger_transaction FOR EACH ROW"
        " WHEN (NEW.cause = 'close') EXECUTE FUNCTION check_period_of_ledger_transaction()"
    )
    for table in append_only:
        when = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        yield f"CREATE TRIGGER {table}_append_only {when} EXECUTE FUNCTION refuse_change()"
    yield _function("check_checkpoint", "before record; found record;", _CHECK_CHECKPOINT, path)
    yield (
        "CREATE TRIGGER ledger_checkpoint_check BEFORE INSERT ON ledger_checkpoint FOR EACH ROW"
        " EXECUTE FUNCTION check_checkpoint()"
    )


def _function(name: str, variables: str, body: str, path: str) -> str:
    declared = f"DECLARE {variables}" if variables else ""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {path} SET enable_seqscan = off"
        f" AS $$ {declared} BEGIN {body} END $$"
    )
