"""Works withdrawn over HTTP: by whom, once, what is shown of them afterwards, and that nothing new comes of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.zip_archive import ZipReader
from provenance.services.check_export import check_export

SAID = {"reason": "The rights went back."}
FERRY = "The ferry left at six with nobody on it, and its pilot counted the buoys aloud in the order of their paint. "


@pytest.fixture
def work(callers: Any, request: pytest.FixtureRequest) -> str:
    """The path of a work that the creator registered, with a text of its own."""
    name = request.node.name[:150]
    form = {"source_id": name, "title": "The Ferry", "text": f"{FERRY}Logged as {name}."}
    answer = callers.creator.post("/v1/works", json=form)
    assert answer.status_code == 201
    return str(answer.headers["location"])


def _listed(client: Any, work: str) -> Any:
    """The entry of a work in the list, page by page."""
    cursor = ""
    while True:
        page = client.get(f"/v1/works?limit=50{cursor}").json()
        for item in page["items"]:
            if work.endswith(item["id"]):
                return item
        assert page["next_cursor"]
        cursor = f"&cursor={page['next_cursor']}"


def test_a_registrant_withdraws_its_work_once(callers: Any, work: str) -> None:
    assert callers.creator.get(work).json()["withdrawal"] is None
    answer = callers.creator.post(f"{work}/withdrawal", json=SAID)
    assert answer.status_code == 201
    withdrawal = answer.json()
    assert (withdrawal["work"], withdrawal["withdrawn_by"]) == (work.rsplit("/", 1)[1], "oona-tresker")
    assert withdrawal["reason"] == SAID["reason"]
    again = callers.creator.post(f"{work}/withdrawal", json={"reason": "  The rights   went back. "})
    assert (again.status_code, again.json()) == (200, withdrawal)
    for client, body in ((callers.creator, {}), (callers.operator, SAID)):
        other = client.post(f"{work}/withdrawal", json=body)
        assert (other.status_code, other.json()["code"]) == (409, "conflict")
        assert other.headers["content-type"] == "application/problem+json"
    for client in (callers.creator, callers.auditor):
        assert client.get(work).json()["withdrawal"] == withdrawal
        assert _listed(client, work)["withdrawal"] == withdrawal


def test_an_operator_withdraws_any_work_and_needs_no_reason(callers: Any, work: str) -> None:
    answer = callers.operator.post(f"{work}/withdrawal", json={})
    assert (answer.status_code, answer.json()["withdrawn_by"], answer.json()["reason"]) == (201, "the-operator", "")


def test_nobody_else_withdraws_it(callers: Any, work: str) -> None:
    claims = [{"party": "bram-hollevoet", "basis_points": 10_000}]
    assert callers.stranger.post(f"{work}/withdrawal", json=SAID).status_code == 404, "it isn't seen"
    assert callers.creator.put(f"{work}/claims", json={"claims": claims}).status_code == 200
    assert callers.stranger.post(f"{work}/withdrawal", json=SAID).status_code == 403, "a claim is not enough"
    for client, status in ((callers.auditor, 403), (callers.service, 403), (callers.nobody, 401)):
        assert client.post(f"{work}/withdrawal", json=SAID).status_code == status
    assert callers.creator.get(work).json()["withdrawal"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "x" * 1_001},
        {"reason": "turned \u202e around"},
        {"reason": "\x1b[2J"},
        {"reason": None},
        {"reason": "x", "withdrawn_by": "somebody"},
        [],
    ],
    ids=str,
)
def test_a_withdrawal_that_is_none_is_refused(callers: Any, body: Any) -> None:
    work = callers.creator.get("/v1/works").json()["items"][0]["id"]
    assert callers.creator.post(f"/v1/works/{work}/withdrawal", json=body).status_code == 422
    assert callers.creator.get(f"/v1/works/{work}").json()["withdrawal"] is None


def test_a_work_that_is_not_there_is_not_withdrawn(callers: Any) -> None:
    assert callers.operator.post("/v1/works/work_none/withdrawal", json=SAID).status_code == 404
    assert callers.operator.post(f"/v1/works/{'w' * 201}/withdrawal", json=SAID).status_code == 422


def test_a_withdrawn_work_is_not_registered_again_and_its_rights_still_change(callers: Any, work: str) -> None:
    callers.creator.post(f"{work}/withdrawal", json=SAID)
    before = callers.creator.get(work).json()
    form = {"source_id": before["source_id"], "title": "The Ferry", "text": f"{FERRY}Nobody got off."}
    refused = callers.creator.post("/v1/works", json=form)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "another source id" in refused.json()["mend"]
    claims = [{"party": "bram-hollevoet", "basis_points": 10_000}]
    assert callers.creator.put(f"{work}/claims", json={"claims": claims}).status_code == 200
    assert callers.creator.get(work).json()["revisions"] == before["revisions"]


def test_what_is_withdrawn_leaves_the_index_and_keeps_what_it_earned(
    fresh: Any,
    library: Mapping[str, Any],
    as_work: Callable[..., dict[str, Any]],
    as_generation: Callable[..., dict[str, Any]],
    eventually: Callable[[Callable[[], bool]], None],
    tmp_path: Path,
) -> None:
    path = fresh.creator.post("/v1/works", json=as_work(library["essay-salt-ledger"])).headers["location"]
    fresh.operator.post("/v1/index")
    form = as_generation(library["out-essay-01"])
    first = fresh.service.post("/v1/generations", json=form).json()
    work = path.rsplit("/", 1)[1]
    assert [a["work"]["id"] for a in first["attributions"]] == [work]
    assert fresh.creator.post(f"{path}/withdrawal", json=SAID).status_code == 201
    at_once = fresh.service.post("/v1/generations", json=form | {"id": "at-once"}).json()
    assert (at_once["attributions"], at_once["unattributed"]["share_ppb"]) == ([], 1_000_000_000)

    def indexed() -> int:
        with fresh.api.system.database.begin() as unit:
            current = unit.snapshots.current(fresh.api.system.encoder.identity.name)
        assert current is not None
        return int(current[0].works)

    eventually(lambda: indexed() == 0)
    later = fresh.service.post("/v1/generations", json=form | {"id": "later"}).json()
    assert later["attributions"] == []
    again = fresh.service.post("/v1/generations", json=form)
    assert (again.status_code, again.json()) == (200, first)
    report = fresh.creator.get("/v1/parties/oona-tresker/report").json()
    assert [(line["key"], line["withdrawn"], line["uses"]) for line in report["by_work"]] == [(work, True, 1)]
    [use] = fresh.creator.get(f"/v1/parties/oona-tresker/uses/{first['id']}").json()["uses"]
    assert use["work"]["withdrawal"]["reason"] == SAID["reason"]
    assert use["matches"][0]["source_excerpt"] in library["essay-salt-ledger"]["text"]
    (tmp_path / "export.zip").write_bytes(fresh.auditor.get("/v1/exports").content)
    assert [c.problems for c in check_export(ZipReader(tmp_path / "export.zip")) if c.failed] == []
