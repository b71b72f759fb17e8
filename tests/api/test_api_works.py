"""Works and the rights in them: registered, revised, stated again, and hidden from strangers."""

from collections.abc import Callable
from typing import Any

import pytest

from provenance.services.ingest import ingest
from provenance.sources.claim import CLAIMANTS_MAX
from provenance.sources.document import Document
from provenance.sources.party import Party

TEXT = (
    "The ferry left at six with nobody on it. Its pilot counted the buoys aloud, in the order in which his father had "
    "painted them, and the last one answered with a bell."
)
ALL = [{"party": "oona-tresker", "basis_points": 10_000}]
RATE = {"kind": "share_of_revenue", "rate_basis_points": 2_500}
FEE = {"kind": "fee_per_use", "fee": {"amount": "0.004", "currency": "USD"}}


@pytest.fixture
def form(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A work of the test's own; a text is registered once, so its text is its own too."""
    name = f"work:{request.node.name}"[:200]
    return {"source_id": name, "title": "The Ferry", "author": "O. T.", "text": f"{TEXT} Logged as {name}."}


@pytest.fixture
def work(callers: Any, form: dict[str, Any]) -> str:
    """The path of a work that the creator registered."""
    answer = callers.creator.post("/v1/works", json=form)
    assert answer.status_code == 201
    return str(answer.headers["location"])


def test_a_work_is_new_then_unchanged_then_revised(callers: Any, form: dict[str, Any]) -> None:
    send = callers.creator.post
    outcomes = [
        send("/v1/works", json=form | {"text": text})
        for text in (form["text"], form["text"], form["text"] + " Nobody got off.")
    ]
    assert [(a.status_code, a.json()["outcome"]) for a in outcomes] == [
        (201, "new"),
        (200, "unchanged"),
        (200, "revised"),
    ]
    detail = callers.creator.get(outcomes[0].headers["location"]).json()
    assert [r["number"] for r in detail["revisions"]] == [1, 2]
    assert detail["revisions"][0]["iscc"].startswith("ISCC:")
    assert detail["registrant"] == "oona-tresker"
    assert (detail["claims"], detail["licences"]) == ([], [])
    assert "text" not in detail


def test_a_work_comes_with_its_claims_and_its_licence(callers: Any, form: dict[str, Any]) -> None:
    answer = callers.creator.post("/v1/works", json=form | {"claims": ALL, "licence": RATE})
    detail = callers.creator.get(answer.headers["location"]).json()
    assert detail["claims"][0]["claims"] == ALL
    assert detail["licences"][0]["terms"] == RATE
    assert detail["licences"][0]["number"] == 1


def test_another_title_under_the_same_name_is_a_conflict(callers: Any, form: dict[str, Any], work: str) -> None:
    for changed in ({"title": "The Boat"}, {"author": "Somebody"}):
        answer = callers.creator.post("/v1/works", json=form | changed | {"text": form["text"] + " More."})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert len(callers.creator.get(work).json()["revisions"]) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"text": ""},
        {"text": " \n"},
        {"text": "\u0000binary"},
        {"text": "\u0001\u0002\u0003"},
        {"text": 7},
        {"source_id": "\u202eltr"},
        {"source_id": ""},
        {"title": ""},
        {"title": " \n "},
        {"title": "nul\u0000"},
        {"title": "\u202edesrever"},
        {"title": "t" * 1_001},
        {"author": "\u0007"},
        {"claims": []},
        {"claims": [{"party": "oona-tresker", "basis_points": 9_999}]},
        {"claims": [{"party": "oona-tresker", "basis_points": 5_000}] * 2},
        {"claims": [{"party": "no-such-party", "basis_points": 10_000}]},
        {"claims": [{"party": "../../etc", "basis_points": 10_000}]},
        {"claims": [{"party": f"p{n}", "basis_points": 1} for n in range(CLAIMANTS_MAX + 1)]},
        {"claims": {"oona-tresker": 10_000}},
        {"licence": {"kind": "gift"}},
        {"licence": {"kind": "share_of_revenue", "rate_basis_points": 10_001}},
        {"licence": {"kind": "fee_per_use", "fee": {"amount": "0", "currency": "USD"}}},
        {"licence": {"kind": "fee_per_use", "fee": {"amount": "1", "currency": "BTC"}}},
        {"licence": {"kind": "fee_per_use", "fee": {"amount": 0.1, "currency": "USD"}}},
        {"licence": {"kind": "free_with_credit", "credit": "  "}},
        {"licence": RATE | {"fee": {"amount": "1", "currency": "USD"}}},
        {"shares": []},
    ],
    ids=lambda c: f"{c}"[:60],
)
def test_a_work_that_can_not_be_registered_leaves_nothing_behind(
    callers: Any, form: dict[str, Any], changed: dict[str, Any]
) -> None:
    before = callers.operator.get("/v1/works", params={"limit": 200}).json()
    answer = callers.creator.post("/v1/works", json=form | changed)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"].startswith("invalid_") or answer.json()["code"] == "unknown_currency"
    assert callers.operator.get("/v1/works", params={"limit": 200}).json() == before


