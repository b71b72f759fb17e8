"""What the database refuses in raw SQL, past all of our code."""

from typing import Any

import psycopg
import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.tables import metadata
from provenance.migrations.r0001 import guards as r0001
from provenance.migrations.r0003 import guards as r0003
from provenance.migrations.r0005 import guards as r0005
from provenance.migrations.r0007 import guards as r0007
from provenance.migrations.r0009 import guards as r0009
from provenance.services.log_stores import SealedCheckpoint

from .closing_values import subscribe

# A review needs a hold that nobody has resolved: its keys are tried in test_sql_review_attacks.
# What counts and disputes ask for stands in test_sql_terms_attacks: here a refusal of their content comes first.
RATES = {"fx_rate": r0007.APPEND_ONLY["fx_rate"]}
APPEND_ONLY = {**r0001.APPEND_ONLY, **r0003.APPEND_ONLY, **r0005.APPEND_ONLY, **RATES, **r0009.APPEND_ONLY}

TABLES = sorted(metadata.tables)
ON_SQLITE = pytest.mark.parametrize("dialect", ["sqlite"])
ON_POSTGRESQL = pytest.mark.parametrize("dialect", ["postgresql"])

NOW = "'2026-11-21T08:00:00.000000Z'"
ANN, POOL = "party_payable/ann/USD", "unattributed_pool/USD"

# The kinds of refusal, as triggers name them.
GUARDS = tuple(
    "append-only duplicate sealed unbalanced claims shares leaf review withdrawn count dispute period statement "
    "checkpoint".split()
)
LAST = "(SELECT max(seq) FROM leaf)"


def _leaf(kind: str, fact: str) -> str:
    number = "(SELECT coalesce(max(seq), 0) + 1 FROM leaf)"
    return f"INSERT INTO leaf (seq, kind, fact, fact_sha256) VALUES ({number}, '{kind}', '{fact}', '{'0' * 64}')"


def _entry(transaction: str, number: int, account: str, micros: int, currency: str = "USD", seq: str = "") -> str:
    values = f"'{transaction}', {number}, '{account}', '{currency}', {micros}, {seq or _number_of(transaction)}"
    return f"INSERT INTO ledger_entry (transaction_id, number, account, currency, micros, seq) VALUES ({values})"


def _number_of(transaction: str) -> str:
    """That of a transaction that is there; else the one that it will have."""
    there = f"(SELECT seq FROM ledger_transaction WHERE id = '{transaction}')"
    return f"coalesce({there}, (SELECT max(seq) + 1 FROM leaf))"


def _seal(transaction: str, key: str = "") -> tuple[str, str]:
    return (
        _leaf("transaction", transaction),
        (
            "INSERT INTO ledger_transaction (seq, id, business_key, cause, effective_at, payload_digest, recorded_at) "
            f"VALUES ({LAST}, '{transaction}', '{key or transaction}', 'attack', {NOW}, 'd', {NOW})"
        ),
    )


def _claims(name: str, work: str, **parts: int) -> tuple[str, ...]:
    return (
        *(
            f"INSERT INTO claim_part (claims, party, basis_points) VALUES ('{name}', '{party}', {part})"
            for party, part in parts.items()
        ),
        _leaf("claims", name),
        (
            "INSERT INTO claims (seq, id, work, valid_from, recorded_at) "
            f"VALUES ({LAST}, '{name}', '{work}', '2026-01-01', {NOW})"
        ),
    )


def _key(table: str) -> list[str]:
    return [c.name for c in metadata.tables[table].primary_key.columns]


def _copy(table: str, **other: str) -> str:
    """A copy of the table's first row, with ``other`` SQL in some columns."""
    columns = [c.name for c in metadata.tables[table].columns]
    values = ", ".join(other.get(c, c) for c in columns)
    return f'INSERT INTO "{table}" ({", ".join(columns)}) SELECT {values} FROM "{table}" LIMIT 1'


@pytest.fixture
def state(recorded: Any, database: SqlDatabase, raw: Any) -> Any:
    """Checks, when the test is over, that every row of every table is as it was."""
    recorded.record_terms(database)
    subscribe(database, recorded.at)
    with database.begin(write=True) as work:
        sealed = {"origin": "log", "size": work.log.size(), "root": bytes(32), "note": "n", "signed_at": recorded.at}
        work.log.add_checkpoint(SealedCheckpoint(**sealed))
        work.commit()

    def rows() -> dict[str, list[Any]]:
        return {table: sorted(raw(f'SELECT * FROM "{table}"'), key=repr) for table in TABLES}

    before = rows()
    assert all(before.values()), "the story leaves no table empty"
    yield recorded
    assert rows() == before


