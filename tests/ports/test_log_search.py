"""What is found of a party, a work, a worker, a kind, a time: all facts that name it, and what was posted for them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.ed25519 import KeyFile, verify
from provenance.adapters.log_folder import LogFolder
from provenance.adapters.sql import SqlDatabase
from provenance.kernel.canonical import digest
from provenance.services.log_stores import LogQuery
from provenance.services.prove import Prover
from provenance.services.seal import Sequencer
from provenance.transparency.note import ED25519
from provenance.transparency.policy import Policy

from .closing_values import subscribe
from .payout_story import Payouts


@pytest.fixture
def prover(database: SqlDatabase, recorded: Any, tmp_path: Path) -> Prover:
    """Over the story and what `record_terms` adds to it, sealed."""
    recorded.record_terms(database)
    key = KeyFile.create(tmp_path / "key", "example.org/log", ED25519)
    tiles = LogFolder(tmp_path / "log", tmp_path / "lock")
    Sequencer(database=database, tiles=tiles, signer=key, clock=lambda: recorded.at).integrate()
    return Prover(database, tiles)


def found(prover: Prover, **asked: Any) -> list[Any]:
    page = prover.search(LogQuery(**asked), prover.checkpoint(), after=0, limit=200)
    assert page.next_after is None
    return list(page.items)


def kinds(prover: Prover, **asked: Any) -> Counter[str]:
    return Counter(p.leaf.kind for p in found(prover, **asked))


def test_all_that_is_sealed_is_found_where_nothing_is_asked(prover: Prover) -> None:
    assert len(found(prover)) == prover.checkpoint().checkpoint.size


def test_each_fact_comes_with_the_form_of_its_leaf_and_a_proof(prover: Prover, tmp_path: Path) -> None:
    trust = Policy(logs=(KeyFile.read(tmp_path / "key").key,), quorum="none")
    for proven in found(prover):
        assert digest(dict(proven.form)) == proven.leaf.fact_sha256
        assert proven.file.check(proven.leaf.data, trust, verify).size == prover.checkpoint().checkpoint.size


def test_a_work_leads_to_its_rights_its_uses_and_their_transactions(prover: Prover, story: Any) -> None:
    of_work = kinds(prover, work=story.works["share"].id)
    assert of_work["work"] == of_work["claims"] == 1
    assert of_work["revision"] >= 1
    assert of_work["licence"] >= 1
    assert 1 <= of_work["generation"] <= of_work["transaction"]
    disputed = kinds(prover, work=story.dispute().work)
    assert {"dispute", "dispute_step", "dispute_hold", "transaction"} <= set(disputed)
    for proven in found(prover, work=story.works["share"].id, kind="generation"):
        assert story.works["share"].id in [a["work"] for a in proven.form["attributions"]]


def test_a_party_leads_to_what_it_registered_earned_and_was_stated(prover: Prover) -> None:
    of_party = kinds(prover, party="ann")
    assert of_party["party"] == 1
    assert {"claims", "generation", "transaction", "statement"} <= set(of_party)
    for proven in found(prover, party="ann", kind="transaction"):
        assert any("/ann/" in entry["account"] for entry in proven.form["entries"])


def test_a_worker_leads_to_what_it_made(prover: Prover, story: Any) -> None:
    worker = story.generation().generation.parts[0].worker.id
    assert set(kinds(prover, worker=worker)) == {"generation", "transaction"}
    for proven in found(prover, worker=worker, kind="generation"):
        assert worker in [part["worker"] for part in proven.form["parts"]]


def test_all_that_is_asked_has_to_be_met(prover: Prover, story: Any) -> None:
    both = found(prover, work=story.works["share"].id, party="ann")
    one = {p.number for p in found(prover, work=story.works["share"].id)}
    other = {p.number for p in found(prover, party="ann")}
    assert {p.number for p in both} == one & other


def test_times_include_their_start_and_not_their_end(prover: Prover, story: Any) -> None:
    tick = timedelta(microseconds=1)
    times = sorted({proven.form["recorded_at"] for proven in found(prover)})
    before = found(prover, until=story.at)
    since = found(prover, since=story.at)
    assert {p.number for p in before} | {p.number for p in since} == {p.number for p in found(prover)}
    assert not {p.number for p in before} & {p.number for p in since}
    at = found(prover, since=story.at, until=story.at + tick)
    assert {p.form["recorded_at"] for p in at} <= set(times)
    assert at


def test_what_nobody_named_is_not_found(prover: Prover) -> None:
    assert not found(prover, work="wrk_none")
    assert not found(prover, kind="none")


def test_pages_follow_one_another(prover: Prover) -> None:
    whole, after, paged = [p.number for p in found(prover)], 0, []
    while after is not None:
        page = prover.search(LogQuery(), prover.checkpoint(), after=after, limit=7)
        paged += [p.number for p in page.items]
        after = page.next_after
    assert paged == whole


def test_a_party_leads_to_its_payouts_and_what_happened_to_them(
    database: SqlDatabase, payouts: Payouts, tmp_path: Path
) -> None:
    payouts.advance(payouts.one("ann"))
    payouts.one("bob")
    subscribe(database, payouts.clock())
    key = KeyFile.create(tmp_path / "key", "example.org/log", ED25519)
    tiles = LogFolder(tmp_path / "log", tmp_path / "lock")
    Sequencer(database=database, tiles=tiles, signer=key, clock=payouts.clock).integrate()
    over = Prover(database, tiles)
    of_ann = kinds(over, party="ann")
    assert (
        of_ann["payee_account"] == of_ann["payee_account_state"] == of_ann["payout"] == of_ann["payout_approval"] == 1
    )
    assert of_ann["payout_attempt"] == 2
    assert of_ann["payout_event"] >= 4
    assert kinds(over, party="press")["payout"] == 2, "it planned both"
    assert kinds(over, party="bot")["subscription"] == 1
