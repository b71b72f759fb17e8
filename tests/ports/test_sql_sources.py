"""Parties, keys, works, revisions: recorded once, found again, and refused where they contradict what is recorded."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, InvalidInput, NotFound
from provenance.sources.party import Party
from provenance.sources.work import Work, revision_id, work_id


def test_the_same_facts_again_change_nothing(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        size = work.log.size()
        recorded.record_rights(work)
        work.keys.add(recorded.key, recorded.at)
        work.keys.revoke(recorded.key.id, recorded.at)
        work.books.post(recorded.transaction(recorded.generation()), recorded.at)
        assert work.log.size() == size
        work.commit()


def test_parties_come_back_as_they_went_in(database: SqlDatabase, recorded: Any) -> None:
    with database.begin() as work:
        page = work.parties.page(limit=10)
        assert tuple(r.fact for r in page.items) == recorded.parties
        assert {r.recorded_at for r in page.items} == {recorded.at}
        assert work.parties.get("ann") == recorded.parties[1]
        assert work.parties.get("nobody") is None


def test_another_name_for_a_party_is_a_conflict(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work, pytest.raises(Conflict, match="ann"):
        work.parties.add(Party(id="ann", name="Anna"), recorded.at)


def test_a_key_is_found_with_its_revocation(database: SqlDatabase, recorded: Any) -> None:
    revoked = replace(recorded.key, revoked_at=recorded.at + timedelta(microseconds=1))
    fresh = replace(recorded.key, id="k2", party="ann")
    with database.begin(write=True) as work:
        work.keys.add(fresh, recorded.at)
        assert work.keys.get("k1") == revoked
        assert work.keys.get("k2") == fresh
        assert work.keys.get("k3") is None
        assert [r.fact for r in work.keys.page(limit=10).items] == [revoked, fresh]


def test_a_second_revocation_keeps_the_first(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        before = work.keys.get("k1")
        work.keys.revoke("k1", recorded.at + timedelta(days=1))
        assert work.keys.get("k1") == before


def test_a_key_of_nobody_and_a_key_that_is_not_there_are_not_found(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work, pytest.raises(NotFound):
        work.keys.add(replace(recorded.key, id="k9", party="nobody"), recorded.at)
    with database.begin(write=True) as work, pytest.raises(NotFound, match="k9"):
        work.keys.revoke("k9", recorded.at)


def test_another_key_under_the_same_id_is_a_conflict(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work, pytest.raises(Conflict):
        work.keys.add(replace(recorded.key, secret_sha256="6" * 64), recorded.at)


def test_works_are_found_by_id_and_by_whom_they_belong_to(database: SqlDatabase, recorded: Any) -> None:
    works = recorded.works
    with database.begin() as work:
        assert work.works.get(works["fee"].id) == works["fee"]
        assert work.works.many({works["fee"].id, works["free"].id, "work_none"}) == {
            works[name].id: works[name] for name in ("fee", "free")
        }
        assert work.works.many(set()) == {}

        def of(party: str) -> list[str]:
            return [r.fact.source_id for r in work.works.page(limit=10, party=party).items]

        assert of("press") == list(works)  # registered
        assert of("bob") == ["share", "fee", "gone"]  # claimed, and what it registered and withdrew
        assert of("ann") == ["share"]
        assert of("bot") == ["careful"]
        assert work.works.belongs(works["share"].id, "ann")
        assert work.works.belongs(works["free"].id, "press")
        assert not work.works.belongs(works["fee"].id, "ann")
        assert not work.works.belongs("work_none", "ann")


def test_a_claim_that_was_given_up_still_shows_the_work(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        work.rights.set_claims(recorded.claims_of("share", bob=10_000), recorded.at)
        assert work.works.belongs(recorded.works["share"].id, "ann")


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6])
def test_pages_cut_a_list_without_loss(database: SqlDatabase, recorded: Any, limit: int) -> None:
    found: list[str] = []
    after: int | None = 0
    with database.begin() as work:
        while after is not None:
            page = work.works.page(limit=limit, after=after, party="press")
            assert 0 < len(page.items) <= limit
            found += [r.fact.source_id for r in page.items]
            after = page.next_after
    assert found == list(recorded.works)


def test_another_title_for_a_work_is_a_conflict(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work, pytest.raises(Conflict, match="title"):
        work.works.add(replace(recorded.works["fee"], title="Another"), recorded.at)


def test_a_work_of_nobody_is_not_found(database: SqlDatabase, story: Any) -> None:
    orphan = Work(id=work_id("nobody", "x"), registrant="nobody", source_id="x", title="", author="")
    with database.begin(write=True) as work, pytest.raises(NotFound):
        work.works.add(orphan, story.at)


def test_revisions_follow_one_another(database: SqlDatabase, recorded: Any) -> None:
    entity = recorded.works["fee"].id
    second, text = recorded.revision("fee", 2), recorded.text("fee", 2)
    with database.begin(write=True) as work:
        work.works.add_revision(second, text, recorded.encoder, recorded.vectors(), recorded.at)
        assert work.works.latest(entity) == second
        assert [r.fact for r in work.works.revisions(entity)] == [recorded.revision("fee"), second]
        assert work.works.text(second.id) == text
        assert work.works.text("rev_none") is None
        assert work.works.latest("work_none") is None


def test_a_revision_that_skips_or_repeats_a_number_is_a_conflict(database: SqlDatabase, recorded: Any) -> None:
    skipping = recorded.revision("fee", 3)
    repeating = replace(skipping, number=1, id=revision_id(skipping.work, 1, skipping.text_sha256))
    for revision in (skipping, repeating):
        with database.begin(write=True) as work, pytest.raises(Conflict, match="follow"):
            work.works.add_revision(
                revision, recorded.text("fee", 3), recorded.encoder, recorded.vectors(), recorded.at
            )


def test_a_revision_of_no_work_is_not_found(database: SqlDatabase, recorded: Any) -> None:
    lost = replace(recorded.revision("fee"), work="work_none", id="rev_lost")
    with database.begin(write=True) as work, pytest.raises(NotFound):
        work.works.add_revision(lost, recorded.text("fee"), recorded.encoder, recorded.vectors(), recorded.at)


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_character_that_postgresql_can_not_hold_is_invalid_input(database: SqlDatabase) -> None:
    with database.begin() as work, pytest.raises(InvalidInput):
        work.works.get("a\x00b")


def test_vectors_come_back_to_the_bit(database: SqlDatabase, recorded: Any) -> None:
    with database.begin() as work:
        indexed = list(work.works.indexed(recorded.encoder))
    by_work = {entity.id: (n, name) for n, (name, entity) in enumerate(recorded.works.items())}
    assert [i.work for i in indexed] == [work for work in by_work if work in {i.work for i in indexed}]
    assert len(indexed) == len(by_work)
    for found in indexed:
        number, name = by_work[found.work]
        assert (found.revision, found.text) == (recorded.revision(name).id, recorded.text(name))
        assert found.vectors.dtype == np.float32
        assert np.array_equal(found.vectors, recorded.vectors(number))


def test_only_latest_revisions_with_vectors_are_indexed(
    database: SqlDatabase, recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.adapters.sql.vectors.NAMES", 2)
    second = recorded.revision("fee", 2)
    with database.begin(write=True) as work:
        work.works.add_revision(second, recorded.text("fee", 2), "other", recorded.vectors(), recorded.at)
        [missing] = work.works.without_vectors(recorded.encoder)
        assert (missing.fact, missing.seq) == (second, work.works.newest_revision())
        assert not work.works.without_vectors(recorded.encoder, after=missing.seq)
        assert second.work not in {i.work for i in work.works.indexed(recorded.encoder)}
        assert [i.revision for i in work.works.indexed("other")] == [second.id]
        work.works.add_vectors(second.id, recorded.encoder, recorded.vectors())
        assert not work.works.without_vectors(recorded.encoder)
        assert len([i for i in work.works.indexed(recorded.encoder) if i.revision == second.id]) == 1
        all_ = [i.revision for i in work.works.indexed(recorded.encoder)]
        assert [i.revision for i in work.works.indexed(recorded.encoder, until=missing.seq - 1)] == all_[:-1]
        assert [i.revision for i in work.works.indexed(recorded.encoder, after=missing.seq - 1)] == all_[-1:]
        assert [i.revision for i in work.works.indexed(recorded.encoder, after=missing.seq)] == []


def test_vectors_are_stored_once(database: SqlDatabase, recorded: Any) -> None:
    revision = recorded.revision("fee").id
    with database.begin(write=True) as work:
        work.works.add_vectors(revision, recorded.encoder, recorded.vectors(1))
        with pytest.raises(Conflict, match="other vectors"):
            work.works.add_vectors(revision, recorded.encoder, recorded.vectors(9))
        with pytest.raises(NotFound, match="rev_none"):
            work.works.add_vectors("rev_none", recorded.encoder, recorded.vectors())


def test_a_text_without_segments_has_an_empty_matrix(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        work.works.add_vectors(recorded.revision("fee").id, "empty", np.zeros((0, 8), np.float32))
        assert [i.vectors.shape for i in work.works.indexed("empty")] == [(0, 8)]


def test_a_text_belongs_to_the_work_that_had_it_first(database: SqlDatabase, recorded: Any) -> None:
    with database.begin() as work:
        for entity in recorded.works.values():
            for revision in work.works.revisions(entity.id):
                assert work.works.with_text(revision.fact.text_sha256) == entity.id
        assert work.works.with_text("0" * 64) is None
