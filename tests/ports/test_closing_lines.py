"""What lies under the lines of statements, and what disputes and guarantees put on them; on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import InvalidInput, NotFound, OpenWork
from provenance.kernel.money import parse_money
from provenance.ledger.transaction import Transaction
from provenance.services.records import WorkLicence
from provenance.services.statements import find_statement, under_line
from provenance.sources.licence import Licence, ShareOfRevenue
from provenance.sources.period_bounds import PeriodBounds
from provenance.statements.line import LineKind

from .closing_story import DECEMBER, FIRST, NOVEMBER, Balances, after, close, kinds, payable, post, statements


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
