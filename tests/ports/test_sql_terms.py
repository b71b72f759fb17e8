"""Licences that say all they can, counts, rates and disputes: they come back as they went in; and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, ProvenanceError
from provenance.royalties.dispute import Action, Stage, Step, position
from provenance.royalties.dispute_money import settle
from provenance.royalties.standing import Count, Standing
from provenance.services.facts import describe, leaf
from provenance.services.ports import UnitOfWork
from provenance.services.register import next_licence, state_licence, state_licences
from provenance.sources.licence import Licence, ShareOfRevenue
from provenance.sources.period_bounds import PeriodBounds, TermPeriod, Tier
from provenance.sources.worker_class import WorkerClass

JAN, MARCH = date(2026, 1, 1), date(2026, 3, 1)


@pytest.fixture
def terms(database: SqlDatabase, recorded: Any) -> Any:
    return recorded.record_terms(database)


def _everything(money: Any) -> Licence:
    return Licence(
        terms=ShareOfRevenue(
            rate_basis_points=2_500,
            tiers=(Tier(from_uses=10, rate_basis_points=2_000),),
            fee_min=money("0.000100", "USD"),
            bounds=PeriodBounds(period=TermPeriod.YEAR, cap=money("9", "USD"), guarantee=money("1", "USD")),
        ),
        valid_from=JAN,
        workers=WorkerClass(kind="specialised", hosting="on_premises"),
        opt_out_from=date(2027, 1, 1),
        most_favoured=True,
    )


def test_a_licence_that_says_all_it_can_comes_back(database: SqlDatabase, recorded: Any) -> None:
    from provenance.kernel.money import parse_money

    work, licence = recorded.works["share"].id, _everything(parse_money)
    stated = state_licence(database, work, licence, at=recorded.at)
    with database.begin() as unit:
        found = unit.rights.licences_of(work)[-1]
        assert (found.fact, found.fact.licence) == (stated, licence)
        assert leaf(found.fact, recorded.at) in [logged for _, logged in unit.log.leaves()]


def test_a_licence_that_says_no_more_than_before_has_the_form_of_before(database: SqlDatabase, recorded: Any) -> None:
    with database.begin() as unit:
        plain = next_licence(
            unit, recorded.works["fee"].id, Licence(terms=ShareOfRevenue(rate_basis_points=1), valid_from=JAN)
        )
    assert set(describe(plain, recorded.at)[2]) == {
        *("kind", "recorded_at", "id", "work", "number", "terms", "valid_from", "valid_until", "territory", "purpose")
    }


def test_licences_that_overlap_are_refused_together_and_none_is_written(database: SqlDatabase, recorded: Any) -> None:
    work, rate = recorded.works["share"].id, ShareOfRevenue(rate_basis_points=1)
    one, other = Licence(terms=rate, valid_from=JAN, valid_until=MARCH), Licence(terms=rate, valid_from=MARCH)
    with pytest.raises(ProvenanceError) as refused:
        state_licences(database, work, [one, other], at=recorded.at)
    assert refused.value.code == "overlapping_validity"
    with database.begin() as unit:
        assert len(unit.rights.licences_of(work)) == 1
    both = [one, replace(other, valid_from=MARCH + timedelta(days=1))]
    assert [r.number for r in state_licences(database, work, both, at=recorded.at)] == [2, 3]


def test_a_use_comes_back_with_what_came_before_it(database: SqlDatabase, terms: Any) -> None:
    record = terms.counted()
    with database.begin() as unit:
        found = unit.generations.get(record.generation.id)
    assert found is not None
    assert found.fact == record


def test_a_count_goes_on_from_the_use_before(database: SqlDatabase, terms: Any) -> None:
    use = next(u for u in terms.counted().accrual.uses if u.split)
    with database.begin() as unit:
        for standing in (use.standing, use.split):
            assert unit.counts.standing(standing.count) == standing.after(use.royalty.micros)
        new = Count(line="nothing", period_from=JAN)
        assert unit.counts.standing(new) == Standing(count=new)


def test_a_count_is_not_taken_twice(database: SqlDatabase, terms: Any) -> None:
    with database.begin(write=True) as unit, pytest.raises(Conflict):
        terms.record_generation(unit, terms.counted("another"))


def test_the_latest_rate_of_a_day_or_before_is_found_either_way(database: SqlDatabase, terms: Any) -> None:
    newer = replace(terms.rate, on=date(2026, 11, 23), numerator=11_000)
    corrected = replace(newer, numerator=11_001)
    with database.begin(write=True) as unit:
        for rate in (newer, corrected, terms.rate):  # the last is there already
            unit.rates.add(rate, terms.at)
        unit.commit()
    with database.begin() as unit:

        def latest(day: int, base: str = "EUR", quote: str = "USD") -> Any:
            found = unit.rates.latest(base, quote, on=date(2026, 11, day))
            return found and found.fact

        assert [latest(19), latest(20), latest(22)] == [None, terms.rate, terms.rate]
        assert latest(23) == latest(30, "USD", "EUR") == corrected
        assert latest(30, "USD", "JPY") is None
        assert len(unit.rates.page(limit=10).items) == 3


def test_a_dispute_comes_back_with_all_that_came_of_it(database: SqlDatabase, terms: Any) -> None:
    dispute = terms.dispute()
    hold, transaction = terms.dispute_hold(dispute, terms.counted())
    with database.begin() as unit:
        found = unit.disputes.get(dispute.id)
        steps = [s.fact for s in unit.disputes.steps(dispute.id)]
        assert found is not None
        assert found.fact == dispute
        assert [(s.action, s.by, s.returned_basis_points) for s in steps] == [
            (Action.REJECT, "ann", None),
            (Action.DECIDE, "press", 2_500),
        ]
        assert position(dispute, steps).stage is Stage.CLOSED
        assert [h.fact for h in unit.disputes.holds(dispute.id)] == [hold]
        settlement, _ = settle(dispute, hold, 2_500, at=terms.later)
        assert [s.fact for s in unit.disputes.settlements(dispute.id)] == [settlement]
        posted = unit.books.get(transaction.id)
        assert posted is not None
        assert (posted.fact, posted.fact.corrects) == (transaction, terms.counted().transaction)
        assert unit.disputes.get("dispute_none") is None
        assert unit.disputes.held_of(hold.generation, dispute.work) == {}, "it is closed"


def test_open_disputes_are_found_by_work_and_all_by_party(database: SqlDatabase, terms: Any) -> None:
    share = terms.works["share"].id
    with database.begin(write=True) as unit:
        assert unit.disputes.open_of({share}) == ()
        second = terms.dispute(disputant="press")
        unit.disputes.add(second, terms.later)
        assert [d.fact for d in unit.disputes.open_of({share, "work_none"})] == [second]
        assert [d.fact for d in unit.disputes.open(limit=5).items] == [second]
        by_party = {p: len(unit.disputes.page(limit=5, party=p).items) for p in ("ann", "bot", "press", "bob")}
        assert by_party == {"ann": 2, "bot": 1, "press": 1, "bob": 0}
        assert unit.disputes.open_of({terms.works["fee"].id}) == ()


def test_every_fact_of_terms_has_the_leaf_that_it_was_logged_with(database: SqlDatabase, terms: Any) -> None:
    with database.begin() as unit:
        logged = {leaf for _, leaf in unit.log.leaves()}
        for kind in ("fx_rate", "dispute", "dispute_step", "dispute_hold", "dispute_settlement"):
            found = list(unit.facts.facts(kind, terms.at, terms.at + timedelta(days=1)))
            assert found
            assert all(leaf(fact, at) in logged for fact, at in found), kind


@pytest.mark.parametrize("again", ["dispute", "step", "hold", "settlement"])
def test_nothing_of_a_dispute_is_recorded_twice(database: SqlDatabase, terms: Any, again: str) -> None:
    dispute = terms.dispute()
    with database.begin() as unit:
        steps, holds = unit.disputes.steps(dispute.id), unit.disputes.holds(dispute.id)
        settlements = unit.disputes.settlements(dispute.id)
    add: dict[str, Callable[[UnitOfWork], None]] = {
        "dispute": lambda unit: unit.disputes.add(dispute, terms.later),
        "step": lambda unit: unit.disputes.add_step(steps[-1].fact, terms.later),
        "hold": lambda unit: unit.disputes.add_hold(holds[0].fact, terms.later),
        "settlement": lambda unit: unit.disputes.add_settlement(settlements[0].fact, terms.later),
    }
    with database.begin(write=True) as unit, pytest.raises(Conflict):
        add[again](unit)


def test_a_closed_dispute_takes_no_further_step(database: SqlDatabase, terms: Any) -> None:
    step = Step(dispute=terms.dispute().id, number=3, action=Action.APPEAL, by="bot", reason="No.", at=terms.later)
    with database.begin(write=True) as unit, pytest.raises(Conflict, match="closed"):
        unit.disputes.add_step(step, terms.later)
