"""Units of work: all or nothing, one writer at a time, and every complaint of a database as an error of ours."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.engine import POOL_SIZE
from provenance.adapters.sql.errors import translated_errors
from provenance.adapters.sql.tables import ledger_transaction, metadata
from provenance.kernel.errors import (
    Conflict,
    InvalidClaims,
    InvalidInput,
    NotFound,
    ProvenanceError,
    StorageFailed,
    StorageFull,
    StorageLocked,
    Unbalanced,
)
from provenance.services.ports import Database
from provenance.sources.party import Party

Open = Callable[..., SqlDatabase]


def test_what_is_not_committed_leaves_nothing(database: SqlDatabase, story: Any, raw: Any) -> None:
    def fail() -> None:
        with database.begin(write=True) as work:
            story.record_rights(work)
            story.record_generation(work, story.generation())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.begin(write=True) as work:
        story.record_rights(work)
    assert {table: raw(f'SELECT count(*) FROM "{table}"') for table in metadata.tables} == {
        table: [(0,)] for table in metadata.tables
    }


def test_what_is_committed_is_there_for_the_next_process(url: str, story: Any, open_database: Open) -> None:
    first = open_database(url)
    story.record(first)
    first.dispose()
    with open_database(url).begin() as work:
        assert work.log.size() > 0


def test_a_reader_sees_one_moment(database: SqlDatabase, story: Any) -> None:
    with database.begin() as reader:
        assert reader.log.size() == 0
        story.record(database)
        assert reader.log.size() == 0
        assert reader.parties.page(limit=1).items == ()
    with database.begin() as reader:
        assert reader.log.size() > 0


def test_a_reader_can_not_write(database: SqlDatabase, story: Any) -> None:
    with database.begin() as work, pytest.raises(AssertionError, match="write=True"):
        work.parties.add(story.parties[0], story.at)


def test_a_unit_of_work_ends_with_its_commit(database: SqlDatabase, story: Any) -> None:
    with database.begin(write=True) as work:
        work.parties.add(story.parties[0], story.at)
        work.commit()
        with pytest.raises(AssertionError, match="over"):
            work.parties.get("press")


def test_a_second_writer_waits_and_then_gives_up(url: str, story: Any, open_database: Open) -> None:
    first, second = open_database(url), open_database(url, lock_wait_seconds_max=0.1)
    with first.begin(write=True) as work:
        work.parties.add(story.parties[0], story.at)
        with pytest.raises(StorageLocked) as caught, second.begin(write=True):
            pass
        assert caught.value.mend
        with second.begin() as reader:  # readers wait for nobody
            assert reader.parties.get("press") is None
        work.commit()
    with second.begin(write=True) as work:
        assert work.parties.get("press") == story.parties[0]


def test_readers_beyond_the_pool_are_told_to_wait(
    url: str, open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.adapters.sql.engine.POOL_WAIT_SECONDS_MAX", 0.05)
    database = open_database(url)
    readers = [database.begin() for _ in range(POOL_SIZE)]
    for reader in readers:
        reader.__enter__()
    with pytest.raises(StorageLocked, match="connections"), database.begin():
        pass
    for reader in readers:
        reader.__exit__(None, None, None)
    with database.begin() as work:
        assert work.log.size() == 0


def test_a_connection_is_whole_after_a_commit_that_failed(database: SqlDatabase, recorded: Any) -> None:
    """More failures than the pool has connections: a broken one isn't handed out again."""
    lost = recorded.generation("lost")

    def fail(_: int) -> None:
        with database.begin(write=True) as work:
            work.generations.add(lost, None, recorded.at)
            with pytest.raises(NotFound):
                work.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fail, range(POOL_SIZE * 2)))
    with database.begin(write=True) as work:
        recorded.record_generation(work, lost)
        work.commit()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE party SET name = 'x'", Conflict),
        ("INSERT INTO party SELECT * FROM party", Conflict),
        ("INSERT INTO claims (seq, id, work, valid_from, recorded_at) SELECT seq, 'c', id, '2026-01-01', recorded_at FROM work", InvalidClaims),  # noqa: E501
        ("SELECT * FROM nowhere", StorageFailed),
        ("INSERT INTO ledger_entry VALUES ('t', 0, 'held/USD', 'USD', 0, 99)", StorageFailed),
    ],
)  # fmt: skip
def test_complaints_are_translated_and_chained(
    database: SqlDatabase, recorded: Any, statement: str, error: type[ProvenanceError]
) -> None:
    with pytest.raises(error) as caught, translated_errors(), database._engine.connect() as connection:
        connection.execute(sa.text(statement))
    assert type(caught.value) is error
    assert isinstance(caught.value.__cause__, sa.exc.SQLAlchemyError)
    assert caught.value.mend


def test_an_unbalanced_seal_is_unbalanced(database: SqlDatabase, recorded: Any) -> None:
    row = {
        "seq": 1,
        "id": "t",
        "business_key": "t",
        "cause": "c",
        "payload_digest": "d",
        "effective_at": recorded.at,
        "recorded_at": recorded.at,
    }
    with pytest.raises(Unbalanced), translated_errors(), database._engine.connect() as connection:
        connection.execute(sa.insert(ledger_transaction), row)


def test_a_full_disk_is_a_full_disk_and_nothing_is_half_written(
    tmp_path: Path, sqlite_files: Path, story: Any, open_database: Open
) -> None:
    path = tmp_path / "small.db"
    path.write_bytes((sqlite_files / "migrated.db").read_bytes())
    database = open_database(f"sqlite:///{path}")

    @sa.event.listens_for(database._engine, "connect")
    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 150")

    def fill() -> None:
        with database.begin(write=True) as work:
            for number in range(10_000):
                work.parties.add(Party(id=f"p{number}", name="n" * 200), story.at)

    with pytest.raises(StorageFull) as caught:
        fill()
    assert "space" in caught.value.mend
    with database.begin() as work:
        assert work.log.size() == 0
        assert work.parties.page(limit=1).items == ()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/x", "no url", ""])
def test_a_url_of_nothing_we_know_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(StorageFailed, match="sqlite:////"):
        SqlDatabase(url)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nonexistent/folder/provenance.db",
        "postgresql+psycopg://nobody@/none?host=/nonexistent",
        "postgresql://nobody@127.0.0.1:1/none",
    ],
)
def test_a_database_out_of_reach_is_storage_that_failed(url: str, open_database: Open) -> None:
    with pytest.raises(StorageFailed), open_database(url).begin():
        pass


def test_a_file_that_is_no_database_is_storage_that_failed(tmp_path: Path, open_database: Open) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(b"Dear Sir or Madam, " * 100)
    with pytest.raises(StorageFailed, match="not a database"), open_database(f"sqlite:///{path}").begin():
        pass


def test_a_number_over_64_bits_is_invalid_input(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work, pytest.raises(InvalidInput):
        work.works.page(limit=1, after=2**70)


def test_the_password_of_the_url_is_in_no_message(open_database: Open) -> None:
    with pytest.raises(StorageFailed) as caught, open_database("postgresql://u:hush@127.0.0.1:1/none").begin():
        pass
    assert "hush" not in str(caught.value)
    assert "hush" not in str(caught.value.data)


def test_the_adapter_is_a_database_to_the_services(database: SqlDatabase) -> None:
    port: Database = database
    with port.begin() as work:
        assert work.log.size() == 0
