"""Close periods on both databases: what statements say, what is posted, what is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.canonical import canonical_bytes
from provenance.kernel.errors import InvalidInput, NotFound, OpenWork, PeriodClosed, PeriodOrder
from provenance.kernel.money import parse_money
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.royalties.review import Resolution
from provenance.services.close import close_period, preview_period
from provenance.services.records import WorkLicence
from provenance.services.statements import find_statement, under_line
from provenance.sources.licence import Licence, ShareOfRevenue
from provenance.sources.period_bounds import PeriodBounds
from provenance.statements.accounting_period import AccountingPeriod, parse_accounting_period
from provenance.statements.form import statement_form
from provenance.statements.line import LineKind
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.statement import Statement

NOVEMBER, DECEMBER, JANUARY = (parse_accounting_period(p) for p in ("2026-11", "2026-12", "2027-01"))
FIRST = date(2026, 1, 1)


@pytest.fixture
def opened(database: SqlDatabase, story: Any) -> Any:
    """The story, whose month is open still; nothing is said of how parties are paid."""
    story.record_payees = lambda _: None
    return story.record(database, closed=False)


def after(period: AccountingPeriod) -> datetime:
    return period.until + timedelta(days=2)


def close(database: SqlDatabase, period: AccountingPeriod = NOVEMBER, *, at: datetime | None = None) -> Any:
    return close_period(database, period, closed_by="press", at=at or after(period))


def statements(database: SqlDatabase, period: AccountingPeriod = NOVEMBER) -> dict[tuple[str, str], Statement]:
    with database.begin() as work:
        page = work.statements.of_period(period, limit=100)
    return {(r.fact.party, r.fact.currency): r.fact for r in page.items}


def payable(party: str, currency: str = "USD") -> Account:
    return Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=currency)


def post(
    database: SqlDatabase, key: str, cause: str, micros: int, *, effective: datetime, at: datetime, party: str = "ann"
) -> None:
    """Owe a party more, out of revenue."""
    revenue = Account(kind=AccountKind.GENERATION_REVENUE, currency="USD")
    entries = entries_of([(payable(party), -micros), (revenue, micros)])
    with database.begin(write=True) as work:
        work.books.post(Transaction(business_key=key, cause=cause, entries=entries, effective_at=effective), at)
        work.commit()


def state(database: SqlDatabase, *facts: PayoutTerms | TaxProfile) -> None:
    with database.begin(write=True) as work:
        for fact in facts:
            if isinstance(fact, PayoutTerms):
                work.payees.add_terms(fact, datetime(2026, 1, 2, tzinfo=UTC))
            else:
                work.payees.add_tax(fact, datetime(2026, 1, 2, tzinfo=UTC))
        work.commit()


def kinds(statement: Statement) -> list[tuple[str, int]]:
    return [(line.kind.value, line.micros) for line in statement.lines]


@dataclass(frozen=True)
class Balances:
    database: SqlDatabase

    def __getitem__(self, account: Account) -> int:
        with self.database.begin() as work:
            return work.books.balances().get(account, 0)


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


def test_a_line_leads_to_its_uses_page_by_page(database: SqlDatabase, opened: Any) -> None:
    with database.begin(write=True) as work:
        for number in range(5):
            record = opened.generation(f"more-{number}")
            opened.record_generation(work, record)
            opened.record_review(work, record)
        work.commit()
    close(database)
    seen, after = [], 0
    while True:
        found = under_line(database, "ann", NOVEMBER, 1, limit=2, after=after)
        assert found.uses is not None
        assert found.transactions is None
        seen += [u.fact for u in found.uses.items]
        if found.uses.next_after is None:
            break
        after = found.uses.next_after
    assert len(seen) == found.line.count == 6
    assert sum(u.micros for u in seen) == found.line.micros
    assert len({u.generation for u in seen}) == 6
    released = under_line(database, "press", NOVEMBER, 1, limit=10)
    assert released.line.drill.cause == "release"
    assert released.uses is not None
    assert sum(u.fact.micros for u in released.uses.items) == released.line.micros


def test_a_line_leads_to_what_was_late_and_to_nothing_else(database: SqlDatabase, opened: Any) -> None:
    close(database)
    at = after(NOVEMBER)
    late, timely = opened.generation("late"), opened.generation("timely")
    with database.begin(write=True) as work:
        for record, effective in ((late, opened.at), (timely, at)):
            posted = opened.transaction(record)
            dated = Transaction(
                business_key=posted.business_key, cause="accrual", entries=posted.entries, effective_at=effective
            )
            work.books.post(dated, at)
            work.generations.add(record, None, at)
            opened.record_review(work, record)
        work.commit()
    post(database, "fix", "correction", 4, effective=opened.at, at=at)
    close(database, DECEMBER)
    found = statements(database, DECEMBER)["ann", "USD"]
    assert [k for k, _ in kinds(found)] == ["accrued", "late", "late"]
    lines = [under_line(database, "ann", DECEMBER, n, limit=10) for n in (1, 2, 3)]
    assert [[u.fact.generation for u in f.uses.items] for f in lines if f.uses] == [
        [timely.generation.id],
        [late.generation.id],
    ]
    assert lines[2].transactions is not None
    assert [t.fact.business_key for t in lines[2].transactions.items] == ["fix"]
    assert [t.fact.micros for t in lines[2].transactions.items] == [4]


def test_a_statement_that_is_not_there_is_not_found(database: SqlDatabase, opened: Any) -> None:
    with pytest.raises(NotFound):
        find_statement(database, "ann", NOVEMBER)
    close(database)
    assert find_statement(database, "ann", NOVEMBER).party_name.startswith("Ann")
    for party, currency in (("ann", "EUR"), ("nobody", None)):
        with pytest.raises(NotFound):
            find_statement(database, party, NOVEMBER, currency=currency)
    with pytest.raises(InvalidInput, match="EUR, USD"):
        find_statement(database, "bob", NOVEMBER)
    with pytest.raises(NotFound, match="line 9"):
        under_line(database, "ann", NOVEMBER, 9, limit=1)


def test_both_databases_state_the_same_bytes(database: SqlDatabase, opened: Any) -> None:
    close(database)
    with database.begin() as work:
        sealed = work.statements.last_close()
    assert sealed is not None
    assert sealed.fact.statements_sha256 == SAME_ON_BOTH


SAME_ON_BOTH = "2db8bdc00470287f7a0fea6cd72712a8576e805e7023f324936cd7b9bac56559"


def test_open_disputes_keep_a_period_open_and_are_listed(database: SqlDatabase, opened: Any) -> None:
    dispute = opened.dispute()
    with database.begin(write=True) as work:
        work.disputes.add(dispute, opened.later)
        work.commit()
    with pytest.raises(OpenWork) as caught:
        close(database)
    listed = caught.value.data["open"]
    assert listed == [{"kind": "dispute", "dispute": dispute.id, "work": dispute.work}]


def test_a_dispute_that_was_settled_stands_in_the_statement(database: SqlDatabase, opened: Any) -> None:
    opened.record_terms(database)
    with database.begin(write=True) as work:
        opened.record_review(work, opened.counted())
        work.commit()
    close(database)
    found, balances = statements(database), Balances(database)
    causes = {line.drill.cause for s in found.values() for line in s.lines}
    assert any(cause.startswith("dispute") for cause in causes), causes
    for (party, currency), statement in found.items():
        assert statement.closing.micros == -balances[payable(party, currency)]


def test_a_guarantee_is_made_good_by_the_close_of_its_month(database: SqlDatabase, opened: Any) -> None:
    """The work's uses earned less than ten dollars: the rest is added, split by the claims of 60.01 and 39.99 %."""
    work_id = opened.works["share"].id
    bounds = PeriodBounds(guarantee=parse_money("10", "USD"))
    terms = ShareOfRevenue(rate_basis_points=2_500, bounds=bounds)
    licence = Licence(terms=terms, valid_from=FIRST)
    with database.begin(write=True) as work:
        work.rights.set_licence(
            WorkLicence(id="lic_more", work=work_id, number=2, licence=licence), NOVEMBER.since + timedelta(days=25)
        )
        work.commit()
    close(database)
    found = statements(database)
    earned = sum(r.micros for s in found.values() for b in s.breakdowns[:1] for r in b.rows if r.key == work_id)
    assert earned > 0
    added = {p: found[p, "USD"].total(LineKind.TOPPED_UP) for p in ("ann", "bob")}
    assert sum(added.values()) == 10_000_000 - earned
    assert added["ann"] == pytest.approx((10_000_000 - earned) * 0.6001, abs=1)
    line = next(n for n in found["ann", "USD"].lines if n.kind is LineKind.TOPPED_UP)
    assert line.explanation.inputs["guaranteed"] == "10.000000"
    close(database, DECEMBER)
    then = statements(database, DECEMBER)["ann", "USD"]
    assert then.total(LineKind.TOPPED_UP) == pytest.approx(6_001_000, abs=1), "nothing was earned in December"
