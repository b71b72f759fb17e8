"""What a generation was made from and when, the public domain, and the databases that were there before both."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import provenance.migrations
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.tables import metadata
from provenance.royalties.accrual import Outcome, WorkUse
from provenance.services.facts import describe, leaf
from provenance.services.records import GenerationRecord

Open = Callable[..., SqlDatabase]
NEW_COLUMNS = {"prompt", "made_at"}
# Children come before the row that seals them.
ORDER = """leaf party api_key key_revocation work revision content revision_vectors claim_part claims licence snapshot
    publication ledger_account ledger_entry ledger_transaction part attribution match work_use accrual generation"""


def _public(record: GenerationRecord) -> GenerationRecord:
    """The same, with a first use of something that is in the public domain."""

    def free(use: WorkUse) -> WorkUse:
        return replace(use, outcome=Outcome.PUBLIC_DOMAIN, royalty=None, held=None, accruals=(), claims_id=None)

    first, *rest = record.accrual.uses
    return replace(record, accrual=replace(record.accrual, uses=(free(first), *rest)), transaction=None)


def _with_context(record: GenerationRecord, at: Any) -> GenerationRecord:
    told = replace(record.generation, prompt="Tell me of 水.\n'); DROP TABLE part; --", made_at=at - timedelta(hours=1))
    return replace(record, generation=told)


def test_a_prompt_and_a_time_come_back_as_they_went_in(database: SqlDatabase, recorded: Any) -> None:
    told = _public(_with_context(recorded.generation("told"), recorded.at))
    with database.begin(write=True) as work:
        work.generations.add(told, None, recorded.at)
        work.commit()
    with database.begin() as work:
        found = work.generations.get(told.generation.id)
        assert found is not None
        assert found.fact == told
        assert found.fact.generation.payload_digest == told.generation.payload_digest
        assert leaf(told, recorded.at) in [logged for _, logged in work.log.leaves()]


def test_a_generation_without_them_has_the_form_that_it_always_had(recorded: Any) -> None:
    record = recorded.generation()
    old = describe(record, recorded.at)[2]
    new = describe(_with_context(record, recorded.at), recorded.at)[2]
    assert set(new) - set(old) == {"prompt_sha256", "made_at"}
    assert new["made_at"] == "2026-11-21T07:00:00.123456Z"
    assert "Tell me" not in str(new), "the leaf commits to the digest: the words can be erased"


@pytest.mark.parametrize("column", sorted(NEW_COLUMNS))
def test_neither_is_changed_afterwards(recorded: Any, raw: Any, column: str) -> None:
    assert "append-only" in raw.refused(f"UPDATE generation SET {column} = NULL")


def test_a_use_has_a_known_outcome_also_in_raw_sql(recorded: Any, raw: Any) -> None:
    columns = [c.name for c in metadata.tables["work_use"].columns]
    other = {"generation": "'new'", "outcome": "'gratis'"}
    values = ", ".join(other.get(c, c) for c in columns)
    insert = f"INSERT INTO work_use ({', '.join(columns)}) SELECT {values} FROM work_use LIMIT 1"
    assert "ck_work_use_outcome" in raw.refused(insert)
    assert "foreign key" in raw.refused(insert.replace("gratis", "public_domain")).lower(), "only its seal is missing"


def test_later_revisions_are_told_with_what_their_work_had(database: SqlDatabase, recorded: Any) -> None:
    second, third = recorded.revision("share", 2), recorded.revision("share", 3)
    with database.begin(write=True) as work:
        for hours, revision in enumerate((second, third), start=1):
            at, text = recorded.at + timedelta(hours=hours), recorded.text("share", revision.number)
            work.works.add_revision(revision, text, recorded.encoder, np.zeros((3, 8), np.float32), at)
        work.commit()
    first = recorded.revision("share")
    with database.begin() as work:
        assert work.works.recorded_after(recorded.at + timedelta(hours=2)) == {}
        assert work.works.recorded_after(recorded.at + timedelta(hours=1)) == {third.id: [first.id, second.id]}
        assert work.works.recorded_after(recorded.at) == {second.id: [first.id], third.id: [first.id]}
        before = work.works.recorded_after(recorded.at - timedelta(microseconds=1))
    assert len(before) == len(recorded.works) + 2
    assert set(map(tuple, before.values())) == {()}, "what was recorded at that very moment was there"


# -- databases of the schema before ------------------------------------------------------------------------------------


@pytest.fixture
def older(empty_url: str, open_database: Open, url: str, recorded: Any) -> SqlDatabase:
    """A database of the schema 0001 that holds the story."""
    database = open_database(empty_url)
    with database._engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(provenance.migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with open_database(url)._engine.connect() as source, database._engine.begin() as target:
        _copy_rows(source, target)
    return database


def _copy_rows(source: sa.Connection, target: sa.Connection) -> None:
    for name in ORDER.split():
        columns = [c.name for c in metadata.tables[name].columns if name != "generation" or c.name not in NEW_COLUMNS]
        listed = ", ".join(columns)
        order = "seq" if "seq" in columns else "1, 2"
        rows = source.exec_driver_sql(f'SELECT {listed} FROM "{name}" ORDER BY {order}').mappings().all()
        names = ", ".join(f":{c}" for c in columns)
        if rows:
            target.execute(sa.text(f'INSERT INTO "{name}" ({listed}) VALUES ({names})'), [dict(r) for r in rows])


def _rows(database: SqlDatabase) -> dict[str, list[Any]]:
    with database._engine.connect() as connection:
        return {
            name: sorted(connection.exec_driver_sql(f'SELECT * FROM "{name}"').all(), key=repr)
            for name in ORDER.split()
            if name != "generation"
        }


def test_a_database_of_before_keeps_every_row_and_every_guard(older: SqlDatabase, recorded: Any) -> None:
    before = _rows(older)
    older.migrate()
    older.check_schema()
    assert _rows(older) == before
    record = recorded.generation()
    with older.begin() as work:
        found = work.generations.get(record.generation.id)
        assert found is not None
        assert found.fact == record
        assert leaf(found.fact, found.recorded_at) in [logged for _, logged in work.log.leaves()]
    for change, word in (
        ("UPDATE work_use SET share_ppb = 1", "append-only"),
        ("DELETE FROM work_use", "append-only"),
        ("INSERT INTO work_use SELECT * FROM work_use", "sealed"),
    ):
        with older._engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=word):
            connection.exec_driver_sql(change)
    with older.begin(write=True) as work:
        work.generations.add(_public(_with_context(recorded.generation("new"), recorded.at)), None, recorded.at)
        work.commit()


def test_a_migration_that_fails_half_way_leaves_the_schema_and_rows_of_before(
    older: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _rows(older)

    def fail(*_: object) -> None:
        raise RuntimeError

    from provenance.migrations.r0004 import outcomes

    allow = outcomes.allow_public_domain
    monkeypatch.setattr(outcomes, "allow_public_domain", lambda: (allow(), fail()))
    with pytest.raises(RuntimeError):
        older.migrate()
    assert _rows(older) == before
    with older._engine.connect() as connection:
        columns = {c["name"] for c in sa.inspect(connection).get_columns("generation")}
        assert not columns & NEW_COLUMNS
    monkeypatch.undo()
    older.migrate()
    assert _rows(older) == before


def test_there_is_no_way_back() -> None:
    from provenance.kernel.errors import SchemaMismatch
    from provenance.migrations.versions import r0004_generation_context

    with pytest.raises(SchemaMismatch, match="backup"):
        r0004_generation_context.downgrade()
