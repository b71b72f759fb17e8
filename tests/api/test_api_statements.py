"""Periods and statements over HTTP: who may close, who may read, and what each answer is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provenance.statements.accounting_period import PeriodKind, period_of

MINE = "/v1/parties/oona-tresker"
OUTPUTS = ("out-essay-01", "out-essay-03", "out-essay-04")
TAX = {
    "residence": "IE",
    "payer": "US",
    "basis": "Treaty IE-US",
    "basis_points": 1_000,
    "valid_from": "2026-01-01",
}
TERMS = {"currency": "USD", "valid_from": "2026-01-01", "threshold": "0.001"}


@pytest.fixture(scope="module")
def month() -> str:
    return period_of(datetime.now(UTC), PeriodKind.MONTH).name


@pytest.fixture(scope="module")
def earning(callers: Any, library: Any, as_generation: Any) -> Any:
    for name in OUTPUTS:
        assert callers.service.post("/v1/generations", json=as_generation(library[name])).status_code == 201
    assert callers.operator.post(f"{MINE}/payout-terms", json=TERMS).status_code == 201
    assert callers.operator.post(f"{MINE}/tax-profiles", json=TAX).status_code == 201
    return callers


@pytest.fixture(scope="module")
def closed(earning: Any, month: str) -> Iterator[Any]:
    """The callers, forty days later, after the month was closed."""
    system = earning.api.system
    too_early = earning.operator.post(f"/v1/periods/{month}")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "period_order")
    clock = system.clock
    system.clock = lambda: clock() + timedelta(days=40)
    try:
        answer = earning.operator.post(f"/v1/periods/{month}")
        assert answer.status_code == 201, answer.text
        yield earning
    finally:
        system.clock = clock


def test_closed_periods_are_listed_for_those_who_read_all(closed: Any, month: str) -> None:
    for caller in (closed.operator, closed.auditor):
        assert [p["period"] for p in caller.get("/v1/periods").json()["items"]] == [month]
    for caller in (closed.creator, closed.service):
        assert caller.get("/v1/periods").status_code == 403


def test_a_period_is_closed_once_and_by_an_operator(closed: Any, month: str) -> None:
    again = closed.operator.post(f"/v1/periods/{month}")
    assert (again.status_code, again.json()["code"]) == (409, "period_closed")
    for caller in (closed.creator, closed.auditor, closed.service):
        assert caller.post(f"/v1/periods/{month}").status_code == 403
    assert closed.operator.post("/v1/periods/2026-13").status_code == 422


def test_a_creator_reads_its_own_statements_and_no_others(closed: Any, month: str) -> None:
    [mine] = closed.creator.get(f"{MINE}/statements").json()["items"]
    assert (mine["party"], mine["period"], mine["currency"]) == ("oona-tresker", month, "USD")
    assert mine["payable"] == mine["closing"] > "0"
    paths = (f"{MINE}/statements", f"{MINE}/statements/{month}", f"{MINE}/statements/{month}/lines/1")
    for path in paths:
        assert closed.stranger.get(path).status_code == 403
        assert closed.service.get(path).status_code == 403
        assert closed.auditor.get(path).status_code == 200
    assert closed.auditor.get("/v1/parties/nobody/statements").status_code == 404
    assert closed.auditor.get(f"{MINE}/statements/2026-01").status_code == 404


@pytest.mark.parametrize(
    ("form", "media", "start"),
    [
        ("json", "application/json", b'{"advance_micros"'),
        ("csv", "text/csv; charset=utf-8", b"part,kind,key"),
        ("html", "text/html; charset=utf-8", b"<!doctype html>"),
        ("pdf", "application/pdf", b"%PDF-"),
    ],
)
def test_a_statement_comes_in_four_forms(closed: Any, month: str, form: str, media: str, start: bytes) -> None:
    answers = [closed.creator.get(f"{MINE}/statements/{month}", params={"format": form}) for _ in range(2)]
    assert answers[0].headers["content-type"] == media
    assert f"oona-tresker-USD.{form}" in answers[0].headers["content-disposition"]
    assert answers[0].content.startswith(start)
    assert answers[0].content == answers[1].content


def test_a_line_leads_to_uses_and_these_to_the_words(closed: Any, month: str) -> None:
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = closed.creator.get(f"{MINE}/statements/{month}/lines/1", params=params).json()
        seen += page["uses"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == page["count"] >= 3
    words = closed.creator.get(f"{MINE}/uses/{seen[0]['generation']}").json()
    assert words["uses"][0]["matches"][0]["source_excerpt"]
    withheld = closed.creator.get(f"{MINE}/statements/{month}/lines/2").json()
    assert withheld["kind"] == "withheld"
    assert withheld["transactions"][0]["amount"] == withheld["amount"] < "0"
    assert closed.creator.get(f"{MINE}/statements/{month}/lines/9").status_code == 404


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("payout-terms", TERMS | {"currency": "XXX"}),
        ("payout-terms", TERMS | {"threshold": "-1"}),
        ("payout-terms", TERMS | {"threshold": 25}),
        ("payout-terms", TERMS | {"reserve_basis_points": 10_001}),
        ("payout-terms", TERMS | {"reserve_basis_points": 100}),
        ("payout-terms", TERMS | {"valid_from": "soon"}),
        ("tax-profiles", TAX | {"basis_points": 10_001}),
        ("tax-profiles", TAX | {"basis": " "}),
        ("tax-profiles", TAX | {"payer": "us"}),
        ("tax-profiles", TAX | {"more": 1}),
    ],
)
def test_bad_terms_are_refused(earning: Any, path: str, form: dict[str, Any]) -> None:
    assert earning.operator.post(f"{MINE}/{path}", json=form).status_code == 422


def test_only_an_operator_says_how_parties_are_paid(earning: Any) -> None:
    for caller in (earning.creator, earning.auditor, earning.service):
        assert caller.post(f"{MINE}/payout-terms", json=TERMS).status_code == 403
        assert caller.post(f"{MINE}/tax-profiles", json=TAX).status_code == 403
    assert earning.operator.post("/v1/parties/nobody/payout-terms", json=TERMS).status_code == 404
