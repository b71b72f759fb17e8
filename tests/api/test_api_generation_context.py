"""What an output was made from and when, and works that everybody may quote, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provenance.workers.generation import PROMPT_CHARS_MAX


@pytest.fixture
def form(library: Any, as_generation: Any, request: pytest.FixtureRequest) -> dict[str, Any]:
    made: dict[str, Any] = as_generation(library["out-essay-01"], id=f"out:{request.node.name}"[:200])
    return made


def moment(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


def test_both_are_told_back_and_the_prompts_words_are_not(callers: Any, form: dict[str, Any]) -> None:
    made_at = datetime.now(UTC)
    told = form | {"prompt": "Rewrite what I sent you.", "made_at": made_at.astimezone().isoformat()}
    answer = callers.service.post("/v1/generations", json=told)
    assert answer.status_code == 201, answer.text
    assert answer.json()["made_at"] == made_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert answer.json()["prompt_chars"] == 24
    assert "Rewrite what" not in answer.text
    assert [a["work"]["source_id"] for a in answer.json()["attributions"]] == ["essay-salt-ledger"]
    assert callers.service.post("/v1/generations", json=told).status_code == 200
    for other in (form, told | {"prompt": "Write."}, told | {"made_at": moment(minutes=1)}):
        assert callers.service.post("/v1/generations", json=other).status_code == 409


def test_without_them_nothing_is_told(callers: Any, form: dict[str, Any]) -> None:
    for number, members in enumerate(({}, {"prompt": None, "made_at": None})):
        answer = callers.service.post("/v1/generations", json=form | {"id": f"bare-{number}"} | members).json()
        assert (answer["made_at"], answer["prompt_chars"]) == (None, None)


def test_an_output_from_before_all_works_pays_none_of_them(callers: Any, form: dict[str, Any]) -> None:
    answer = callers.service.post("/v1/generations", json=form | {"made_at": moment(days=30)})
    assert answer.status_code == 201
    assert answer.json()["attributions"] == []


def test_what_the_prompt_brought_pays_nobody(callers: Any, form: dict[str, Any], library: Any) -> None:
    quoted = library["essay-salt-ledger"]["text"].split("\n\n", maxsplit=1)[0]
    echo = form | {"parts": [form["parts"][0] | {"text": quoted}]}
    paid = callers.service.post("/v1/generations", json=echo | {"id": "quoted"}).json()
    assert [a["outcome"] for a in paid["attributions"]] == ["paid"]
    free = callers.service.post("/v1/generations", json=echo | {"id": "echoed", "prompt": f"“{quoted}” Go on."}).json()
    assert free["attributions"] == []


@pytest.mark.parametrize(
    "made_at",
    [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T08:00:00",
        "9" * 41,
        1_763_712_000,
        True,
        ["2026"],
        "0001-01-01T00:00:00+23:59",
    ],
    ids=lambda v: ascii(v)[:30],
)
def test_what_is_no_moment_is_refused(callers: Any, form: dict[str, Any], made_at: Any) -> None:
    answer = callers.service.post("/v1/generations", json=form | {"made_at": made_at})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text
    assert len(answer.content) < 2_000


@pytest.mark.parametrize("ago", [{"minutes": -6}, {"days": 93}], ids=["future", "long ago"])
def test_a_time_that_cannot_be_is_refused(callers: Any, form: dict[str, Any], ago: dict[str, float]) -> None:
    answer = callers.service.post("/v1/generations", json=form | {"made_at": moment(**ago)})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["mend"]


@pytest.mark.parametrize("prompt", ["", " ", "a\u0000b", "x" * (PROMPT_CHARS_MAX + 1), 7], ids=lambda v: ascii(v)[:20])
def test_a_prompt_that_is_none_is_refused(callers: Any, form: dict[str, Any], prompt: Any) -> None:
    answer = callers.service.post("/v1/generations", json=form | {"prompt": prompt})
    assert answer.status_code == 422
    assert len(answer.content) < 2_000


def test_a_work_of_the_public_domain_is_registered_found_and_never_paid(fresh: Any, library: Any) -> None:
    sonnet = library["public-sonnet-18"]
    work = {name: sonnet[name] for name in ("source_id", "title", "author", "text", "licence")}
    made = fresh.creator.post("/v1/works", json=work)
    assert made.status_code == 201, made.text
    licences = fresh.creator.get(f"/v1/works/{made.json()['work']['id']}/licence").json()["items"]
    assert [n["terms"] for n in licences] == [sonnet["licence"]]
    assert fresh.operator.post("/v1/index").status_code == 200
    part = library["out-essay-01"]["parts"][0] | {"text": sonnet["text"]}
    sent = {"id": "g", "price": {"amount": "1", "currency": "USD"}, "parts": [{k: part[k] for k in ("worker", "text")}]}
    answer = fresh.service.post("/v1/generations", json=sent).json()
    [use] = answer["attributions"]
    assert (use["outcome"], use["terms"], use["royalty"], use["held"]) == (
        "public_domain",
        sonnet["licence"],
        None,
        None,
    )
    assert (use["accruals"], answer["flags"]) == ([], [])
    assert fresh.operator.get("/v1/trial-balance").json()["balanced"]


def test_the_reason_is_a_line_of_text(callers: Any) -> None:
    works = callers.creator.get("/v1/works").json()["items"]
    put = f"/v1/works/{works[0]['id']}/licence"
    for reason in ("\u202etxt.exe", "x" * 1_001, 1609):
        terms = {"kind": "public_domain", "reason": reason}
        assert callers.creator.put(put, json={"terms": terms}).status_code == 422
