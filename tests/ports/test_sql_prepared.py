"""Statements that go to the driver as compiled: they answer, and refuse, what SQLAlchemy's own way does."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from provenance.adapters.sql import SqlDatabase, tables
from provenance.adapters.sql.engine import begin
from provenance.adapters.sql.prepared import prepared_select
from provenance.adapters.sql.reading import one_of, padded
from provenance.kernel.errors import Conflict, NotFound
from provenance.services.register import register_party
from provenance.sources.party import Party

AT = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def connection(database: SqlDatabase, recorded: Any) -> Any:
    with database._engine.connect() as opened:
        begin(opened, writes=False)
        yield opened


@pytest.mark.parametrize("table", [tables.work, tables.claims, tables.licence, tables.leaf], ids=lambda t: str(t.name))
def test_a_prepared_select_answers_what_sqlalchemy_does(connection: sa.Connection, table: sa.Table) -> None:
    statement = sa.select(table).where(table.c.seq > sa.bindparam("after")).order_by(table.c.seq).limit(3)
    prepared = prepared_select(statement, connection.dialect)
    assert prepared is not None
    found = prepared.rows(connection, {"after": 0})
    plain = connection.execute(statement, {"after": 0}).all()
    assert [tuple(row) for row in found] == [tuple(row) for row in plain]
    assert found
    assert [getattr(found[0], name) for name in table.c.keys()] == list(found[0])  # noqa: SIM118  columns, not a dict
    assert {type(value) for value in found[0]} <= {int, str, datetime, date, type(None)}


def test_a_list_of_unknown_length_is_left_to_sqlalchemy(connection: sa.Connection) -> None:
    statement = sa.select(tables.work).where(tables.work.c.id.in_(sa.bindparam("ids", expanding=True)))
    assert prepared_select(statement, connection.dialect) is None


def test_a_value_that_is_missing_is_no_null(connection: sa.Connection) -> None:
    statement = sa.select(tables.work).where(tables.work.c.id == sa.bindparam("id"))
    prepared = prepared_select(statement, connection.dialect)
    assert prepared is not None
    with pytest.raises(Exception, match="id"):
        prepared.rows(connection, {})


@pytest.mark.parametrize(("count", "of"), [(1, 1), (2, 2), (3, 4), (5, 8), (1_000, 1_024)])
def test_lists_of_values_are_filled_up_with_the_last_one(count: int, of: int) -> None:
    values = [f"v{n}" for n in range(count)]
    filled = padded(values)
    assert (len(filled), set(filled.values())) == (of, set(values))
    assert len(one_of(tables.work.c.id, of).compile().params) == of


def test_what_the_database_refuses_of_a_prepared_insert_is_an_error_of_ours(database: SqlDatabase) -> None:
    register_party(database, Party(id="known", name="Known"), at=AT)
    row = {"id": "w", "registrant": "known", "source_id": "s", "title": "", "author": "", "recorded_at": AT}
    with database.begin(write=True) as work, pytest.raises(NotFound):
        work.works._session.insert(tables.work, [{**row, "seq": 1, "registrant": "nobody"}])
    with database.begin(write=True) as work, pytest.raises(Conflict):
        work.works._session.insert(tables.work, [{**row, "seq": 1}, {**row, "seq": 1, "id": "x"}])