def test_a_creator_registers_for_itself_and_an_operator_for_anyone(callers: Any, form: dict[str, Any]) -> None:
    theirs = form | {"registrant": "oona-tresker"}
    answer = callers.stranger.post("/v1/works", json=theirs)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert callers.operator.post("/v1/works", json=theirs).json()["work"]["registrant"] == "oona-tresker"
    copied = callers.operator.post("/v1/works", json=form)
    assert (copied.status_code, copied.json()["code"]) == (409, "conflict")
    other = form | {"text": form["text"] + " By the operator."}
    assert callers.operator.post("/v1/works", json=other).json()["work"]["registrant"] == "the-operator"
    assert callers.operator.post("/v1/works", json=form | {"registrant": "no-such-party"}).status_code == 404


def test_a_foreign_work_is_answered_like_none(callers: Any, work: str) -> None:
    unknown = "/v1/works/work_000000000000000000000000"
    bodies = {"/claims": {"claims": ALL}, "/licence": {"terms": RATE}}
    for path, body in (("", None), *bodies.items()):
        theirs, none = callers.stranger.get(work + path), callers.stranger.get(unknown + path)
        assert (theirs.status_code, none.status_code) == (404, 404)
        assert theirs.json()["code"] == none.json()["code"] == "not_found"
        if body is not None:
            assert callers.stranger.put(work + path, json=body).status_code == 404
            assert callers.operator.put(unknown + path, json=body).status_code == 404
    assert work.rsplit("/", 1)[1] not in [w["id"] for w in callers.stranger.get("/v1/works").json()["items"]]
    assert callers.auditor.get(work).status_code == 200


