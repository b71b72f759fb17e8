"""Disputes and richer licences over HTTP: who may say what, what is held, and where it goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from provenance.sources.party import Scope

WHY = "The second half is mine."
CREATOR = "oona-tresker"


@dataclass(frozen=True, kw_only=True)
class Used:
    """A server with one work of the creator's, used once, and a party that says it is its own."""

    callers: Any
    rival: Any
    work: str
    generation: dict[str, Any]
    use_again: Callable[[], dict[str, Any]]

    def dispute(self, **stated: Any) -> Any:
        plain = {
            "work": self.work,
            "parts": [{"party": CREATOR, "basis_points": 5_000}],
            "in_favour_of": "rival",
            "reason": WHY,
        }
        return self.rival.post("/v1/disputes", json=plain | stated)

    def step(self, caller: Any, dispute: str, action: str, **stated: Any) -> Any:
        return caller.post(f"/v1/disputes/{dispute}/steps", json={"action": action, "reason": "So."} | stated)


@pytest.fixture
def used(
    fresh: Any,
    library: Mapping[str, Any],
    as_work: Callable[..., dict[str, Any]],
    as_generation: Callable[..., dict[str, Any]],
) -> Any:
    form = as_work(library["essay-salt-ledger"])
    made = fresh.creator.post("/v1/works", json=form)
    assert made.status_code == 201, made.text
    assert fresh.operator.post("/v1/index").status_code == 200
    count = iter(range(100))

    def use() -> dict[str, Any]:
        sent = as_generation(library["out-essay-01"], id=f"again-{next(count)}")
        answer = fresh.service.post("/v1/generations", json=sent)
        assert answer.status_code == 201, answer.text
        return answer.json()

    generation = use()
    token = fresh.api.token("rival", Scope.CREATOR)
    with fresh.api.bearing(token) as rival:
        work = generation["attributions"][0]["work"]["id"]
        yield Used(callers=fresh, rival=rival, work=work, generation=generation, use_again=use)


def test_the_disputed_part_alone_is_held_and_split_by_an_operator(used: Used) -> None:
    raised = used.dispute()
    assert raised.status_code == 201, raised.text
    dispute = raised.json()
    royalty = Decimal(used.generation["attributions"][0]["royalty"]["amount"])
    [money] = dispute["money"]  # raised in time: also of the use before it
    assert (dispute["stage"], Decimal(money["held"])) == ("raised", royalty / 2)
    used.use_again()
    assert used.step(used.callers.creator, dispute["id"], "reject").json()["stage"] == "rejected"
    assert used.step(used.rival, dispute["id"], "decide", returned_basis_points=0).status_code == 403
    ended = used.step(used.callers.operator, dispute["id"], "decide", returned_basis_points=2_500)
    assert ended.status_code == 201, ended.text
    [money] = ended.json()["money"]
    assert {name: Decimal(money[name]) for name in ("disputed", "held", "released", "returned")} == {
        "disputed": royalty,
        "held": 0,
        "released": royalty * 3 / 4,
        "returned": royalty / 4,
    }
    claims = used.callers.creator.get(f"/v1/works/{used.work}/claims").json()["items"][-1]["claims"]
    assert claims == [
        {"party": CREATOR, "basis_points": 8_750},
        {"party": "rival", "basis_points": 1_250},
    ]


def test_the_same_again_is_the_same_dispute_and_other_words_are_refused(used: Used) -> None:
    first = used.dispute()
    again = used.dispute()
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = used.dispute(reason="Otherwise.")
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


def test_a_use_is_disputed_by_its_service(used: Used) -> None:
    sent = {"work": used.work, "generation": used.generation["id"], "reason": "Not this work."}
    raised = used.callers.service.post("/v1/disputes", json=sent)
    assert raised.status_code == 201, raised.text
    assert (raised.json()["generation"], raised.json()["in_favour_of"]) == (used.generation["id"], None)
    conceded = used.step(used.callers.creator, raised.json()["id"], "concede").json()
    assert (conceded["stage"], conceded["returned_basis_points"]) == ("closed", 10_000)


def test_a_service_disputes_no_claims_and_no_use_of_another_service(used: Used) -> None:
    claims = {"work": used.work, "parts": [{"party": CREATOR, "basis_points": 1}], "reason": WHY}
    assert used.callers.service.post("/v1/disputes", json=claims).status_code == 403
    use = {"work": used.work, "generation": used.generation["id"], "reason": WHY}
    assert used.callers.other_service.post("/v1/disputes", json=use).status_code == 404
    assert used.callers.operator.get("/v1/disputes").json()["items"] == []


def test_the_same_decision_again_changes_nothing_and_another_is_refused(used: Used) -> None:
    dispute = used.dispute().json()["id"]
    first = used.step(used.callers.operator, dispute, "decide", returned_basis_points=0)
    again = used.step(used.callers.operator, dispute, "decide", returned_basis_points=0)
    assert (first.status_code, again.json()) == (201, first.json())
    other = used.step(used.callers.operator, dispute, "decide", returned_basis_points=1)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


