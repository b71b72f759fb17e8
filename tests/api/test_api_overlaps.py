"""Overlaps over HTTP: both owners are told, nobody sees the other's text, strangers see nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from provenance.services import overlap_views
from provenance.sources.party import Scope

QUOTE = (
    "Quillon counted eleven copper lanterns along the ferry stairs and wrote each of them down in a notebook that the "
    "harbourmaster had given him on the morning when the last pilot boat was sold to a museum in another town"
)
MINE = f"My uncle kept this for years. {QUOTE}. After that he never mentioned the harbour to me again."
THEIRS = f"A history of small ports begins elsewhere. It is told that {QUOTE.upper()}, which nobody has confirmed."


@pytest.fixture(scope="module")
def works(callers: Any) -> Iterator[tuple[str, str]]:
    """The creator's work, and a later one of somebody else with a quotation from it."""
    made = []
    for client, name, text in ((callers.creator, "lanterns", MINE), (callers.stranger, "secret-file", THEIRS)):
        form = {"source_id": name, "title": f"The {name}", "author": "A.", "text": text}
        answer = client.post("/v1/works", json=form)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["work"]["id"])
    assert callers.operator.post("/v1/index").status_code == 200
    return made[0], made[1]  # type: ignore[return-value]


def test_both_owners_are_told_from_their_own_side(callers: Any, works: tuple[str, str]) -> None:
    for client, mine, other, text in (
        (callers.creator, works[0], works[1], MINE),
        (callers.stranger, works[1], works[0], THEIRS),
    ):
        (of_work,) = client.get(f"/v1/works/{mine}/overlaps").json()["items"]
        (of_party,) = client.get("/v1/overlaps").json()["items"]
        assert of_work == of_party
        assert (of_work["work"]["id"], of_work["other"]["id"]) == (mine, other)
        assert of_work["first"] == works[0]
        (passage,) = of_work["passages"]
        span = text[slice(*passage["span"])]
        assert span.lower() == QUOTE.lower()
        assert of_work["excerpt"] == span
        assert passage["words"] == len(QUOTE.split())


def test_they_agree_on_who_was_first_and_since_when(callers: Any, works: tuple[str, str]) -> None:
    (mine,) = callers.creator.get("/v1/overlaps").json()["items"]
    (theirs,) = callers.stranger.get("/v1/overlaps").json()["items"]
    assert (mine["work"], mine["other"]) == (theirs["other"], theirs["work"])
    assert mine["work"]["since"] < mine["other"]["since"] < mine["recorded_at"]
    registered = callers.creator.get(f"/v1/works/{works[0]}").json()["revisions"][0]["recorded_at"]
    assert mine["work"]["since"] == registered


def test_nothing_of_the_others_text_or_files_is_shown(callers: Any, works: tuple[str, str]) -> None:
    answer = callers.creator.get(f"/v1/works/{works[0]}/overlaps").text
    assert "history of small ports" not in answer
    assert QUOTE.upper()[:20] not in answer
    assert "source_id" not in answer
    mine = callers.stranger.get(f"/v1/works/{works[1]}/overlaps").text
    assert "My uncle" not in mine
    assert QUOTE[:20] not in mine


def test_operator_and_auditor_see_all_and_the_shape_is_the_views(callers: Any, works: tuple[str, str]) -> None:
    for client in (callers.operator, callers.auditor):
        items = client.get("/v1/overlaps").json()["items"]
        assert [(i["work"]["id"], i["other"]["id"]) for i in items] == [(works[1], works[0])]
        assert client.get(f"/v1/works/{works[0]}/overlaps").json()["items"][0]["work"]["id"] == works[0]
    with callers.api.system.database.begin() as work:
        assert items == overlap_views.overlap_views(work, work.overlaps.page(limit=9).items)


def test_strangers_see_nothing_and_a_works_overlaps_are_not_found(callers: Any, works: tuple[str, str]) -> None:
    with callers.api.bearing(callers.api.token("third-party", Scope.CREATOR)) as third:
        assert third.get("/v1/overlaps").json() == {"items": [], "next_cursor": None}
        problem = third.get(f"/v1/works/{works[0]}/overlaps")
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
    assert callers.creator.get(f"/v1/works/{works[1]}/overlaps").status_code == 404
    assert callers.creator.get("/v1/works/work_nowhere/overlaps").status_code == 404


@pytest.mark.parametrize("path", ["/v1/overlaps", "/v1/works/work_0/overlaps"])
def test_a_key_of_another_scope_opens_nothing(callers: Any, path: str) -> None:
    assert callers.service.get(path).status_code == 403
    assert callers.nobody.get(path).status_code == 401


def test_lists_are_paged_by_cursor(fresh: Any) -> None:
    """One text in four: each is told of every earlier one."""
    for number in range(4):
        form = {"source_id": f"w{number}", "title": f"W{number}", "text": f"{QUOTE}. Copy number {number}."}
        assert fresh.creator.post("/v1/works", json=form).status_code == 201
    fresh.operator.post("/v1/index")
    seen, cursor = [], None
    while True:
        params = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = fresh.creator.get("/v1/overlaps", params=params).json()
        seen += [i["id"] for i in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
        assert len(page["items"]) == 4
    assert len(seen) == len(set(seen)) == 6
    assert fresh.creator.get("/v1/overlaps", params={"cursor": "bm9uZQ"}).status_code in (400, 422)
    assert fresh.creator.get("/v1/overlaps", params={"limit": 0}).status_code == 422
