"""Claims, licences and snapshots: what is in force is what was recorded last among what covers the use."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, NotFound
from provenance.royalties.rights import rights_in_force
from provenance.services.records import IndexState, WorkClaims, WorkLicence
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence, ShareOfRevenue

STATE, NEXT = IndexState(revisions=7), IndexState(revisions=9, withdrawals=8)
RATE = ShareOfRevenue(rate_basis_points=100)


def test_claims_and_licences_come_back_as_they_went_in(database: SqlDatabase, recorded: Any) -> None:
    with database.begin() as work:
        assert [r.fact for r in work.rights.claims_of(recorded.works["share"].id)] == [recorded.claims]
        found = [r.fact for entity in recorded.works.values() for r in work.rights.licences_of(entity.id)]
    assert tuple(found) == recorded.licences


def test_other_content_under_an_id_that_is_recorded_is_a_conflict(database: SqlDatabase, recorded: Any) -> None:
    other = replace(recorded.claims, claims=Claims(basis_points={"ann": 10_000}, valid_from=date(2026, 1, 1)))
    licence = replace(recorded.licences[0], licence=Licence(terms=RATE, valid_from=date(2026, 1, 1)))
    with database.begin(write=True) as work:
        with pytest.raises(Conflict):
            work.rights.set_claims(other, recorded.at)
        with pytest.raises(Conflict):
            work.rights.set_licence(licence, recorded.at)
        with pytest.raises(Conflict, match="follow"):
            work.rights.set_licence(replace(recorded.licences[0], id="lic_new", number=3), recorded.at)


def test_rights_in_what_is_not_recorded_are_not_found(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        with pytest.raises(NotFound, match="work_none"):
            work.rights.set_claims(replace(recorded.claims, id="c", work="work_none"), recorded.at)
        with pytest.raises(NotFound, match="nobody"):
            work.rights.set_claims(recorded.claims_of("free", ann=5_000, nobody=5_000), recorded.at)
        with pytest.raises(NotFound, match="work_none"):
            work.rights.set_licence(replace(recorded.licences[0], id="l", work="work_none"), recorded.at)


def test_in_force_is_what_the_rule_says(database: SqlDatabase, recorded: Any) -> None:
    entity = recorded.works["unlicensed"].id
    days = [date(2026, 2, 1), date(2026, 3, 1)]
    licences = [
        Licence(terms=RATE, valid_from=start, valid_until=end, territory=territory, purpose=purpose)
        for start, end, territory, purpose in product(days, [None, *days], ["*", "DE"], ["*", "chat"])
        if end is None or end >= start
    ]
    numbered = [WorkLicence(id=f"l{n}", work=entity, number=n, licence=lic) for n, lic in enumerate(licences, 1)]
    with database.begin(write=True) as work:
        for licence in numbered:
            work.rights.set_licence(licence, recorded.at)
        uses = [date(2026, 1, 31), *days, date(2026, 3, 2)]
        for on, territory, purpose in product(uses, ["DE", "FR"], ["chat", "search"]):
            stated = [(n.id, n.licence) for n in numbered]
            rule = rights_in_force(stated, [], on=on, territory=territory, purpose=purpose)
            found = work.rights.in_force({entity}, on=on, territory=territory, purpose=purpose)
            assert list(found.values()) == ([rule] if rule.licence else []), (on, territory, purpose)


def test_claims_that_started_last_hold(database: SqlDatabase, recorded: Any) -> None:
    entity = recorded.works["free"].id

    def claims(name: str, valid_from: date) -> WorkClaims:
        return WorkClaims(id=name, work=entity, claims=Claims(basis_points={"ann": 10_000}, valid_from=valid_from))

    with database.begin(write=True) as work:
        for name, day in (("first", 5), ("future", 20), ("back-dated", 2)):
            work.rights.set_claims(claims(name, date(2026, 6, day)), recorded.at)

        def in_force(day: int) -> str | None:
            found = work.rights.in_force({entity}, on=date(2026, 6, day), territory="DE", purpose="chat")
            return found[entity].claims_id

        assert [in_force(day) for day in (1, 2, 5, 20)] == [None, "back-dated", "first", "future"]


def test_in_force_answers_for_many_works_and_leaves_out_those_without_rights(
    database: SqlDatabase, recorded: Any
) -> None:
    works = {entity.id for entity in recorded.works.values()} | {"work_none"}
    with database.begin() as work:
        found = work.rights.in_force(works, on=date(2026, 11, 21), territory="DE", purpose="chat")
        assert found.keys() == {licence.work for licence in recorded.licences}
        fee = found[recorded.works["fee"].id]
        assert fee.claims is not None
        assert (fee.licence_id, dict(fee.claims.basis_points)) == ("lic_fee", {"bob": 10_000})
        assert found[recorded.works["free"].id].claims_id is None
        assert work.rights.in_force(set(), on=date(2026, 1, 1), territory="DE", purpose="chat") == {}


def test_the_current_snapshot_is_the_one_published_last(database: SqlDatabase, recorded: Any) -> None:
    first = recorded.snapshot
    second = replace(first, digest="e" * 64)
    foreign = replace(first, digest="f" * 64, encoder="other")
    with database.begin(write=True) as work:
        assert work.snapshots.current(recorded.encoder) == (first, STATE)
        assert work.snapshots.current("none") is None
        work.snapshots.add(second, NEXT, recorded.at)
        work.snapshots.add(foreign, IndexState(), recorded.at)
        assert work.snapshots.current(recorded.encoder) == (second, NEXT)
        work.snapshots.add(first, STATE, recorded.at)  # by a slower builder
        assert work.snapshots.current(recorded.encoder) == (first, STATE)
        assert work.snapshots.current("other") == (foreign, IndexState())
        with pytest.raises(Conflict):
            work.snapshots.add(replace(first, works=6), STATE, recorded.at)


def test_publishing_again_is_no_second_fact(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        size = work.log.size()
        work.snapshots.add(recorded.snapshot, STATE, recorded.at)
        work.snapshots.add(recorded.snapshot, NEXT, recorded.at)
        assert work.log.size() == size
        assert work.snapshots.current(recorded.encoder) == (recorded.snapshot, NEXT)


def test_recent_snapshots_are_those_of_the_time_and_the_two_newest(
    database: SqlDatabase, recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.adapters.sql.snapshots.PUBLICATIONS", 2)
    made = [replace(recorded.snapshot, digest=letter * 64) for letter in "abcd"]
    with database.begin(write=True) as work:
        for hours, snapshot in enumerate(made, start=1):
            work.snapshots.add(snapshot, NEXT, recorded.at + timedelta(hours=hours))
        digests = [s.digest for s in (recorded.snapshot, *made)]
        for hours in range(5):
            assert work.snapshots.recent(recorded.encoder, recorded.at + timedelta(hours=hours)) == {
                *digests[hours:],
                *digests[-2:],
            }
        later = recorded.at + timedelta(days=1)
        assert work.snapshots.recent(recorded.encoder, later) == {*digests[-2:]}
        assert work.snapshots.recent("other", later) == set()


@pytest.mark.parametrize("text", ["0" * 64, "state", "", "1.", ".1", "1.x", "-1.2"])
def test_of_a_publication_that_says_it_otherwise_nothing_is_known(
    text: str, database: SqlDatabase, recorded: Any, raw: Any
) -> None:
    published = f"(99, '{recorded.snapshot.digest}', '{text}', '2030-01-01T00:00:00.000000Z')"
    raw(f"INSERT INTO publication (seq, snapshot, index_state, recorded_at) VALUES {published}")
    with database.begin() as work:
        assert work.snapshots.current(recorded.encoder) == (recorded.snapshot, IndexState())


def test_licences_are_found_by_their_ids(database: SqlDatabase, recorded: Any) -> None:
    stated = {licence.id: licence.licence for licence in recorded.licences}
    with database.begin() as work:
        assert work.rights.licences({*stated, "lic_nobody"}) == stated
        assert work.rights.licences(set()) == {}
