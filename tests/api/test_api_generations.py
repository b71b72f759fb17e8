"""Outputs that are sent wrongly, twice, all at once, or to somebody else's eyes."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from provenance.workers.generation import PART_CHARS_MAX, PARTS_MAX

USD = {"currency": "USD"}


@pytest.fixture
def form(library: Any, as_generation: Any, request: pytest.FixtureRequest) -> dict[str, Any]:
    """An output that derives from a registered work, under an id of the test's own."""
    made: dict[str, Any] = as_generation(library["out-essay-01"], id=f"out:{request.node.name}"[:200])
    return made


def _worker(form: dict[str, Any], **members: Any) -> dict[str, Any]:
    part = form["parts"][0]
    return form | {"parts": [part | {"worker": part["worker"] | members}]}


def _text(form: dict[str, Any], text: str) -> dict[str, Any]:
    return form | {"parts": [form["parts"][0] | {"text": text}]}


BAD_PRICES = {
    "unknown currency": ({"amount": "1", "currency": "XYZ"}, "unknown_currency"),
    "lower-case currency": ({"amount": "1", "currency": "usd"}, "unknown_currency"),
    "negative": (USD | {"amount": "-0.01"}, "invalid_money"),
    "too many decimals": (USD | {"amount": "0.0000001"}, "invalid_money"),
    "absurd": (USD | {"amount": "999999999999"}, "invalid_money"),
    "above a million": (USD | {"amount": "1000000.000001"}, "invalid_money"),
    "a word": (USD | {"amount": "free"}, "invalid_money"),
    "exponent": (USD | {"amount": "1e3"}, "invalid_money"),
    "infinity": (USD | {"amount": "Infinity"}, "invalid_money"),
    "other digits": (USD | {"amount": "١.٠"}, "invalid_money"),
    "line break": (USD | {"amount": "1\n"}, "invalid_money"),
    "empty": (USD | {"amount": ""}, "invalid_money"),
    "a number": (USD | {"amount": 0.04}, "invalid_input"),
    "an integer": (USD | {"amount": 4}, "invalid_input"),
    "true": (USD | {"amount": True}, "invalid_input"),
    "very long": (USD | {"amount": "1" * 100_000}, "invalid_input"),
    "no currency": ({"amount": "1"}, "invalid_input"),
    "more": (USD | {"amount": "1", "tax": "0"}, "invalid_input"),
    "null": (None, "invalid_input"),
    "a string": ("0.04 USD", "invalid_input"),
}


@pytest.mark.parametrize("name", BAD_PRICES)
def test_a_price_that_is_none_is_refused(callers: Any, form: dict[str, Any], name: str) -> None:
    price, code = BAD_PRICES[name]
    answer = callers.service.post("/v1/generations", json=form | {"price": price})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert len(answer.content) < 2_000


def test_an_amount_as_a_number_is_told_how_to_be_sent(callers: Any, form: dict[str, Any]) -> None:
    answer = callers.service.post("/v1/generations", json=form | {"price": USD | {"amount": 0.04}})
    assert "string" in answer.json()["detail"]
    assert answer.json()["fields"][0]["field"] == "body.price.amount"