def test_disputed_claims_stand_still(used: Used) -> None:
    used.dispute()
    form = {"claims": [{"party": "rival", "basis_points": 10_000}]}
    refused = used.callers.operator.put(f"/v1/works/{used.work}/claims", json=form)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_dispute")


@pytest.mark.parametrize(
    ("stated", "status", "code"),
    [
        ({"parts": None}, 422, "invalid_input"),
        ({"generation": "gen_x"}, 422, "invalid_input"),
        (
            {"parts": [{"party": CREATOR, "basis_points": 10_000}, {"party": CREATOR, "basis_points": 1}]},
            422,
            "invalid_claims",
        ),
        ({"parts": [{"party": "atlas-writing", "basis_points": 1}]}, 422, "invalid_claims"),
        ({"in_favour_of": CREATOR}, 422, "invalid_input"),
        ({"in_favour_of": "nobody-known"}, 404, "not_found"),
        ({"work": "work_none"}, 404, "not_found"),
    ],
    ids=str,
)
def test_a_dispute_about_nothing_is_refused(used: Used, stated: dict[str, Any], status: int, code: str) -> None:
    refused = used.dispute(**stated)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert used.callers.operator.get("/v1/disputes").json()["items"] == []


def test_those_concerned_see_a_dispute_and_nobody_else(used: Used) -> None:
    dispute = used.dispute().json()["id"]
    path = f"/v1/disputes/{dispute}"
    for client in (used.rival, used.callers.creator, used.callers.auditor, used.callers.operator):
        assert client.get(path).json()["id"] == dispute
        assert [d["id"] for d in client.get("/v1/disputes").json()["items"]] == [dispute]
    for client in (used.callers.stranger, used.callers.service):
        assert client.get(path).status_code == 404
        assert client.get("/v1/disputes").json()["items"] == []
        assert used.step(client, dispute, "reject").status_code == 404
    assert used.step(used.rival, dispute, "reject").status_code == 403
    assert (
        used.callers.auditor.post("/v1/disputes", json={"work": "w", "generation": "g", "reason": "x"}).status_code
        == 403
    )


FULL = {
    "kind": "share_of_revenue",
    "rate_basis_points": 2_500,
    "tiers": [{"from_uses": 1_000, "rate_basis_points": 2_000}],
    "fee_min": {"amount": "0.000100", "currency": "USD"},
    "period": "quarter",
    "cap": {"amount": "250.000000", "currency": "USD"},
    "guarantee": {"amount": "10.000000", "currency": "USD"},
    "advance": {"money": {"amount": "100.000000", "currency": "USD"}, "across_works": True},
}


def test_a_licence_that_says_all_it_can_is_stated_and_read_back(used: Used) -> None:
    form = {
        "terms": FULL,
        "workers": {"kind": "*", "hosting": "hosted"},
        "opt_out_from": "2031-01-01",
        "most_favoured": True,
    }
    stated = used.callers.creator.put(f"/v1/works/{used.work}/licence", json=form)
    assert stated.status_code == 200, stated.text
    assert {name: stated.json()[name] for name in form} == form
    assert used.use_again()["attributions"][0]["outcome"] == "paid"


def test_licences_are_stated_together_or_not_at_all(used: Used) -> None:
    path = f"/v1/works/{used.work}"
    first = {"terms": {"kind": "share_of_revenue", "rate_basis_points": 100}, "valid_from": "2026-01-01"}
    second = first | {"valid_from": "2027-01-01"}
    refused = used.callers.creator.put(f"{path}/licences", json={"licences": [first, second]})
    assert (refused.status_code, refused.json()["code"]) == (422, "overlapping_validity")
    assert len(used.callers.creator.get(f"{path}/licence").json()["items"]) == 1
    ended = first | {"valid_until": "2026-12-31"}
    stated = used.callers.creator.put(f"{path}/licences", json={"licences": [ended, second]})
    assert (stated.status_code, [v["number"] for v in stated.json()["items"]]) == (200, [1, 2, 3])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"cap": {"amount": "5.000000", "currency": "USD"}}, "cap_below_minimum"),
        (
            {"tiers": [{"from_uses": 9, "rate_basis_points": 1}, {"from_uses": 9, "rate_basis_points": 2}]},
            "tiers_not_ascending",
        ),
        ({"cap": {"amount": "250", "currency": "EUR"}}, "invalid_terms"),
        ({"cap": {"amount": "250.0000001", "currency": "USD"}}, "invalid_money"),
        ({"cap": {"amount": "250", "currency": "XXX"}}, "unknown_currency"),
    ],
    ids=str,
)
def test_terms_that_can_not_be_are_refused_and_nothing_is_written(
    used: Used, changed: dict[str, Any], code: str
) -> None:
    path = f"/v1/works/{used.work}/licence"
    refused = used.callers.creator.put(path, json={"terms": FULL | changed})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert len(used.callers.creator.get(path).json()["items"]) == 1
