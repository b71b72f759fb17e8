"""Withdrawals: recorded once, listed, and what a withdrawn work is left out of, on either database and in raw SQL."""

from dataclasses import replace
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, NotFound
from provenance.migrations.r0005.guards import ENDED
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Work, revision_id, work_id


@pytest.fixture
def fee(recorded: Any) -> Withdrawal:
    """Of a work that has a revision, claims, a licence and uses."""
    return Withdrawal(work=recorded.works["fee"].id, withdrawn_by="press")


@pytest.fixture
def withdrawn(database: SqlDatabase, recorded: Any, fee: Withdrawal) -> Withdrawal:
    with database.begin(write=True) as work:
        work.works.add_withdrawal(fee, recorded.later)
        work.commit()
    return fee


def test_a_withdrawal_comes_back_as_it_went_in(database: SqlDatabase, recorded: Any, withdrawn: Withdrawal) -> None:
    with database.begin() as work:
        first = work.works.withdrawal_of(recorded.gone.id)
        second = work.works.withdrawal_of(withdrawn.work)
        assert first is not None
        assert second is not None
        assert (first.fact, first.recorded_at) == (recorded.withdrawal(), recorded.later)
        assert (second.fact, second.recorded_at) == (withdrawn, recorded.later)
        assert work.works.withdrawal_of(recorded.works["share"].id) is None
        assert work.works.withdrawal_of("work_none") is None
        asked = {recorded.gone.id, recorded.works["share"].id, "work_none"}
        assert work.works.withdrawn(asked) == {recorded.gone.id: first}
        assert work.works.withdrawn(set()) == {}
        page = work.works.withdrawals(limit=1)
        assert page.items == (first,)
        assert page.next_after is not None
        rest = work.works.withdrawals(after=page.next_after, limit=1)
        assert (rest.items, rest.next_after) == ((second,), None)


def test_the_same_again_does_nothing_and_anything_else_of_the_same_work_is_a_conflict(
    database: SqlDatabase, recorded: Any
) -> None:
    with database.begin(write=True) as work:
        size = work.log.size()
        work.works.add_withdrawal(recorded.withdrawal(), recorded.at)
        assert work.log.size() == size
        for other in (recorded.withdrawal("another"), replace(recorded.withdrawal(), withdrawn_by="press")):
            with pytest.raises(Conflict, match="withdrawn before"):
                work.works.add_withdrawal(other, recorded.at)


@pytest.mark.parametrize("other", [{"work": "work_none"}, {"withdrawn_by": "nobody"}], ids=str)
def test_a_withdrawal_of_nothing_or_by_nobody_is_not_found(
    database: SqlDatabase, recorded: Any, fee: Withdrawal, other: dict[str, str]
) -> None:
    with database.begin(write=True) as work, pytest.raises(NotFound):
        work.works.add_withdrawal(replace(fee, **other), recorded.at)


def test_a_withdrawn_work_is_in_no_index_and_is_told_of_once(
    database: SqlDatabase, recorded: Any, fee: Withdrawal
) -> None:
    def seen() -> tuple[set[str], set[str], set[str], int]:
        with database.begin() as work:
            return (
                {i.work for i in work.works.indexed(recorded.encoder)},
                {r.fact.work for r in work.works.without_vectors("another-0")},
                set(work.overlaps.due(recorded.encoder, until=10**9, limit=10)),
                len(work.works.withdrawals(limit=10).items),
            )

    before = seen()
    revision = recorded.revision("fee").id
    with database.begin(write=True) as work:
        work.works.add_withdrawal(fee, recorded.later)
        work.commit()
    after = seen()
    assert before[0] - after[0] == before[1] - after[1] == {fee.work}
    assert before[2] - after[2] == {revision}
    assert after[3] == before[3] + 1
    with database.begin() as work:
        assert work.works.withdrawn_revisions() == [revision]
        assert work.works.indexed_revision(revision, recorded.encoder) is not None, "decisions on it are explained"
        assert work.works.get(fee.work) == recorded.works["fee"]
        assert fee.work in {r.fact.id for r in work.works.page(limit=10, party="bob").items}


def test_a_withdrawn_work_gets_no_revision_and_is_in_no_new_decision(
    database: SqlDatabase, recorded: Any, withdrawn: Withdrawal
) -> None:
    second = recorded.revision("fee", 2)
    with database.begin(write=True) as work, pytest.raises(Conflict, match="withdrawn"):
        work.works.add_revision(second, recorded.text("fee", 2), recorded.encoder, recorded.vectors(), recorded.later)
    with database.begin(write=True) as work, pytest.raises(Conflict, match="withdrawn"):
        recorded.record_generation(work, recorded.generation("g2"))
    with database.begin() as work:
        assert work.works.latest(withdrawn.work) == recorded.revision("fee")
        assert work.generations.get(recorded.generation("g2").generation.id) is None


def test_rights_and_money_of_before_go_on(database: SqlDatabase, recorded: Any, fee: Withdrawal) -> None:
    """Claims can change hands, and a hold of before is released."""
    held = recorded.generation("g2")
    with database.begin(write=True) as work:
        recorded.record_generation(work, held)
        work.works.add_withdrawal(fee, recorded.later)
        work.works.add_withdrawal(replace(fee, work=recorded.works["careful"].id), recorded.later)
        work.rights.set_claims(recorded.claims_of("fee", ann=10_000), recorded.later)
        review = recorded.record_review(work, held)
        work.commit()
    with database.begin() as work:
        assert work.rights.claims_of(fee.work)[-1].fact == recorded.claims_of("fee", ann=10_000)
        assert review.work == recorded.works["careful"].id
        assert review in [r.fact for r in work.reviews.of(held.generation.id)]


def test_a_text_belongs_to_the_oldest_work_that_stands_and_has_it(
    database: SqlDatabase, recorded: Any, withdrawn: Withdrawal
) -> None:
    sha256, text = recorded.revision("fee").text_sha256, recorded.text("fee")
    again = Work(id=work_id("press", "again"), registrant="press", source_id="again", title="", author="")
    with database.begin(write=True) as work:
        assert work.works.with_text(sha256) == withdrawn.work
        work.works.add(again, recorded.later)
        revision = replace(recorded.revision("fee"), work=again.id, id=revision_id(again.id, 1, sha256))
        work.works.add_revision(revision, text, recorded.encoder, recorded.vectors(), recorded.later)
        assert work.works.with_text(sha256) == again.id
        work.works.add_withdrawal(replace(withdrawn, work=again.id), recorded.later)
        assert work.works.with_text(sha256) == withdrawn.work
        assert work.works.with_text("0" * 64) is None


@pytest.mark.parametrize("table", ENDED)
def test_raw_sql_adds_nothing_to_a_withdrawn_work(recorded: Any, withdrawn: Withdrawal, raw: Any, table: str) -> None:
    other = {"seq": "9999", "id": "'x'", "number": "9", "generation": "'gen_x'", "work": f"'{withdrawn.work}'"}
    columns = {
        "revision": "seq, id, work, number, text_sha256, iscc, chars, recorded_at",
        "attribution": "generation, work, number, share_ppb, confidence_ppm",
    }[table]
    values = ", ".join(other.get(c, c) for c in columns.split(", "))
    row = f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} LIMIT 1"
    assert "withdrawn" in raw.refused(row)
    assert "withdrawn" not in raw.refused(row.replace(withdrawn.work, recorded.works["share"].id))
