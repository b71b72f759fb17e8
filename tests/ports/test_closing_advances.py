"""Advances that licences state, on both databases: paid once, and recouped from what they may be recouped from."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.money import parse_money
from provenance.ledger.accounts import Account, AccountKind
from provenance.services.records import WorkLicence
from provenance.sources.licence import Licence, ShareOfRevenue
from provenance.sources.period_bounds import Advance, PeriodBounds
from provenance.statements.line import LineKind
from provenance.statements.statement import Statement

from .closing_story import DECEMBER, JANUARY, NOVEMBER, Balances, after, close, kinds, post, statements


def record_licence(database: SqlDatabase, story: Any, name: str, number: int, *, amount: str, across: bool) -> str:
    """A version of a work's licence of the story that states an advance."""
    advance = Advance(money=parse_money(amount, "USD"), across_works=across, basis_points=5_000)
    terms = ShareOfRevenue(rate_basis_points=2_500, bounds=PeriodBounds(advance=advance))
    licence = Licence(terms=terms, valid_from=date(2026, 11, 1))
    version = WorkLicence(id=f"lic_{name}_{number}", work=story.works[name].id, number=number, licence=licence)
    with database.begin(write=True) as work:
        work.rights.set_licence(version, story.at)
        work.commit()
    return version.id


def advance_account(party: str) -> Account:
    return Account(kind=AccountKind.ADVANCE_RECOUPABLE, party=party, currency="USD")


def of(statement: Statement, kind: LineKind) -> list[int]:
    return [line.micros for line in statement.lines if line.kind is kind]


def test_an_advance_is_paid_by_claims_once_and_half_of_earnings_recoup_it(database: SqlDatabase, opened: Any) -> None:
    licence = record_licence(database, opened, "share", 2, amount="100.000001", across=False)
    close(database)
    found, balances = statements(database), Balances(database)
    ann, bob = found["ann", "USD"], found["bob", "USD"]
    assert of(ann, LineKind.ADVANCED) == [60_010_001]  # 60.01 % of it, the leftover unit to the larger remainder
    assert of(bob, LineKind.ADVANCED) == [39_990_000]
    line = next(n for n in ann.lines if n.kind is LineKind.ADVANCED)
    assert line.explanation.inputs["licence"] == licence
    earned = ann.total(LineKind.ACCRUED)
    assert of(ann, LineKind.RECOUPED) == [-(earned // 2)]
    assert ann.closing.micros == earned + 60_010_001 - earned // 2
    for party, statement in (("ann", ann), ("bob", bob)):
        assert balances[advance_account(party)] == statement.advance_micros > 0
        assert [a.work for a in statement.closing.advances] == [opened.works["share"].id]
    close(database, DECEMBER)
    then = statements(database, DECEMBER)["ann", "USD"]
    assert kinds(then) == [], "nothing was earned, and the advance is paid once"
    assert then.closing.advances == ann.closing.advances


def test_what_is_of_no_work_recoups_an_advance_across_works_alone(database: SqlDatabase, opened: Any) -> None:
    record_licence(database, opened, "share", 2, amount="100", across=False)
    close(database)
    post(database, "fix:1", "correction", 1_000, effective=DECEMBER.since, at=after(NOVEMBER))
    close(database, DECEMBER)
    assert kinds(statements(database, DECEMBER)["ann", "USD"]) == [("adjusted", 1_000)]


def test_an_advance_across_works_is_recouped_from_all_that_is_earned(database: SqlDatabase, opened: Any) -> None:
    record_licence(database, opened, "share", 2, amount="100", across=True)
    close(database)
    post(database, "fix:1", "correction", 1_000, effective=DECEMBER.since, at=after(NOVEMBER))
    close(database, DECEMBER)
    then = statements(database, DECEMBER)["ann", "USD"]
    assert kinds(then) == [("adjusted", 1_000), ("recouped", -500)]
    assert Balances(database)[advance_account("ann")] == then.advance_micros


def test_a_later_version_pays_what_it_states_above_the_earlier(database: SqlDatabase, opened: Any) -> None:
    record_licence(database, opened, "share", 2, amount="100", across=False)
    close(database)
    record_licence(database, opened, "share", 3, amount="130", across=False)
    close(database, DECEMBER)
    found = statements(database, DECEMBER)["bob", "USD"]
    assert of(found, LineKind.ADVANCED) == [39_990_000 * 30 // 100]
    assert len(found.closing.advances) == 2
    record_licence(database, opened, "share", 4, amount="110", across=False)
    close(database, JANUARY)
    assert of(statements(database, JANUARY)["bob", "USD"], LineKind.ADVANCED) == []


@pytest.mark.parametrize("name", ["unlicensed"])
def test_where_nobody_has_a_claim_an_advance_waits(database: SqlDatabase, opened: Any, name: str) -> None:
    record_licence(database, opened, name, 1, amount="10", across=False)
    close(database)
    assert not any(of(s, LineKind.ADVANCED) for s in statements(database).values())
    claims = replace(opened.claims, id="claims_late", work=opened.works[name].id)
    with database.begin(write=True) as work:
        work.rights.set_claims(claims, after(NOVEMBER))
        work.commit()
    close(database, DECEMBER)
    assert of(statements(database, DECEMBER)["bob", "USD"], LineKind.ADVANCED) == [3_999_000]
