"""Close periods on both databases: what statements say, what is posted, what is refused."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.canonical import canonical_bytes
from provenance.kernel.errors import NotFound, OpenWork, PeriodClosed, PeriodOrder
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.royalties.review import Resolution
from provenance.services.close import close_period, preview_period
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.form import statement_form
from provenance.statements.line import LineKind
from provenance.statements.payee import PayoutTerms, TaxProfile

from .closing_story import (
    DECEMBER,
    FIRST,
    JANUARY,
    NOVEMBER,
    Balances,
    after,
    close,
    kinds,
    payable,
    post,
    state,
    statements,
)


def test_a_close_states_what_each_account_came_to(database: SqlDatabase, opened: Any) -> None:
    close(database)
    found, balances = statements(database), Balances(database)
    assert set(found) == {("ann", "USD"), ("bob", "USD"), ("bob", "EUR"), ("bot", "USD"), ("press", "USD")}
    for (party, currency), statement in found.items():
        assert statement.closing.micros == -balances[payable(party, currency)] > 0
        assert statement.opening.micros == 0
        assert statement.payable_micros == statement.closing.micros
    assert kinds(found["ann", "USD"])[0][0] == "accrued"
    assert kinds(found["press", "USD"])[0][0] == "adjusted", "a release"


def test_breakdowns_share_out_what_uses_earned(database: SqlDatabase, opened: Any) -> None:
    close(database)
    statement = statements(database)["ann", "USD"]
    assert len(statement.breakdowns) == 4
    work, use, worker, territory = statement.breakdowns
    assert [r.key for r in work.rows] == [opened.works["share"].id]
    assert [(r.key, r.uses) for r in use.rows] == [("*", 1)]
    assert [r.key for r in territory.rows] == ["DE"]
    assert sorted(r.key for r in worker.rows) == ["w-brain", "w-specialised"], "each made a part that matched"
    assert abs(worker.rows[0].micros - worker.rows[1].micros) <= 1


def test_the_next_period_opens_with_what_this_one_closed_with(database: SqlDatabase, opened: Any) -> None:
    close(database)
    post(database, "x", "payout", -100, effective=DECEMBER.since, at=DECEMBER.since)
    close(database, DECEMBER)
    before, then = statements(database)["ann", "USD"], statements(database, DECEMBER)["ann", "USD"]
    assert then.opening == before.closing
    assert kinds(then) == [("paid", -100)]
    assert then.closing.micros == before.closing.micros - 100 == -Balances(database)[payable("ann")]


def test_a_party_whose_balance_is_nothing_has_no_statement(database: SqlDatabase, opened: Any) -> None:
    close(database)
    owed = statements(database)["ann", "USD"].closing.micros
    post(database, "x", "payout", -owed, effective=DECEMBER.since, at=DECEMBER.since)
    close(database, DECEMBER)
    close(database, JANUARY)
    assert ("ann", "USD") in statements(database, DECEMBER)
    assert ("ann", "USD") not in statements(database, JANUARY)
    assert ("bob", "USD") in statements(database, JANUARY), "what is owed is carried"


def test_what_the_close_takes_is_posted_in_the_period(database: SqlDatabase, opened: Any) -> None:
    terms = PayoutTerms(party="ann", currency="USD", valid_from=FIRST, reserve_basis_points=1_000, reserve_periods=1)
    tax = TaxProfile(party="ann", residence="FR", payer="US", basis="Treaty", basis_points=2_000, valid_from=FIRST)
    state(database, terms, tax)
    advance = Account(kind=AccountKind.ADVANCE_RECOUPABLE, party="ann", currency="USD")
    cash = Account(kind=AccountKind.GENERATION_REVENUE, currency="USD")
    with database.begin(write=True) as work:
        paid = entries_of([(advance, 100), (cash, -100)])
        work.books.post(
            Transaction(business_key="advance:1", cause="advance", entries=paid, effective_at=opened.at), opened.at
        )
        work.commit()
    close(database)
    statement, balances = statements(database)["ann", "USD"], Balances(database)
    earned = statement.total(LineKind.ACCRUED)
    reserved = -((earned - 100) // 10)
    assert statement.total(LineKind.RECOUPED) == -100
    assert statement.total(LineKind.RESERVED) == pytest.approx(reserved, abs=1)
    assert balances[advance] == 0 == statement.advance_micros
    held = balances[Account(kind=AccountKind.RESERVE, party="ann", currency="USD")]
    assert held == statement.total(LineKind.RESERVED)
    withheld = balances[Account(kind=AccountKind.WITHHOLDING, currency="USD")]
    assert withheld == statement.total(LineKind.WITHHELD) < 0
    assert -balances[payable("ann")] == statement.closing.micros
    with database.begin() as work:
        posted = work.books.get(str(statement.transaction))
    assert posted is not None
    assert posted.fact.effective_at == NOVEMBER.until - timedelta(microseconds=1)
    close(database, DECEMBER)
    then = statements(database, DECEMBER)["ann", "USD"]
    assert then.total(LineKind.RELEASED) == -statement.total(LineKind.RESERVED)


def test_late_facts_count_in_the_open_period_under_their_month(database: SqlDatabase, opened: Any) -> None:
    close(database)
    sealed = canonical_bytes(statement_form(statements(database)["ann", "USD"]))
    late = opened.at + timedelta(days=1)
    post(database, "fix:1", "correction", -7, effective=late, at=after(NOVEMBER))
    post(database, "fix:2", "correction", 5, effective=DECEMBER.since, at=after(NOVEMBER))
    close(database, DECEMBER)
    then = statements(database, DECEMBER)["ann", "USD"]
    assert kinds(then) == [("late", -7), ("adjusted", 5)]
    assert then.lines[0].drill.late_from == "2026-11"
    assert then.lines[0].explanation.inputs["cause"] == "correction"
    assert canonical_bytes(statement_form(statements(database)["ann", "USD"])) == sealed
    close(database, JANUARY)
    assert kinds(statements(database, JANUARY)["ann", "USD"]) == [], "each counts once"


def test_what_is_effective_after_the_period_waits_for_its_own(database: SqlDatabase, opened: Any) -> None:
    post(database, "early", "correction", 9, effective=DECEMBER.since, at=opened.at)
    close(database)
    assert kinds(statements(database)["ann", "USD"])[-1][0] == "accrued"
    close(database, DECEMBER)
    assert kinds(statements(database, DECEMBER)["ann", "USD"]) == [("adjusted", 9)]


def test_the_same_facts_give_the_same_bytes_whenever_they_are_closed(database: SqlDatabase, opened: Any) -> None:
    foretold = [canonical_bytes(statement_form(s)) for s in preview_period(database, NOVEMBER)]
    close(database, at=after(NOVEMBER) + timedelta(days=77))
    with database.begin() as work:
        made = [canonical_bytes(statement_form(r.fact)) for r in work.statements.of_period(NOVEMBER, limit=99).items]
        sealed = work.statements.last_close()
    assert made == foretold
    assert sealed is not None
    assert sealed.fact.statements == len(made)


def test_a_period_is_closed_once(database: SqlDatabase, opened: Any) -> None:
    close(database)
    with pytest.raises(PeriodClosed, match="2026-12") as caught:
        close(database)
    assert caught.value.code == "period_closed"


def test_a_quarter_that_holds_a_closed_month_is_closed_before(database: SqlDatabase, opened: Any) -> None:
    close(database)
    with pytest.raises(PeriodClosed):
        close(database, parse_accounting_period("2026-Q4"))


def test_a_period_waits_for_the_one_before(database: SqlDatabase, opened: Any) -> None:
    with pytest.raises(PeriodOrder, match="2026-11-21") as caught:
        close(database, DECEMBER)
    assert caught.value.code == "period_order"
    close(database)
    with pytest.raises(PeriodOrder, match="2026-12"):
        close(database, JANUARY)


def test_a_period_that_is_not_over_is_not_closed(database: SqlDatabase, opened: Any) -> None:
    with pytest.raises(PeriodOrder, match="isn't over"):
        close(database, at=NOVEMBER.until - timedelta(microseconds=1))


def test_a_stranger_closes_nothing(database: SqlDatabase, opened: Any) -> None:
    with pytest.raises(NotFound):
        close_period(database, NOVEMBER, closed_by="nobody", at=after(NOVEMBER))


def test_open_reviews_keep_a_period_open_and_are_listed(database: SqlDatabase, opened: Any) -> None:
    record = opened.generation("g2")
    with database.begin(write=True) as work:
        opened.record_generation(work, record)
        work.commit()
    with pytest.raises(OpenWork) as caught:
        close(database)
    assert caught.value.code == "open_work"
    assert caught.value.data["count"] == 1
    listed = caught.value.data["open"]
    assert isinstance(listed, list)
    assert listed[0]["generation"] == record.generation.id
    assert not _closes(database), "nothing was written"
    with database.begin(write=True) as work:
        opened.record_review(work, record, Resolution.DECLINE)
        work.commit()
    close(database)
    assert len(_closes(database)) == 1


def test_the_terms_and_the_tax_in_force_at_the_end_of_the_period_hold(database: SqlDatabase, opened: Any) -> None:
    state(
        database,
        PayoutTerms(party="ann", currency="USD", valid_from=FIRST, threshold_micros=1),
        PayoutTerms(party="ann", currency="USD", valid_from=date(2026, 11, 30), threshold_micros=10**12),
        PayoutTerms(party="ann", currency="USD", valid_from=date(2026, 12, 1), threshold_micros=2),
        PayoutTerms(party="bob", currency="EUR", valid_from=FIRST, threshold_micros=3),
    )
    close(database)
    found = statements(database)
    assert found["ann", "USD"].threshold_micros == 10**12
    assert found["ann", "USD"].payable_micros == 0
    assert found["bob", "USD"].threshold_micros == 0
    assert found["bob", "EUR"].threshold_micros == 3


def test_a_year_by_quarters_and_months_leaves_no_gap(database: SqlDatabase, opened: Any) -> None:
    close(database, parse_accounting_period("2026-Q4"))
    close(database, JANUARY)
    assert [c.period.name for c in _closes(database)] == ["2026-Q4", "2027-01"]


def _closes(database: SqlDatabase) -> Sequence[Any]:
    with database.begin() as work:
        return [c.fact for c in work.statements.closes()]
