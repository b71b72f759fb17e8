"""Reviews: holds are listed oldest first, resolved once, and what is released is earned when it is released."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, InvalidInput, NotFound
from provenance.ledger.balance import trial_balance
from provenance.royalties.review import Resolution, Review
from provenance.services.records import EarningsLine
from provenance.services.reviews import resolve_hold

EVER = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
LATER = datetime(2026, 12, 24, tzinfo=UTC)
Resolve = Callable[..., Any]


@pytest.fixture
def waiting(database: SqlDatabase, recorded: Any) -> Any:
    """Three more generations, an hour apart, each with a hold."""
    with database.begin(write=True) as work:
        for number in (2, 3, 4):
            record, at = recorded.generation(f"g{number}"), recorded.at + timedelta(hours=number)
            work.books.post(recorded.transaction(record), at)
            work.generations.add(record, None, at)
        work.commit()
    return recorded


@pytest.fixture
def resolve(database: SqlDatabase, waiting: Any) -> Resolve:
    def run(
        name: str, resolution: Resolution, *, by: str = "press", reason: str = "read", work: str = "careful"
    ) -> Any:
        generation = waiting.generation(name).generation.id
        entity = waiting.works[work].id if work in waiting.works else work
        return resolve_hold(database, generation, entity, resolution, decided_by=by, reason=reason, at=LATER)

    return run


def test_a_review_comes_back_as_it_went_in(database: SqlDatabase, recorded: Any) -> None:
    review, transaction = recorded.review(recorded.generation())
    with database.begin() as work:
        [found] = work.reviews.of(review.generation)
        assert (found.fact, found.recorded_at) == (review, recorded.later)
        assert work.reviews.of("gen_none") == ()
        posted = work.books.get(review.transaction)
    assert posted is not None
    assert (posted.fact, posted.fact.corrects) == (transaction, recorded.generation().transaction)


def test_holds_are_listed_oldest_first_and_paged(database: SqlDatabase, waiting: Any) -> None:
    with database.begin() as work:
        first = work.reviews.awaiting(limit=2)
        assert first.next_after is not None
        rest = work.reviews.awaiting(limit=2, after=first.next_after)
    assert rest.next_after is None
    holds = [*first.items, *rest.items]
    assert [h.fact.external_id for h in holds] == ["g2", "g3", "g4"], "the story's own was resolved"
    assert [h.recorded_at for h in holds] == [waiting.at + timedelta(hours=n) for n in (2, 3, 4)]
    use = next(u for u in waiting.generation("g2").accrual.uses if u.outcome == "review")
    attribution = next(a for a in waiting.shares().attributions if a.work == use.work)
    hold = holds[0].fact
    assert (hold.work, hold.title, hold.held) == (use.work, waiting.works["careful"].title, use.held)
    assert (hold.share_ppb, hold.confidence_ppm) == (attribution.share_ppb, attribution.confidence_ppm)
    assert (hold.threshold_ppm, hold.risk_basis_points_max, hold.service) == (1_000_001, 100, "bot")


def test_what_is_held_is_released_and_declined_in_full(database: SqlDatabase, waiting: Any, resolve: Resolve) -> None:
    held = {
        r.fact.held for r in [resolve("g2", Resolution.RELEASE).recorded, resolve("g3", Resolution.DECLINE).recorded]
    }
    [each] = held
    with database.begin() as work:
        sums = {account.id: micros for account, micros in work.books.balances().items()}
        assert [h.fact.external_id for h in work.reviews.awaiting(limit=9).items] == ["g4"]
    others = [u.held.micros for u in waiting.generation().accrual.uses if u.held and u.outcome != "review"]
    assert sums["held/USD"] == -4 * sum(others) - each.micros
    with database.begin() as work:
        assert trial_balance(work.books.balances()).balanced


def test_a_release_is_earned_when_it_is_released(database: SqlDatabase, waiting: Any, resolve: Resolve) -> None:
    with database.begin() as work:
        before = {p: work.earnings.total(p, LATER, EVER[1]) for p in ("press", "bot")}
    assert before == {"press": [], "bot": []}
    review = resolve("g3", Resolution.RELEASE).recorded.fact
    with database.begin() as work:
        for accrual in review.released:
            [line] = work.earnings.total(accrual.party, LATER, EVER[1])
            assert (line.micros, line.uses) == (accrual.money.micros, 1)
            [month] = work.earnings.by_month(accrual.party, LATER, EVER[1])
            assert month.key == "2026-12"
            everything = work.earnings.uses(accrual.party, *EVER, work=waiting.works["careful"].id, limit=9)
            assert [u.fact.generation for u in everything.items] == [
                waiting.generation(name).generation.id for name in ("g1", "g3")
            ]
            assert everything.items[1].recorded_at == LATER


def test_accruals_and_releases_are_numbered_together(database: SqlDatabase, waiting: Any, resolve: Resolve) -> None:
    resolve("g2", Resolution.RELEASE)
    record = waiting.generation("g5")
    with database.begin(write=True) as work:
        waiting.record_generation(work, record)
        work.commit()
    with database.begin() as work:
        found = [
            u.seq
            for party in ("ann", "bob", "bot", "press")
            for u in work.earnings.uses(party, *EVER, work=None, limit=99).items
        ]
    assert sorted(found) == list(range(1, len(found) + 1))


def test_a_creator_sees_what_is_held_of_works_that_it_had_a_claim_on(
    database: SqlDatabase, waiting: Any, resolve: Resolve
) -> None:
    careful = waiting.works["careful"]
    each = next(u.held for u in waiting.generation().accrual.uses if u.outcome == "review")

    def held(party: str, since: datetime = EVER[0]) -> list[EarningsLine]:
        with database.begin() as work:
            return list(work.earnings.held_for_review(party, since, EVER[1]))

    line = EarningsLine(key=careful.id, title=careful.title, currency="USD", micros=3 * each.micros, uses=3)
    assert held("press") == held("bot") == [line]
    assert held("ann") == []
    assert [n.uses for n in held("press", waiting.at + timedelta(hours=4))] == [1]
    resolve("g2", Resolution.DECLINE)
    resolve("g3", Resolution.RELEASE)
    assert held("press") == [replace(line, micros=each.micros, uses=1)]


def test_the_same_again_changes_nothing_and_another_answer_is_a_conflict(
    database: SqlDatabase, waiting: Any, resolve: Resolve
) -> None:
    first = resolve("g2", Resolution.DECLINE)
    with database.begin() as work:
        size = work.log.size()
    again = resolve("g2", Resolution.DECLINE)
    assert (first.replayed, again.replayed, again.recorded) == (False, True, first.recorded)
    others = ((Resolution.RELEASE, {}), (Resolution.DECLINE, {"by": "ann"}), (Resolution.DECLINE, {"reason": "other"}))
    for resolution, change in others:
        with pytest.raises(Conflict, match="resolved before"):
            resolve("g2", resolution, **change)
    with database.begin() as work:
        assert work.log.size() == size


def test_what_can_not_be_resolved_leaves_nothing(database: SqlDatabase, waiting: Any, resolve: Resolve) -> None:
    with database.begin() as work:
        size = work.log.size()
    with pytest.raises(NotFound, match="no party"):
        resolve("g2", Resolution.RELEASE, by="nobody")
    for name, work_name in (("g9", "careful"), ("g2", "work_none")):
        with pytest.raises(NotFound, match="No generation"):
            resolve(name, Resolution.RELEASE, work=work_name)
    for name in ("share", "blocked", "unlicensed"):
        with pytest.raises(Conflict, match="isn't held for review"):
            resolve("g2", Resolution.RELEASE, work=name)
    with pytest.raises(InvalidInput, match="reason"):
        resolve("g2", Resolution.RELEASE, reason=" ")
    with database.begin() as work:
        assert work.log.size() == size


def test_a_second_review_past_the_service_is_a_conflict(database: SqlDatabase, recorded: Any) -> None:
    review, _ = recorded.review(recorded.generation(), Resolution.DECLINE)
    with database.begin(write=True) as work, pytest.raises(Conflict, match="resolved before"):
        work.reviews.add(review, recorded.later)


def test_a_review_that_does_not_move_what_was_held_is_refused(database: SqlDatabase, waiting: Any) -> None:
    def add(review: Review) -> None:
        with database.begin(write=True) as work:
            work.reviews.add(review, LATER)
            work.commit()

    review, _ = waiting.review(waiting.generation("g2"))
    other = waiting.review(waiting.generation())[0].transaction
    for lost in (replace(review, transaction=None), replace(review, transaction=other)):
        with pytest.raises(Conflict):
            add(lost)