@pytest.mark.parametrize("bad", ["", " ", "a\u0000b", "a\nb", "\u202egnp.exe", "zero\u200bwidth", "\ud800", "x" * 201])
def test_a_name_that_looks_like_another_is_refused(callers: Any, form: dict[str, Any], bad: str) -> None:
    forms = [form | {"id": bad}, form | {"territory": bad}, form | {"purpose": bad}]
    forms += [_worker(form, **{member: bad}) for member in ("id", "model", "model_version", "region")]
    for wrong in forms:
        answer = callers.service.post(
            "/v1/generations", content=_ascii(wrong), headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text


def _ascii(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 422),
        (" \n\t ", 422),
        ("binary \u0000 data", 422),
        ("\u0001\u0002\u0003\u0004 control", 422),
        ("half \udc00 a pair", 422),
        ("x" * (PART_CHARS_MAX + 1), 422),
        ("word " * 400_000, 422),
        ("€" * 1_400_000, 413),
    ],
    ids=["empty", "blank", "nul", "controls", "surrogate", "one too many", "2 MB", "over the body's bound"],
)
def test_a_text_that_can_not_be_attributed_is_refused(callers: Any, form: Any, text: str, status: int) -> None:
    content = _ascii(_text(form, text)) if status != 413 else _ascii(_text(form, "")) + text.encode()
    answer = callers.service.post("/v1/generations", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["code"] in ("invalid_input", "invalid_text", "too_large")
    assert len(answer.content) < 2_000


def test_parts_are_bounded(callers: Any, form: dict[str, Any]) -> None:
    send = callers.service.post
    assert send("/v1/generations", json=form | {"parts": []}).status_code == 422
    assert send("/v1/generations", json=form | {"parts": form["parts"] * (PARTS_MAX + 1)}).status_code == 422
    long = [form["parts"][0] | {"text": "some words " * 20_000}] * 3
    answer = send("/v1/generations", json=form | {"parts": long})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert send("/v1/generations", json=_worker(form, kind="oracle")).status_code == 422
    assert send("/v1/generations", json=_worker(form, secret="x")).status_code == 422


def test_the_same_again_is_the_same_answer(callers: Any, form: dict[str, Any]) -> None:
    first = callers.service.post("/v1/generations", json=form)
    again = callers.service.post("/v1/generations", json=form)
    assert (first.status_code, again.status_code) == (201, 200)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert first.headers["location"] == again.headers["location"] == f"/v1/generations/{first.json()['id']}"
    assert first.json() == again.json()


def test_the_same_id_with_another_content_is_a_conflict(callers: Any, form: dict[str, Any]) -> None:
    assert callers.service.post("/v1/generations", json=form).status_code == 201
    before = callers.operator.get("/v1/trial-balance").json()
    other = [
        form | {"price": USD | {"amount": "0.09"}},
        form | {"territory": "FR"},
        _text(form, "Another text."),
        _worker(form, region="on-prem-lyon"),
    ]
    for changed in other:
        answer = callers.service.post("/v1/generations", json=changed)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert callers.operator.get("/v1/trial-balance").json() == before


def test_an_idempotency_key_belongs_to_one_request(callers: Any, form: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": "key of " + form["id"][:20]}
    send = callers.service.post
    first = send("/v1/generations", json=form, headers=headers)
    assert first.status_code == 201
    assert send("/v1/generations", json=form, headers=headers).json() == first.json()
    for changed in (form | {"id": form["id"] + "!"}, form | {"price": USD | {"amount": "7"}}):
        answer = send("/v1/generations", json=changed, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    mine = callers.other_service.post("/v1/generations", json=form, headers=headers)
    assert mine.status_code == 201
    assert mine.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 201, "caf\xe9", "tab\there"])
def test_an_idempotency_key_is_printable_ascii(callers: Any, form: dict[str, Any], key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    assert callers.service.post("/v1/generations", json=form, headers=headers).status_code == 422


@pytest.mark.parametrize("key", [None, "eight at once"])
def test_eight_at_once_have_one_effect_and_eight_equal_answers(callers: Any, form: Any, key: str | None) -> None:
    books = callers.operator.get("/v1/trial-balance").json()
    owed = {a["account"]: a["debit"] for a in books["accounts"]}.get("service_receivable/atlas-writing/USD", "0")
    together = threading.Barrier(8)

    def send(_: int) -> Any:
        together.wait()
        headers = {"Idempotency-Key": key} if key else {}
        return callers.service.post("/v1/generations", json=form, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert Counter(a.status_code for a in answers) == {201: 1, 200: 7}
    assert len({a.content for a in answers}) == 1
    books = callers.operator.get("/v1/trial-balance").json()
    owes = {a["account"]: a["debit"] for a in books["accounts"]}["service_receivable/atlas-writing/USD"]
    price = float(form["price"]["amount"])
    assert float(owes) - float(owed) == pytest.approx(price)
    ids = [g["id"] for g in _all(callers.service, "/v1/generations")]
    assert ids.count(answers[0].json()["id"]) == 1


def _all(client: Any, path: str) -> list[Any]:
    items, cursor = [], None
    while True:
        page = client.get(path, params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= 3
        items += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return items


def test_a_service_sees_its_own_generations_alone(callers: Any, form: dict[str, Any]) -> None:
    found = callers.service.post("/v1/generations", json=form).json()
    path = f"/v1/generations/{found['id']}"
    assert callers.service.get(path).json() == found
    assert callers.operator.get(path).json() == callers.auditor.get(path).json() == found
    theirs, unknown = callers.other_service.get(path), callers.other_service.get("/v1/generations/gen_0")
    assert (theirs.status_code, unknown.status_code) == (404, 404)
    assert theirs.json() | {"detail": ""} == unknown.json() | {"detail": ""}
    assert found["id"] not in [g["id"] for g in _all(callers.other_service, "/v1/generations")]
    everything = _all(callers.auditor, "/v1/generations")
    assert found["id"] in [g["id"] for g in everything]
    assert len({g["id"] for g in everything}) == len(everything)


def test_an_output_that_derives_from_nothing_is_unattributed(callers: Any, form: dict[str, Any]) -> None:
    answer = callers.service.post("/v1/generations", json=_text(form, "Zinc prices fell on Tuesday in thin trading."))
    assert answer.status_code == 201
    assert (answer.json()["attributions"], answer.json()["unattributed"]["share"]) == ([], "1.000000000")


def test_a_price_of_zero_moves_no_money(callers: Any, form: dict[str, Any]) -> None:
    answer = callers.service.post("/v1/generations", json=form | {"price": USD | {"amount": "0"}})
    assert (answer.status_code, answer.json()["transaction"]) == (201, None)


def test_without_an_index_outputs_are_not_taken_and_nothing_is_recorded(fresh: Any, form: dict[str, Any]) -> None:
    answer = fresh.service.post("/v1/generations", json=form)
    assert (answer.status_code, answer.json()["code"]) == (503, "snapshot_unusable")
    assert fresh.operator.get("/v1/generations").json() == {"items": [], "next_cursor": None}