def test_there_is_a_guard_for_every_table(state: Any, raw: Any) -> None:
    found = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if not raw.sqlite:
        found = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    assert {name for (name,) in raw(found)} == {*TABLES, "alembic_version"}


def test_no_row_is_changed_or_removed(state: Any, raw: Any) -> None:
    for table in TABLES:
        column = _key(table)[0]
        assert "append-only" in raw.refused(f'UPDATE "{table}" SET {column} = {column}'), table
        assert "append-only" in raw.refused(f'DELETE FROM "{table}"'), table


@ON_POSTGRESQL
def test_no_table_is_emptied(state: Any, raw: Any) -> None:
    for table in TABLES:
        assert "append-only" in raw.refused(f'TRUNCATE "{table}" CASCADE'), table


def test_no_row_is_replaced(state: Any, raw: Any) -> None:
    """SQLite's REPLACE removes the row in its way without a word to triggers that watch for DELETE."""
    if raw.sqlite:
        raw.connection.execute("PRAGMA foreign_keys = OFF")
    for table in TABLES:
        if raw.sqlite:
            said = raw.refused(_copy(table).replace("INSERT", "INSERT OR REPLACE"))
            assert any(word in said for word in GUARDS), (table, said)
        else:
            key = _key(table)
            update = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {key[0]} = excluded.{key[0]}"
            said = raw.refused(f"{_copy(table)} {update}")
            assert any(word in said for word in GUARDS), (table, said)


@ON_SQLITE
@pytest.mark.parametrize(("table", "key"), [(table, key) for table, keys in APPEND_ONLY.items() for key in keys])
def test_no_row_is_replaced_through_any_of_its_keys(state: Any, raw: Any, table: str, key: tuple[str, ...]) -> None:
    """All is in order but for one key, which another row has."""
    raw.connection.execute("PRAGMA foreign_keys = OFF")
    new = {"seq": f"(SELECT max(seq) + 1 FROM {table})", "number": "99"}
    keys = {column for other in APPEND_ONLY[table] for column in other}
    changed = {column: new.get(column, "'new'") for column in sorted(keys.difference(key))}
    changed |= {"leaf": {"seq": new["seq"]}, "accrual": {"generation": "'new'"}}.get(table, {})
    before: list[str] = []
    if "id" in changed:  # a new fact, with all that its seal asks for
        before = {
            "claims": ["INSERT INTO claim_part VALUES ('new', 'ann', 10000)"],
            "generation": [_copy("part", generation="'new'")],
            "ledger_transaction": [_entry("new", 0, ANN, -5), _entry("new", 1, POOL, 5)],
        }.get(table, [])
        changed |= {"generation": {"unattributed_ppb": "1000000000"}}.get(table, {})
    replace = _copy(table, **changed).replace("INSERT", "INSERT OR REPLACE")
    said = raw.refused(*before, replace)
    # What is under another's key may be refused for what else is wrong with it then.
    other = {"ledger_transaction": "another number", "ledger_checkpoint": "not what the entries come to"}
    assert "duplicate" in said or other.get(table, "duplicate") in said


# -- the ledger -------------------------------------------------------------------------------------------------------


def test_a_balanced_transaction_is_accepted(recorded: Any, raw: Any) -> None:
    raw(_entry("t", 0, ANN, -5), _entry("t", 1, POOL, 5), *_seal("t"))
    assert raw("SELECT sum(micros) FROM ledger_entry WHERE transaction_id = 't'") == [(0,)]


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [(ANN, -5, "USD")],
        [(ANN, -5, "USD"), (POOL, 6, "USD")],
        [(ANN, -5, "USD"), ("party_payable/bob/EUR", 5, "EUR")],
    ],
    ids=["none", "one", "a sum", "two currencies"],
)
def test_an_unbalanced_transaction_is_refused(state: Any, raw: Any, entries: list[tuple[str, int, str]]) -> None:
    inserts = [_entry("t", n, account, micros, currency) for n, (account, micros, currency) in enumerate(entries)]
    assert "unbalanced" in raw.refused(*inserts, *_seal("t"))


