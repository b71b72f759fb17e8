"""Every kind of fact comes back as it went in, and has the digest of its leaf."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.canonical import digest
from provenance.services.facts import describe
from provenance.sources.party import Party
from provenance.transparency.leaf import KINDS

from .closing_values import subscribe

BEGINNING, END = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_facts_rebuilt_from_rows_have_the_digests_of_their_leaves(
    database: SqlDatabase, recorded: Any, kind: str
) -> None:
    if kind.startswith(("dispute", "fx_rate")):
        recorded.record_terms(database)
    if kind == "subscription":
        subscribe(database, recorded.at)
    with database.begin() as work:
        leaves = {leaf.fact: leaf.fact_sha256 for _, leaf in work.log.leaves() if leaf.kind == kind}
        described = [describe(fact, at) for fact, at in work.facts.facts(kind, BEGINNING, END)]
    assert leaves
    assert {name: digest(form) for _, name, form in described} == leaves
    assert {found for found, _, _ in described} == {kind}


def test_leaves_are_numbered_from_1_without_a_gap(database: SqlDatabase, recorded: Any) -> None:
    with database.begin() as work:
        numbers = [number for number, _ in work.log.leaves()]
        assert numbers == list(range(1, work.log.size() + 1))
        kinds = [leaf.kind for _, leaf in work.log.leaves()]
    assert kinds == [
        *["party"] * 4,
        *["work", "revision"] * 6,
        *["claims"] * 3,
        *["licence"] * 5,
        "snapshot",
        "overlap",
        "key",
        "key_revocation",
        "transaction",
        "generation",
        "transaction",
        "review",
        "work",
        "withdrawal",
        "payout_terms",
        "tax_profile",
        *["statement"] * 5,
        "period_close",
    ]


def test_a_revoked_key_is_two_facts(database: SqlDatabase, recorded: Any) -> None:
    with database.begin() as work:
        ((made, _),) = work.facts.facts("key", BEGINNING, END)
        ((revoked, at),) = work.facts.facts("key_revocation", BEGINNING, END)
    assert made == recorded.key
    assert revoked.revoked_at == at == recorded.at + timedelta(microseconds=1)


def test_a_period_includes_its_start_and_not_its_end(database: SqlDatabase, recorded: Any) -> None:
    at, tick = recorded.at, timedelta(microseconds=1)

    def parties(since: datetime, until: datetime) -> int:
        with database.begin() as work:
            return len(list(work.facts.facts("party", since, until)))

    assert [parties(at, at + tick), parties(at - tick, at), parties(at + tick, END)] == [4, 0, 0]


def test_times_keep_their_microseconds_and_their_order_in_every_year(database: SqlDatabase) -> None:
    times = [
        datetime(2026, 11, 21, 8, 0, 0, 1, UTC),
        datetime(2026, 11, 21, 8, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, 999_999, UTC),
        datetime(999, 1, 1, tzinfo=UTC),
    ]
    with database.begin(write=True) as work:
        for number, at in enumerate(times):
            work.parties.add(Party(id=f"p{number}", name="P"), at)
        work.commit()
    with database.begin() as work:
        assert [at for _, at in work.facts.facts("party", BEGINNING, END)] == times
        for since in times:
            later = [at for _, at in work.facts.facts("party", since, END)]
            assert later == [at for at in times if at >= since]
    zone = timezone(timedelta(hours=5))
    with database.begin() as work:
        assert len(list(work.facts.facts("party", times[0].astimezone(zone), END))) == 2


def test_facts_are_streamed_past_one_batch_in_order(
    database: SqlDatabase, story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.adapters.sql.reading.STREAM_ROWS", 2)
    monkeypatch.setattr("provenance.adapters.sql.log.LEAVES_READ", 2)
    story.record(database)
    with database.begin() as work:
        assert [fact.id for fact, _ in work.facts.facts("party", BEGINNING, END)] == ["press", "ann", "bob", "bot"]
        assert len(list(work.log.leaves())) == work.log.size() > 20
