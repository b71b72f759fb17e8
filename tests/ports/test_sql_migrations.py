"""Databases of each earlier schema, with rows in every table: what a migration keeps, and what is legal after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import provenance.migrations
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.engine import begin
from provenance.adapters.sql.tables import metadata
from provenance.kernel.errors import SchemaMismatch
from provenance.ledger.accounts import Account, AccountKind
from provenance.migrations import REVISIONS
from provenance.migrations.versions import (
    r0002_review,
    r0003_overlaps,
    r0004_generation_context,
    r0005_withdrawals,
    r0007_terms,
    r0008_statements,
    r0009_hot_books,
    r0011_payouts,
    r0013_outbound_webhooks,
)
from provenance.royalties.accrual import Outcome
from provenance.services.facts import leaf

from .closing_values import close_month
from .paid_values import pay_once

Open = Callable[..., SqlDatabase]
# In the order in which rows can be written: what is sealed before its seal.
ORDER = (
    "leaf party api_key key_revocation work revision content revision_vectors claim_part claims licence snapshot "
    "publication overlap comparison ledger_account ledger_entry ledger_transaction ledger_checkpoint part attribution "
    "match work_use "
    "accrual use_count generation released review withdrawal fx_rate dispute_part dispute dispute_held dispute_hold "
    "dispute_step dispute_settled dispute_settlement payout_terms tax_profile statement_line statement period_close "
    "payee_account payee_account_state payout_line payout payout_refusal payout_approval payout_attempt "
    "payout_event webhook_event webhook_outcome outbound_endpoint outbound_secret outbound_standing outbound_event "
    "outbound_delivery outbound_try"
).split()


# What a later revision has something else for.
REPLACED = {
    ("ledger_entry", "ix_ledger_entry_account"),
    ("ledger_entry", "uq_ledger_entry_transaction_id_account"),
    ("ledger_entry", "zz_entry_balanced"),
}

# What can't be copied table by table: see `older`.
EMPTY = {"payout_attempt"}


@pytest.fixture(params=REVISIONS[:-1])
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def older(
    revision: str,
    empty_url: str,
    open_database: Open,
    database: SqlDatabase,
    story: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> SqlDatabase:
    """A database of an earlier schema that holds of the story what it could."""
    _record(database, story, revision)
    if revision >= "0011":
        # Attempts and events take turns, and are guarded so: they can't be copied table by table.
        pay_once(database, monkeypatch, send=False)
    older = open_database(empty_url)
    with older._engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(provenance.migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    _copy(database, older)
    return older


def _record(database: SqlDatabase, story: Any, revision: str) -> None:
    if revision < "0002":
        story.works.pop("careful")
    with database.begin(write=True) as work:
        story.record_rights(work)
        work.keys.add(story.key, story.at)
        work.keys.revoke(story.key.id, story.at)
        story.record_generation(work, story.generation(), "idem-1")
        if revision >= "0002":
            story.record_review(work, story.generation())
        if revision >= "0003":
            story.record_overlap(work)
        if revision >= "0005":
            story.record_withdrawal(work)
        if revision >= "0008":
            story.record_payees(work)
        work.commit()
    if revision >= "0008":
        close_month(database)
    if revision >= "0007":
        story.record_terms(database)
    if revision >= "0009":
        with database.begin(write=True) as work:
            payable = Account(kind=AccountKind.PARTY_PAYABLE, party="ann", currency="USD")
            assert work.books.take_checkpoints([payable], entries=1)
            work.commit()


def _copy(source: SqlDatabase, target: SqlDatabase) -> None:
    with source._engine.connect() as reading, target._engine.connect() as writing:
        begin(writing, writes=True)
        for name in _tables(target):
            table = sa.Table(name, sa.MetaData(), autoload_with=writing)
            rows = reading.execute(sa.select(*(sa.column(c.name) for c in table.columns)).select_from(sa.table(name)))
            if copied := [dict(row._mapping) for row in rows]:
                writing.execute(sa.insert(table), copied)
        writing.commit()


def _tables(database: SqlDatabase) -> list[str]:
    there = set(sa.inspect(database._engine).get_table_names())
    return [name for name in ORDER if name in there]


def _rows(database: SqlDatabase) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, in the order in which a database without a wish returns them."""
    with database._engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()]
            for name in _tables(database)
        }


def _guards(database: SqlDatabase) -> set[tuple[str, str]]:
    found = "SELECT tbl_name, name FROM sqlite_master WHERE type IN ('trigger', 'index')"
    if database._engine.dialect.name != "sqlite":
        found = (
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal "
            "UNION SELECT tablename::text, indexname::text FROM pg_indexes WHERE schemaname = current_schema()"
        )
    with database._engine.connect() as connection:
        return {(table, name) for table, name in connection.exec_driver_sql(found)}


