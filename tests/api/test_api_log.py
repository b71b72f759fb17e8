"""The sealed log over HTTP: every answer with its proof, checked here as a stranger would."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import pytest

from provenance.adapters.ed25519 import verify
from provenance.kernel.canonical import digest
from provenance.kernel.errors import SequencerRunning
from provenance.sources.party import Scope
from provenance.transparency.checkpoint import open_checkpoint
from provenance.transparency.merkle import leaf_hash
from provenance.transparency.note import VerifierKey
from provenance.transparency.policy import Policy
from provenance.transparency.proof import check_consistency
from provenance.transparency.proof_file import ProofFile
from provenance.transparency.tiles import entries_of


@pytest.fixture
def sealed(fresh: Any) -> Any:
    """Callers of a server whose log is sealed in the background, up to all that is recorded."""
    fresh.api.system.log.create("example.org/log")
    seal(fresh)
    return fresh


def seal(callers: Any) -> None:
    """Up to all that is recorded by now, whoever does it: the server's own sealer may come first."""
    with suppress(SequencerRunning):
        callers.api.system.log.seal()
    if waiting(callers):
        seal(callers)


def waiting(callers: Any) -> bool:
    answer = callers.auditor.get("/v1/log")
    return answer.status_code != 200 or answer.json()["waiting"] > 0


def key_of(callers: Any) -> VerifierKey:
    return VerifierKey.parse(callers.auditor.get("/v1/log").json()["key"])


def test_before_there_is_a_log_it_says_so(fresh: Any) -> None:
    answer = fresh.auditor.get("/v1/log")
    assert (answer.status_code, answer.json()["code"]) == (503, "log_missing")


def test_what_is_recorded_is_sealed_soon_and_each_fact_proves_itself(sealed: Any) -> None:
    trust = Policy(logs=(key_of(sealed),), quorum="none")
    page = sealed.auditor.get("/v1/log/facts", params={"limit": 200}).json()
    assert len(page["items"]) == sealed.auditor.get("/v1/log").json()["size"]
    for item in page["items"]:
        assert digest(item["form"]) == item["sha256"]
        found = ProofFile.parse(item["proof"].encode()).check(item["leaf"].encode(), trust, verify)
        assert found.checkpoint.origin == "example.org/log"


def test_a_fact_by_its_name(sealed: Any) -> None:
    answer = sealed.auditor.get("/v1/log/facts/party/atlas-writing").json()
    assert (answer["kind"], answer["fact"]) == ("party", "atlas-writing")
    missing = sealed.auditor.get("/v1/log/facts/party/nobody")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_facts_are_searched_and_paged(sealed: Any) -> None:
    first = sealed.auditor.get("/v1/log/facts", params={"kind": "key", "limit": 1}).json()
    second = sealed.auditor.get(
        "/v1/log/facts", params={"kind": "key", "limit": 1, "cursor": first["next_cursor"]}
    ).json()
    assert first["items"][0]["index"] < second["items"][0]["index"]
    of_party = sealed.auditor.get("/v1/log/facts", params={"party": "atlas-writing"}).json()
    assert {item["kind"] for item in of_party["items"]} >= {"party", "key"}
    assert not sealed.auditor.get("/v1/log/facts", params={"since": "2999-01-01"}).json()["items"]
    assert sealed.auditor.get("/v1/log/facts", params={"since": "never"}).status_code == 422


def test_consistency_with_an_older_checkpoint(sealed: Any) -> None:
    old = open_checkpoint(sealed.auditor.get("/v1/log/checkpoint").content, [key_of(sealed)], verify)
    sealed.api.token("late-comer", Scope.CREATOR)
    seal(sealed)
    answer = sealed.auditor.get("/v1/log/consistency", params={"old": old.size}).json()
    new = open_checkpoint(answer["note"].encode(), [key_of(sealed)], verify)
    assert new.size > old.size
    check_consistency(old.size, old.root, new.size, new.root, [base64.b64decode(h) for h in answer["proof"]])
    wrong = sealed.auditor.get("/v1/log/consistency", params={"old": new.size + 1})
    assert wrong.status_code == 422


def test_tiles_and_bundles_are_those_of_the_log(sealed: Any) -> None:
    size = sealed.auditor.get("/v1/log").json()["size"]
    assert size < 256
    tile = sealed.auditor.get(f"/v1/log/tile/0/000.p/{size}").content
    entries = entries_of(sealed.auditor.get(f"/v1/log/tile/entries/000.p/{size}").content, size)
    assert b"".join(map(leaf_hash, entries)) == tile


@pytest.mark.parametrize("path", ["0/001", "8/000", "entries/000/../../log.key", "0/000.p/0", "../vkey", "0/%2e%2e/x"])
def test_nothing_else_is_handed_out(sealed: Any, path: str) -> None:
    assert sealed.auditor.get(f"/v1/log/tile/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "/checkpoint", "/consistency?old=0", "/facts", "/facts/party/x", "/tile/0/000"])
def test_only_auditors_and_operators_may_look(fresh: Any, path: str) -> None:
    assert fresh.nobody.get(f"/v1/log{path}").status_code == 401
    assert fresh.creator.get(f"/v1/log{path}").status_code == 403
    assert fresh.service.get(f"/v1/log{path}").status_code == 403


def test_a_checkpoint_that_nobody_witnessed_is_told(sealed: Any) -> None:
    assert sealed.auditor.get("/v1/log/checkpoint", params={"witnessed": True}).status_code == 503
