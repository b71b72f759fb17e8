"""The guards in PostgreSQL's words.

Here several sessions write at once, and none sees what another has not committed. So whoever adds a leaf, or a row
that a later one seals, first takes the lock of the program's writers: the checks then see all that there is. Entries
are checked once more when the transaction is committed.

The functions fix their search path: nobody can lay a temporary table over one of ours.
"""

from collections.abc import Iterator, Mapping, Sequence

WRITER_LOCK = 0x70726F76656E616E

_REFUSE_CHANGE = "RAISE EXCEPTION 'append-only: % of %', TG_OP, TG_TABLE_NAME;"

_CHECK_LEAF = f"""
    PERFORM pg_advisory_xact_lock({WRITER_LOCK});
    IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM leaf) THEN
        RAISE EXCEPTION 'leaf: its number is not the next one';
    END IF;
    RETURN NEW;"""  # noqa: S608  a constant

_CHECK_CLAIMS = """
    IF (SELECT coalesce(sum(basis_points), 0) FROM claim_part WHERE claims = NEW.id) <> 10000 THEN
        RAISE EXCEPTION 'claims: the parts do not add up to 10000 basis points';
    END IF;
    RETURN NEW;"""

_CHECK_GENERATION = """
    IF NOT EXISTS (SELECT 1 FROM part WHERE generation = NEW.id) THEN
        RAISE EXCEPTION 'shares: the generation has no part';
    END IF;
    IF (SELECT coalesce(sum(share_ppb), 0) FROM attribution WHERE generation = NEW.id)
        <> 1000000000 - NEW.unattributed_ppb THEN
        RAISE EXCEPTION 'shares: they do not add up to 1000000000';
    END IF;
    RETURN NEW;"""

_CHECK_TRANSACTION = """
    IF (SELECT count(*) FROM ledger_entry WHERE transaction_id = NEW.id) < 2 THEN
        RAISE EXCEPTION 'unbalanced: a transaction has two entries or more';
    END IF;
    IF EXISTS (SELECT 1 FROM ledger_entry WHERE transaction_id = NEW.id GROUP BY currency HAVING sum(micros) <> 0) THEN
        RAISE EXCEPTION 'unbalanced: the entries do not add up to zero in each currency';
    END IF;
    RETURN NEW;"""

# Where this transaction set the seal itself, the seal's own check saw all entries: the sum is not taken once an entry.
_CHECK_ENTRY_AT_COMMIT = """
    IF EXISTS (
        SELECT 1 FROM ledger_transaction WHERE id = NEW.transaction_id AND xmin = pg_current_xact_id()::xid
    ) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT 1 FROM ledger_entry WHERE transaction_id = NEW.transaction_id
        GROUP BY currency HAVING sum(micros) <> 0
    ) THEN
        RAISE EXCEPTION 'unbalanced: the entries do not add up to zero in each currency';
    END IF;
    RETURN NULL;"""

_CHECKS = {
    "leaf": _CHECK_LEAF,
    "claims": _CHECK_CLAIMS,
    "generation": _CHECK_GENERATION,
    "ledger_transaction": _CHECK_TRANSACTION,
}


def statements(
    append_only: Mapping[str, Sequence[Sequence[str]]], sealed: Sequence[tuple[str, str, str]], *, schema: str
) -> Iterator[str]:
    """CREATE FUNCTION and CREATE TRIGGER, one after the other; the tables are in ``schema``."""
    path = f"pg_catalog, {schema}, pg_temp"
    yield _function("refuse_change", _REFUSE_CHANGE, path)
    for table in append_only:
        # Once a statement: one that would touch no row is refused too.
        yield _trigger(f"{table}_append_only", f'BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"', "refuse_change", "")
    for table, body in _CHECKS.items():
        yield _function(f"check_{table}", body, path)
        yield _trigger(f"{table}_check", f'BEFORE INSERT ON "{table}"', f"check_{table}")
    for seal, column in sorted({(seal, column) for _, column, seal in sealed}):
        yield _function(f"refuse_after_{seal}", _refuse_after(seal, column), path)
    for table, _, seal in sealed:
        yield _trigger(f"{table}_sealed", f'BEFORE INSERT ON "{table}"', f"refuse_after_{seal}")
    yield _function("check_entry_at_commit", _CHECK_ENTRY_AT_COMMIT, path)
    # Triggers fire in the order of their names: this one comes after "RI_ConstraintTrigger...", so the seal is there.
    yield (
        "CREATE CONSTRAINT TRIGGER zz_entry_balanced AFTER INSERT ON ledger_entry"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_at_commit()"
    )


def _refuse_after(seal: str, column: str) -> str:
    return f"""
    PERFORM pg_advisory_xact_lock({WRITER_LOCK});
    IF EXISTS (SELECT 1 FROM {seal} WHERE id = NEW.{column}) THEN
        RAISE EXCEPTION 'sealed: % of a {seal} that is recorded', TG_TABLE_NAME;
    END IF;
    RETURN NEW;"""  # noqa: S608  names are constants of this revision


def _function(name: str, body: str, path: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {path} AS $$ BEGIN {body} END $$"
    )


def _trigger(name: str, when: str, function: str, each: str = "FOR EACH ROW ") -> str:
    return f"CREATE TRIGGER {name} {when} {each}EXECUTE FUNCTION {function}()"
