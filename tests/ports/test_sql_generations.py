"""Generations: recorded once, put together again to the last field, paged without a query for each."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, NotFound
from provenance.royalties.accrual import Outcome


def test_a_generation_comes_back_as_it_went_in(database: SqlDatabase, recorded: Any) -> None:
    record = recorded.generation()
    assert {u.outcome for u in record.accrual.uses} == {
        Outcome.PAID,
        Outcome.CREDITED,
        Outcome.BLOCKED,
        Outcome.UNLICENSED,
        Outcome.REVIEW,
    }
    with database.begin() as work:
        found = work.generations.get(record.generation.id)
        assert found is not None
        assert (found.fact, found.recorded_at) == (record, recorded.at)
        assert work.generations.get("gen_none") is None
        assert work.generations.by_idempotency_key("bot", "idem-1") == record.generation.id
        assert work.generations.by_idempotency_key("press", "idem-1") is None


def test_a_generation_that_nothing_is_owed_for_has_no_transaction(database: SqlDatabase, recorded: Any) -> None:
    record = recorded.generation("free of charge", price="0")
    bare = replace(
        record,
        shares=replace(record.shares, attributions=(), unattributed_ppb=1_000_000_000),
        accrual=replace(record.accrual, uses=()),
        transaction=None,
    )
    with database.begin(write=True) as work:
        added = work.generations.add(bare, None, recorded.at)
        work.commit()
    with database.begin() as work:
        found = work.generations.get(bare.generation.id)
    assert found is not None
    assert found.fact == bare
    assert found == added


def test_what_adding_answers_is_what_is_read_back(database: SqlDatabase, recorded: Any) -> None:
    record = recorded.generation("read back")
    with database.begin(write=True) as work:
        work.books.post(recorded.transaction(record), recorded.at)
        added = work.generations.add(record, None, recorded.at)
        work.commit()
    with database.begin() as work:
        assert work.generations.get(record.generation.id) == added


def test_a_generation_is_recorded_once(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        with pytest.raises(Conflict, match="recorded before"):
            work.generations.add(recorded.generation(), None, recorded.at)
        with pytest.raises(Conflict, match="idempotency key"):
            work.generations.add(recorded.generation("g2"), "idem-1", recorded.at)


def test_services_may_use_the_same_idempotency_key(database: SqlDatabase, recorded: Any) -> None:
    other = recorded.generation("g1", service="press")
    with database.begin(write=True) as work:
        recorded.record_generation(work, other, "idem-1")
        work.commit()
    with database.begin() as work:
        assert work.generations.by_idempotency_key("press", "idem-1") == other.generation.id


@pytest.mark.parametrize(
    "change",
    [
        lambda r: replace(r, transaction="txn_none"),
        lambda r: replace(r, decided_by=replace(r.decided_by, snapshot="none")),
        lambda r: replace(r, generation=replace(r.generation, service="nobody")),
    ],
)
def test_a_generation_that_names_what_is_not_recorded_is_not_found(
    database: SqlDatabase, recorded: Any, change: Callable[[Any], Any]
) -> None:
    record = change(replace(recorded.generation("g2"), transaction=None))

    def add() -> None:
        with database.begin(write=True) as work:
            work.generations.add(record, None, recorded.at)
            work.commit()

    with pytest.raises(NotFound):
        add()
    with database.begin() as work:
        assert work.generations.get(record.generation.id) is None


def test_pages_hold_the_generations_of_a_service_in_order(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        for number in range(2, 6):
            recorded.record_generation(work, recorded.generation(f"g{number}"))
        recorded.record_generation(work, recorded.generation("p1", service="press"))
        work.commit()
    with database.begin() as work:
        first = work.generations.page(limit=3, service="bot")
        assert first.next_after is not None
        rest = work.generations.page(limit=3, service="bot", after=first.next_after)
        everything = work.generations.page(limit=10)
    assert [r.fact.generation.external_id for r in first.items] == ["g1", "g2", "g3"]
    assert [r.fact.generation.external_id for r in rest.items] == ["g4", "g5"]
    assert rest.next_after is None
    assert everything.items[:3] == first.items
    assert everything.items[1].fact == recorded.generation("g2")
    assert len(everything.items) == 6


def test_a_page_costs_the_same_queries_whatever_it_holds(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        for number in range(2, 12):
            recorded.record_generation(work, recorded.generation(f"g{number}"))
        work.commit()
    statements: list[str] = []
    sa.event.listen(database._engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    counts = []
    for limit in (1, 10):
        statements.clear()
        with database.begin() as work:
            work.generations.page(limit=limit)
        counts.append(len([s for s in statements if s.startswith("SELECT")]))
    assert counts == [7, 7]