def test_a_claimant_sees_the_work_and_may_not_state_its_rights(callers: Any, work: str) -> None:
    halves = [{"party": p, "basis_points": 5_000} for p in ("oona-tresker", "bram-hollevoet")]
    assert callers.creator.put(f"{work}/claims", json={"claims": halves}).status_code == 200
    assert callers.stranger.get(work).status_code == 200
    for path, body in (("claims", {"claims": ALL}), ("licence", {"terms": RATE})):
        answer = callers.stranger.put(f"{work}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert callers.auditor.put(f"{work}/{path}", json=body).status_code == 403


def test_claims_that_come_back_are_in_force_again(callers: Any, work: str) -> None:
    other = [{"party": "bram-hollevoet", "basis_points": 10_000}]
    stated = [callers.creator.put(f"{work}/claims", json={"claims": c}).json() for c in (ALL, ALL, other, ALL)]
    assert stated[0] == stated[1]
    history = callers.creator.get(f"{work}/claims").json()["items"]
    assert [h["claims"] for h in history] == [ALL, other, ALL]
    assert history[-1] == stated[-1]


def test_a_licence_is_revised_and_never_edited(callers: Any, work: str) -> None:
    reach = {"valid_from": "2026-01-01", "valid_until": "2026-12-31", "territory": "FR", "purpose": "advertising"}
    for body in ({"terms": RATE}, {"terms": RATE}, {"terms": FEE} | reach):
        assert callers.operator.put(f"{work}/licence", json=body).status_code == 200
    first, second = callers.creator.get(f"{work}/licence").json()["items"]
    assert (first["number"], first["terms"], first["territory"]) == (1, RATE, "*")
    assert second["terms"]["fee"]["amount"] == "0.004000"
    assert {name: second[name] for name in reach} == reach


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("claims", {"claims": [{"party": "oona-tresker", "basis_points": 10_001}]}),
        ("claims", {"claims": [{"party": "oona-tresker", "basis_points": 0}]}),
        ("claims", {"claims": [{"party": "oona-tresker", "basis_points": "10000"}]}),
        ("claims", {"claims": [{"party": "oona-tresker", "basis_points": 10_000.0}]}),
        ("claims", {"claims": [{"party": "oona-tresker", "basis_points": True}]}),
        ("claims", {"claims": [{"party": "no-such-party", "basis_points": 10_000}]}),
        ("claims", {"claims": ALL, "valid_from": "yesterday"}),
        ("claims", {"claims": ALL, "valid_from": 0}),
        ("claims", {"claims": ALL, "valid_from": "2026-02-30"}),
        ("claims", {"claims": ALL, "valid_from": "2026-11-21T08:00:00Z"}),
        ("claims", {}),
        ("licence", {"terms": {"kind": "share_of_revenue", "rate_basis_points": 10_001}}),
        ("licence", {"terms": {"kind": "share_of_revenue", "rate_basis_points": 10**400}}),
        ("licence", {"terms": RATE, "valid_from": "2026-02-01", "valid_until": "2026-01-31"}),
        ("licence", {"terms": RATE, "territory": "F\u200bR"}),
        ("licence", {"terms": RATE, "purpose": ""}),
        ("licence", {"terms": {"kind": "x" * 100_000}}),
        ("licence", {"terms": None}),
        ("licence", RATE),
    ],
    ids=lambda v: f"{v}"[:50],
)
def test_rights_that_contradict_themselves_are_refused(callers: Any, work: str, path: str, body: Any) -> None:
    answer = callers.creator.put(f"{work}/{path}", json=body)
    assert answer.status_code == 422, answer.text
    assert len(answer.content) < 2_000
    assert callers.creator.get(f"{work}/{path}").json()["items"] == []


def test_parties_are_registered_once_and_listed_in_pages(callers: Any) -> None:
    create = callers.operator.post
    party = {"id": "new-party", "name": "New Party"}
    assert [create("/v1/parties", json=party).status_code for _ in range(2)] == [201, 200]
    assert create("/v1/parties", json=party | {"name": "Newer Party"}).status_code == 409
    assert callers.auditor.get("/v1/parties/new-party").json() == party
    seen, cursor = [], None
    while True:
        page = callers.auditor.get("/v1/parties", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [p["id"] for p in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert len(seen) == len(set(seen))
    assert {"new-party", "oona-tresker", "the-auditor"} <= set(seen)


def test_a_registered_work_is_in_the_index_soon_without_being_asked_for(
    fresh: Any, library: Any, as_work: Any, as_generation: Any, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    fresh.creator.post("/v1/works", json=as_work(library["essay-salt-ledger"]))
    eventually(lambda: fresh.nobody.get("/readyz").status_code == 200)
    found = fresh.service.post("/v1/generations", json=as_generation(library["out-essay-01"])).json()
    assert found["attributions"][0]["work"]["source_id"] == "essay-salt-ledger"
    assert fresh.operator.post("/v1/index").json()["built"] is False


def test_what_a_process_did_not_live_to_index_is_indexed_at_the_next_start(
    fresh_system: Any, serve: Any, library: Any, as_work: Any, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    document = Document(origin="test", source_id="left", title="Left", author="", text=TEXT)
    party, database = Party(id="someone", name="Someone"), fresh_system.database
    assert next(iter(ingest([document], party, database, fresh_system.encoder, fresh_system.clock))).error is None
    with serve(fresh_system) as api, api.bearing(None) as client:
        eventually(lambda: client.get("/readyz").status_code == 200)