def test_all_tables_are_filled_and_compared(database: SqlDatabase) -> None:
    assert set(ORDER) == set(metadata.tables)


def test_a_database_of_before_keeps_every_row_and_every_guard(older: SqlDatabase, story: Any) -> None:
    before, guards = _rows(older), _guards(older)
    assert all(rows for table, rows in before.items() if table not in EMPTY)
    older.migrate()
    older.check_schema()
    after = _rows(older)
    kept = {name: [{c: row[c] for c in rows[0]} for row in after[name]] for name, rows in before.items()}
    assert kept == before
    assert guards - REPLACED <= _guards(older)
    with older.begin() as work:
        found = work.generations.get(story.generation().generation.id)
        assert found is not None
        assert found.fact == story.generation()
        assert leaf(found.fact, found.recorded_at) in [logged for _, logged in work.log.leaves()]


def test_a_database_of_before_has_the_tables_of_a_new_one(older: SqlDatabase, database: SqlDatabase) -> None:
    older.migrate()
    assert _guards(older) == _guards(database)

    def tables(of: SqlDatabase) -> dict[str, list[set[tuple[str, ...]]]]:
        found = sa.inspect(of._engine)
        return {
            name: [
                {(c["name"], str(c["type"]), str(c["nullable"])) for c in found.get_columns(name)},
                {(str(c["name"]), c["sqltext"]) for c in found.get_check_constraints(name)},
                {(str(k["constrained_columns"]), str(k["referred_table"])) for k in found.get_foreign_keys(name)},
            ]
            for name in ORDER
        }

    assert tables(older) == tables(database)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("UPDATE work_use SET share_ppb = 1", "append-only"),
        ("DELETE FROM work_use", "append-only"),
        ("INSERT INTO work_use SELECT * FROM work_use", "sealed"),
    ],
)
def test_a_table_that_was_made_anew_is_guarded(older: SqlDatabase, change: str, word: str) -> None:
    older.migrate()
    with older._engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=word):
        connection.exec_driver_sql(change)


def test_every_outcome_is_legal_afterwards_and_no_other(older: SqlDatabase, story: Any) -> None:
    older.migrate()
    story = type(story)()
    with older.begin(write=True) as work:
        if work.works.get(story.works["careful"].id) is None:
            _add_careful(work, story)
        held, free = story.generation("held"), story.public(story.generation("free"))
        assert Outcome.REVIEW in {use.outcome for use in held.accrual.uses}
        story.record_generation(work, held)
        story.record_review(work, held)
        work.generations.add(free, None, story.at)
        work.commit()
    with older.begin() as work:
        for record in (held, free):
            found = work.generations.get(record.generation.id)
            assert found is not None
            assert found.fact == record
    columns = [c.name for c in metadata.tables["work_use"].columns]
    values = ", ".join({"generation": "'new'", "outcome": "'gratis'"}.get(c, c) for c in columns)
    gratis = f"INSERT INTO work_use ({', '.join(columns)}) SELECT {values} FROM work_use LIMIT 1"
    with older._engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="ck_work_use_outcome"):
        connection.exec_driver_sql(gratis)


def _add_careful(work: Any, story: Any) -> None:
    work.works.add(story.works["careful"], story.at)
    text, vectors = story.text("careful"), story.vectors()
    work.works.add_revision(story.revision("careful"), text, story.encoder, vectors, story.at)
    for claims in story.all_claims:
        if claims.work == story.works["careful"].id:
            work.rights.set_claims(claims, story.at)
    for licence in story.licences:
        if licence.work == story.works["careful"].id:
            work.rights.set_licence(licence, story.at)


def test_a_migration_that_fails_half_way_leaves_the_schema_and_rows_of_before(
    older: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, guards = _rows(older), _guards(older)

    def fail(*_: object) -> None:
        raise RuntimeError

    from provenance.migrations.r0013 import guards as last

    create = last.create_triggers
    monkeypatch.setattr(last, "create_triggers", lambda: (create(), fail()))
    with pytest.raises(RuntimeError):
        older.migrate()
    assert (_rows(older), _guards(older)) == (before, guards)
    monkeypatch.undo()
    older.migrate()
    older.check_schema()


@pytest.mark.parametrize(
    "script",
    [
        r0002_review,
        r0003_overlaps,
        r0004_generation_context,
        r0005_withdrawals,
        r0007_terms,
        r0008_statements,
        r0009_hot_books,
        r0011_payouts,
        r0013_outbound_webhooks,
    ],
)
def test_there_is_no_way_back(script: Any) -> None:
    with pytest.raises(SchemaMismatch, match="backup"):
        script.downgrade()
