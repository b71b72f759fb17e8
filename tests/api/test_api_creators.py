"""A creator's report over HTTP: its own, of a period, page by page, with nothing of others."""

from typing import Any

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.statements.period import parse_time

REPORT, USES = "/v1/parties/oona-tresker/report", "/v1/parties/oona-tresker/uses"
OUTPUTS = ("out-essay-01", "out-essay-03", "out-essay-04", "out-essay-08")


@pytest.fixture(scope="module")
def earning(callers: Any, library: Any, as_generation: Any) -> Any:
    """The callers, after the service sent outputs that used the creator's works."""
    for name in OUTPUTS:
        assert callers.service.post("/v1/generations", json=as_generation(library[name])).status_code == 201
    return callers


def test_the_uses_come_page_by_page_and_add_up_to_the_report(earning: Any) -> None:
    report = earning.creator.get(REPORT).json()
    uses, cursor = [], None
    while True:
        page = earning.creator.get(USES, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        uses += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert uses == report["uses"]
    assert len(uses) == report["totals"][0]["uses"] >= 3
    assert report["more_uses"] is False
    of_one = earning.creator.get(USES, params={"work": uses[0]["work"]}).json()["items"]
    assert of_one == [u for u in uses if u["work"] == uses[0]["work"]]
    assert earning.creator.get(USES, params={"work": "work_0"}).json()["items"] == []


def test_a_period_cuts_the_report(earning: Any) -> None:
    get = earning.creator.get
    everything = get(REPORT, params={"since": "1970-01-01"}).json()
    assert everything["uses"] == get(REPORT).json()["uses"]
    assert get(REPORT, params={"until": everything["uses"][0]["recorded_at"]}).json()["totals"] == []
    since = everything["uses"][-1]["recorded_at"]
    last = get(REPORT, params={"since": since}).json()
    assert {u["generation"] for u in last["uses"]} == {everything["uses"][-1]["generation"]}
    assert last["since"] == since
    assert get(REPORT, params={"since": "2999-01-01", "until": "2999-01-02"}).json()["totals"] == []


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("yesterday", None),
        ("2026-13-01", None),
        ("2026-11-21T25:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("1969-12-31", None),
        ("", None),
        ("2026-11-02", "2026-11-01"),
        ("2" * 41, None),
        ("２０２６-01-01", None),
    ],
)
def test_a_period_that_is_none_is_refused(earning: Any, since: str | None, until: str | None) -> None:
    params = {name: value for name, value in (("since", since), ("until", until)) if value is not None}
    for path in (REPORT, USES):
        answer = earning.creator.get(path, params=params)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text
    assert earning.auditor.get("/v1/exports", params=params).status_code == 422


def test_times_are_read_in_utc() -> None:
    same = ["2026-11-21T08:00:00Z", "2026-11-21T08:00", "2026-11-21 09:00+01:00", "2026-11-21T08:00:00.000000Z"]
    assert len({parse_time(text, field="since") for text in same}) == 1
    assert parse_time("2026-11-21", field="since") == parse_time("2026-11-21T00:00Z", field="since")
    with pytest.raises(InvalidInput):
        parse_time("2026-11-21T08:00 01:00", field="since")


def test_a_creator_sees_itself_alone_and_others_see_all(earning: Any) -> None:
    generation = earning.creator.get(USES).json()["items"][0]["generation"]
    for path in (REPORT, USES, f"{USES}/{generation}"):
        answer = earning.stranger.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert earning.service.get(path).status_code == 403
        mine = earning.creator.get(path).json()
        for reader in (earning.operator, earning.auditor):
            theirs = reader.get(path).json()
            assert theirs | {"until": ""} == mine | {"until": ""}
    assert earning.stranger.get("/v1/parties/no-such-party/report").status_code == 403
    assert earning.operator.get("/v1/parties/no-such-party/report").status_code == 404
    assert earning.operator.get("/v1/parties/no-such-party/uses").status_code == 404


def test_a_generation_that_used_nothing_of_a_party_is_not_found(earning: Any, library: Any, as_generation: Any) -> None:
    form = as_generation(library["out-essay-11"])
    unrelated = earning.service.post("/v1/generations", json=form).json()["id"]
    for generation in (unrelated, "gen_0"):
        answer = earning.creator.get(f"{USES}/{generation}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_shared_work_shows_each_party_its_own_money(
    fresh: Any, library: Any, as_work: Any, as_generation: Any
) -> None:
    claims = [{"party": "oona-tresker", "basis_points": 7_500}, {"party": "bram-hollevoet", "basis_points": 2_500}]
    fresh.creator.post("/v1/works", json=as_work(library["essay-salt-ledger"]) | {"claims": claims})
    fresh.operator.post("/v1/index")
    generation = fresh.service.post("/v1/generations", json=as_generation(library["out-essay-01"])).json()["id"]
    for client, party, basis_points in (
        (fresh.creator, "oona-tresker", 7_500),
        (fresh.stranger, "bram-hollevoet", 2_500),
    ):
        (use,) = client.get(f"/v1/parties/{party}/uses/{generation}").json()["uses"]
        assert [e["basis_points"] for e in use["earned"]] == [basis_points]
        assert "accruals" not in use
        assert use["matches"][0]["source_excerpt"]