def test_an_entry_of_a_sealed_transaction_is_refused(state: Any, raw: Any) -> None:
    sealed = state.transaction(state.generation()).id
    assert "sealed" in raw.refused(_entry(sealed, 99, "held/EUR", 5, "EUR"))
    late = [_entry("t", 0, ANN, -5), _entry("t", 1, POOL, 5), *_seal("t"), _entry("t", 2, "held/USD", 1)]
    assert "sealed" in raw.refused(*late)


def test_entries_without_a_seal_are_not_committed(state: Any, raw: Any) -> None:
    assert "foreign key" in raw.refused(_entry("t", 0, ANN, -5), _entry("t", 1, POOL, 5)).lower()


@ON_SQLITE
def test_entries_without_a_seal_count_for_nothing_where_foreign_keys_are_off(
    database: SqlDatabase, recorded: Any, raw: Any
) -> None:
    with database.begin() as work:
        before = work.books.balances()
    raw.connection.execute("PRAGMA foreign_keys = OFF")
    raw(_entry("t", 0, ANN, -5))
    with database.begin() as work:
        assert work.books.balances() == before


@pytest.mark.parametrize(
    "entry",
    [_entry("t", 0, ANN, -5, "EUR"), _entry("t", 0, "party_payable/nobody/USD", -5), _entry("t", 0, ANN, 0)],
    ids=["another currency", "no account", "zero"],
)
def test_a_wrong_entry_is_refused(state: Any, raw: Any, entry: str) -> None:
    assert "constraint" in raw.refused(entry, _entry("t", 1, POOL, 5), *_seal("t"))


@ON_SQLITE
@pytest.mark.parametrize("micros", ["'much'", "0.5", "x'05'"])
def test_an_amount_that_is_no_integer_is_refused(state: Any, raw: Any, micros: str) -> None:
    entry = _entry("t", 0, ANN, 7).replace(" 7,", f" {micros},")
    assert "INTEGER column" in raw.refused(entry, _entry("t", 1, POOL, 5), *_seal("t"))


def test_a_business_key_is_used_once(state: Any, raw: Any) -> None:
    key = state.transaction(state.generation()).business_key
    assert "duplicate" in raw.refused(_entry("t", 0, ANN, -5), _entry("t", 1, POOL, 5), *_seal("t", key))


@pytest.mark.parametrize(
    "row",
    ["'held/EUR2', 'held', NULL, 'EUR'", "'held/ann/USD', 'held', 'ann', 'USD'", "'cash/USD', 'cash', NULL, 'USD'"],
)
def test_an_account_off_the_chart_is_refused(state: Any, raw: Any, row: str) -> None:
    said = raw.refused(f"INSERT INTO ledger_account (id, kind, party, currency) VALUES ({row})")
    assert "ck_ledger_account" in said


# -- two sessions at once (PostgreSQL; SQLite has one writer) ---------------------------------------------------------


@pytest.fixture
def other(raw: Any, url: str) -> Any:
    """A second session, beside `raw`, that waits for no lock."""
    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    connection.execute("SET lock_timeout = '100ms'")
    yield connection
    connection.close()


@ON_POSTGRESQL
def test_an_entry_from_another_session_waits_and_is_refused(state: Any, raw: Any, other: Any) -> None:
    raw.connection.execute("BEGIN")
    for statement in (_entry("t", 0, ANN, -5), _entry("t", 1, POOL, 5), *_seal("t")):
        raw.connection.execute(statement)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        other.execute(_entry("t", 2, "held/USD", 1))
    raw.connection.execute("ROLLBACK")


@ON_POSTGRESQL
def test_no_seal_is_set_while_another_session_has_entries_that_it_can_not_see(
    recorded: Any, raw: Any, other: Any
) -> None:
    raw.connection.execute("BEGIN")
    raw.connection.execute(_entry("t", 0, POOL, 1))
    for statement in (_entry("t", 0, ANN, -5), *_seal("t")):
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute(statement)
    raw.connection.execute("ROLLBACK")


@ON_POSTGRESQL
@pytest.mark.parametrize("number", [2, 7])
def test_a_session_that_looks_at_the_past_can_not_add_an_entry(
    recorded: Any, raw: Any, other: Any, number: int
) -> None:
    other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    other.execute("SELECT count(*) FROM leaf")
    raw(_entry("t", 0, ANN, -5), _entry("t", 1, POOL, 5), *_seal("t"))
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        other.execute(_entry("t", number, "held/USD", 1))


