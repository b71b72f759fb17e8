"""Earnings: sums of a party's own accruals, to the micro-unit, whatever the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.money import MicroUnits
from provenance.services.records import EarningsLine, GenerationRecord

NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
LAST_MICROSECOND = DECEMBER - timedelta(microseconds=1)


@pytest.fixture
def year(database: SqlDatabase, recorded: Any) -> Any:
    """Two more generations, in the last microsecond of November and the first of December (UTC)."""
    with database.begin(write=True) as work:
        for name, at in (("g2", LAST_MICROSECOND), ("g3", DECEMBER)):
            record = recorded.generation(name)
            work.books.post(recorded.transaction(record), at)
            work.generations.add(record, None, at)
        work.commit()
    return recorded


def _earned(record: GenerationRecord, party: str, currency: str) -> MicroUnits:
    accruals = [a for use in record.accrual.uses for a in use.accruals]
    return MicroUnits(sum(a.money.micros for a in accruals if (a.party, a.money.currency) == (party, currency)))


def test_by_work(database: SqlDatabase, year: Any) -> None:
    share, fee = year.works["share"], year.works["fee"]
    dollars = 3 * _earned(year.generation(), "bob", "USD")
    with database.begin() as work:
        assert work.earnings.by_work("bob", *YEAR) == [
            EarningsLine(key=fee.id, title=fee.title, currency="EUR", micros=3 * 4_001, uses=3),
            EarningsLine(key=share.id, title=share.title, currency="USD", micros=dollars, uses=3),
        ]
        assert work.earnings.by_work("ann", YEAR[1], YEAR[1]) == []


def test_by_month_is_cut_in_utc(database: SqlDatabase, year: Any) -> None:
    one = _earned(year.generation(), "ann", "USD")
    with database.begin() as work:
        assert work.earnings.by_month("ann", *YEAR) == [
            EarningsLine(key="2026-11", title="", currency="USD", micros=2 * one, uses=2),
            EarningsLine(key="2026-12", title="", currency="USD", micros=one, uses=1),
        ]


def test_totals_by_currency_are_integers(database: SqlDatabase, year: Any) -> None:
    with database.begin() as work:
        totals = work.earnings.total("bob", NOVEMBER, DECEMBER)
    dollars = 2 * _earned(year.generation(), "bob", "USD")
    assert [(t.key, t.currency, t.micros, t.uses) for t in totals] == [
        ("total", "EUR", 8_002, 2),
        ("total", "USD", dollars, 2),
    ]
    assert {type(t.micros) for t in totals} == {int}


def test_a_period_includes_its_start_and_not_its_end(database: SqlDatabase, year: Any) -> None:
    with database.begin() as work:
        assert [t.uses for t in work.earnings.total("ann", LAST_MICROSECOND, DECEMBER)] == [1]
        assert [t.uses for t in work.earnings.total("ann", DECEMBER, YEAR[1])] == [1]
        assert work.earnings.total("ann", *reversed(YEAR)) == []


def test_uses_are_paged_and_explain_each_accrual(database: SqlDatabase, year: Any) -> None:
    with database.begin() as work:
        first = work.earnings.uses("bob", *YEAR, work=None, limit=4)
        assert first.next_after is not None
        rest = work.earnings.uses("bob", *YEAR, work=None, limit=4, after=first.next_after)
        fees = work.earnings.uses("bob", *YEAR, work=year.works["fee"].id, limit=4)
    assert (len(first.items), len(rest.items), rest.next_after) == (4, 2, None)
    uses = [*first.items, *rest.items]
    assert [u.seq for u in uses] == sorted(u.seq for u in uses)
    assert [u.recorded_at for u in uses] == [t for t in (year.at, LAST_MICROSECOND, DECEMBER) for _ in range(2)]
    assert {u.fact.work for u in fees.items} == {year.works["fee"].id}
    attribution = next(a for a in year.shares().attributions if a.work == year.works["fee"].id)
    fee = fees.items[0].fact
    assert (fee.generation, fee.title) == (year.generation().generation.id, year.works["fee"].title)
    assert (fee.share_ppb, fee.confidence_ppm) == (attribution.share_ppb, attribution.confidence_ppm)
    assert (fee.licence, fee.basis_points, fee.currency, fee.micros) == ("lic_fee", 10_000, "EUR", 4_001)


def test_lists_add_up_to_the_total(database: SqlDatabase, year: Any) -> None:
    with database.begin() as work:
        total = {t.currency: t.micros for t in work.earnings.total("bob", *YEAR)}
        uses = work.earnings.uses("bob", *YEAR, work=None, limit=100).items
        for lines in (work.earnings.by_work("bob", *YEAR), work.earnings.by_month("bob", *YEAR)):
            assert _sums(lines) == total
    assert _sums([u.fact for u in uses]) == total


def test_no_query_walks_through_the_accruals_of_others(database: SqlDatabase, year: Any, dialect: str) -> None:
    statements: list[tuple[str, Any]] = []
    engine = database._engine
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
    with database.begin() as work:
        work.earnings.by_work("bob", *YEAR)
        work.earnings.by_month("bob", *YEAR)
        work.earnings.uses("bob", *YEAR, work=None, limit=10)
    queries = [s for s in statements if "accrual" in s[0]]
    explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        if dialect == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")  # the tables here are too small for an index
        for statement, parameters in queries:
            plan = str(connection.exec_driver_sql(explain + statement, parameters).all())
            assert "ix_accrual_party_seq" in plan, plan
    assert len(queries) == 3


def _sums(lines: Any) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.micros
    return sums