@ON_POSTGRESQL
def test_a_temporary_table_does_not_blind_the_guards(recorded: Any, raw: Any) -> None:
    sealed = recorded.transaction(recorded.generation()).id
    raw("CREATE TEMPORARY TABLE ledger_transaction (id text)")
    assert "sealed" in raw.refused(_entry(sealed, 99, "held/EUR", 5, "EUR", seq="99"))


# -- shares, claims, leaves -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts", [{"ann": 9_999}, {"ann": 10_000, "bob": 1}, {}, {"ann": 10_001}, {"ann": 10_000, "bob": 0}]
)
def test_claims_that_are_not_the_whole_are_refused(state: Any, raw: Any, parts: dict[str, int]) -> None:
    said = raw.refused(*_claims("c", state.works["free"].id, **parts))
    assert "claims: " in said or "ck_claim_part_basis_points" in said


def test_a_part_of_recorded_claims_is_refused(state: Any, raw: Any) -> None:
    late = f"INSERT INTO claim_part (claims, party, basis_points) VALUES ('{state.claims.id}', 'bot', 1)"
    assert "sealed" in raw.refused(late)


def test_parts_of_no_claims_are_not_committed(state: Any, raw: Any) -> None:
    lost = "INSERT INTO claim_part (claims, party, basis_points) VALUES ('c', 'ann', 10000)"
    assert "foreign key" in raw.refused(lost).lower()


def _new_generation(**other: str) -> tuple[str, ...]:
    seal = {"seq": LAST, "id": "'gen_new'", "external_id": "'new'", "idempotency_key": "NULL"}
    return (_leaf("generation", "gen_new"), _copy("generation", **seal, **other))


@pytest.mark.parametrize("unattributed", [0, 999_999_999])
def test_shares_that_are_not_the_whole_are_refused(state: Any, raw: Any, unattributed: int) -> None:
    part = _copy("part", generation="'gen_new'")
    assert "shares" in raw.refused(part, *_new_generation(unattributed_ppb=str(unattributed)))


def test_a_generation_without_a_part_is_refused(state: Any, raw: Any) -> None:
    assert "shares" in raw.refused(*_new_generation(unattributed_ppb="1000000000"))


def test_a_whole_generation_is_accepted(recorded: Any, raw: Any) -> None:
    raw(_copy("part", generation="'gen_new'"), *_new_generation(unattributed_ppb="1000000000"))


@pytest.mark.parametrize("table", ["part", "attribution", "match", "work_use", "accrual"])
def test_nothing_is_added_to_a_recorded_generation(state: Any, raw: Any, table: str) -> None:
    columns = {"number": "99", "seq": "99"}
    if table in ("attribution", "work_use"):
        columns["work"] = "'work_new'"
    assert "sealed" in raw.refused(_copy(table, **columns))


@pytest.mark.parametrize("table", ["part", "attribution", "match", "work_use", "accrual"])
def test_nothing_stands_without_its_generation(state: Any, raw: Any, table: str) -> None:
    assert "foreign key" in raw.refused(_copy(table, generation="'gen_new'", seq="99")).lower()


@pytest.mark.parametrize("share", [0, -1, 1_000_000_001])
def test_a_share_out_of_range_is_refused(state: Any, raw: Any, share: int) -> None:
    row = _copy("attribution", generation="'gen_new'", share_ppb=str(share))
    said = raw.refused(
        row, _copy("part", generation="'gen_new'"), *_new_generation(unattributed_ppb=str(10**9 - share))
    )
    assert "ck_attribution_share" in said


@pytest.mark.parametrize("seq", [0, 1, 99])
def test_no_leaf_slips_in_or_leaves_a_gap(state: Any, raw: Any, seq: int) -> None:
    row = f"({seq}, 'party', 'mallory', '{'0' * 64}')"
    assert "leaf" in raw.refused(f"INSERT INTO leaf (seq, kind, fact, fact_sha256) VALUES {row}")


def test_no_fact_is_recorded_without_a_leaf(state: Any, raw: Any) -> None:
    row = f"(99, 'mallory', 'Mallory', {NOW})"
    assert "foreign key" in raw.refused(f"INSERT INTO party (seq, id, name, recorded_at) VALUES {row}").lower()


def test_a_fact_has_one_leaf(state: Any, raw: Any) -> None:
    assert "duplicate" in raw.refused(_leaf("party", "ann"))
