"""Uses held for review over HTTP: who sees them, who resolves them, and what each side is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

CAREFUL = {"kind": "share_of_revenue", "rate_basis_points": 2500, "risk_basis_points_max": 10}
SAID = {"resolution": "release", "reason": "Read both: a free retelling."}


@dataclass(frozen=True, kw_only=True)
class Held:
    """A server with one hold."""

    callers: Any
    generation: dict[str, Any]

    @property
    def use(self) -> dict[str, Any]:
        return next(a for a in self.generation["attributions"] if a["outcome"] == "review")

    @property
    def path(self) -> str:
        return f"/v1/reviews/{self.generation['id']}/{self.use['work']['id']}"

    def report(self) -> Any:
        return self.callers.creator.get("/v1/parties/oona-tresker/report").json()


@pytest.fixture
def held(
    fresh: Any,
    library: Mapping[str, Any],
    as_work: Callable[..., dict[str, Any]],
    as_generation: Callable[..., dict[str, Any]],
) -> Held:
    form = as_work(library["essay-salt-ledger"]) | {"licence": CAREFUL}
    assert fresh.creator.post("/v1/works", json=form).status_code == 201
    assert fresh.operator.post("/v1/index").status_code == 200
    sent = fresh.service.post("/v1/generations", json=as_generation(library["out-essay-01"]))
    assert sent.status_code == 201
    return Held(callers=fresh, generation=sent.json())


def test_the_service_is_told_that_the_royalty_is_held(held: Held) -> None:
    use, [flag] = held.use, held.generation["flags"]
    assert (use["royalty"], use["accruals"], use["review"]) == (None, [], None)
    assert Decimal(use["held"]["amount"]) > 0
    assert (use["risk_basis_points_max"], use["threshold"]) == (10, None), "this calibration promises no risk as small"
    assert (flag["outcome"], flag["work"]) == ("review", use["work"]["id"])
    assert "held for review" in flag["message"]


def test_the_creator_sees_what_is_held(held: Held) -> None:
    report = held.report()
    assert (report["totals"], report["uses"]) == ([], [])
    [line] = report["held_for_review"]
    assert (line["key"], line["uses"], line["amount"]) == (held.use["work"]["id"], 1, held.use["held"]["amount"])
    detail = held.callers.creator.get(f"/v1/parties/oona-tresker/uses/{held.generation['id']}").json()["uses"][0]
    assert (detail["outcome"], detail["earned"], detail["review"]) == ("review", [], None)


def test_operators_and_auditors_see_what_waits_and_nobody_else(held: Held) -> None:
    for client in (held.callers.operator, held.callers.auditor):
        answer = client.get("/v1/reviews").json()
        [hold] = answer["items"]
        assert answer["next_cursor"] is None
        assert (hold["generation"], hold["work"]) == (held.generation["id"], held.use["work"]["id"])
        assert (hold["title"], hold["held"]) == ("The Salt Ledger", held.use["held"])
        assert 0 <= hold["age_seconds"] < 600
        assert (hold["risk_basis_points_max"], hold["threshold"]) == (10, None)
    for client in (held.callers.creator, held.callers.service):
        assert client.get("/v1/reviews").status_code == 403
    assert held.callers.nobody.get("/v1/reviews").status_code == 401


def test_only_an_operator_resolves(held: Held) -> None:
    for name in ("auditor", "creator", "service"):
        assert getattr(held.callers, name).post(held.path, json=SAID).status_code == 403
    assert held.callers.operator.get("/v1/reviews").json()["items"]


def test_a_release_is_earned_and_told_and_happens_once(held: Held) -> None:
    answer = held.callers.operator.post(held.path, json=SAID)
    assert answer.status_code == 201
    review = answer.json()
    assert (review["decided_by"], review["reason"], review["held"]) == (
        "the-operator",
        SAID["reason"],
        held.use["held"],
    )
    assert sum(Decimal(r["amount"]) for r in review["released"]) == Decimal(held.use["held"]["amount"])
    again = held.callers.operator.post(held.path, json=SAID)
    assert (again.status_code, again.json()) == (200, review)
    other = held.callers.operator.post(held.path, json=SAID | {"resolution": "decline"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert held.callers.operator.get("/v1/reviews").json()["items"] == []
    report = held.report()
    assert report["held_for_review"] == []
    assert sum(Decimal(t["amount"]) for t in report["totals"]) == Decimal(
        next(r["amount"] for r in review["released"] if r["party"] == "oona-tresker")
    )
    seen = held.callers.service.get(f"/v1/generations/{held.generation['id']}").json()
    assert seen["flags"] == []
    assert seen["attributions"][0]["outcome"] == "review", "what was decided then is never changed"
    assert seen["attributions"][0]["review"]["resolution"] == "release"
    detail = held.callers.creator.get(f"/v1/parties/oona-tresker/uses/{held.generation['id']}").json()["uses"][0]
    assert (len(detail["earned"]), detail["review"]["reason"]) == (1, SAID["reason"])


def test_a_decline_goes_to_the_pool_and_the_books_balance(held: Held) -> None:
    body = {"resolution": "decline", "reason": "A commonplace; not from this book."}
    assert held.callers.operator.post(held.path, json=body).json()["released"] == []
    balance = held.callers.auditor.get("/v1/trial-balance").json()
    accounts = {a["account"]: Decimal(a["debit"]) - Decimal(a["credit"]) for a in balance["accounts"]}
    assert balance["balanced"]
    assert accounts["held/USD"] == 0
    price = Decimal(held.generation["price"]["amount"])
    assert abs(accounts["unattributed_pool/USD"] + price * Decimal("0.3")) <= Decimal("0.000001")
    assert held.report()["held_for_review"] == held.report()["totals"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"resolution": "release"}, 422),
        ({"resolution": "release", "reason": ""}, 422),
        ({"resolution": "release", "reason": "   "}, 422),
        ({"resolution": "release", "reason": "x" * 1_001}, 422),
        ({"resolution": "release", "reason": "turned \u202e around"}, 422),
        ({"resolution": "release", "reason": "\x1b[2J"}, 422),
        ({"resolution": "pay me", "reason": "x"}, 422),
        ({"resolution": "release", "reason": "x", "held": "1"}, 422),
        ([], 422),
    ],
    ids=str,
)
def test_a_resolution_that_is_none_is_refused(held: Held, body: Any, status: int) -> None:
    assert held.callers.operator.post(held.path, json=body).status_code == status
    assert held.callers.operator.get("/v1/reviews").json()["items"]


def test_what_is_not_held_is_not_resolved(callers: Any) -> None:
    for path in ("/v1/reviews/gen_none/work_none", f"/v1/reviews/{'g' * 200}/%00", "/v1/reviews/a/%E2%80%AE"):
        assert callers.operator.post(path, json=SAID).status_code in (404, 422)
    assert callers.operator.post(f"/v1/reviews/{'g' * 201}/x", json=SAID).status_code == 422
    assert callers.operator.get("/v1/reviews?cursor=nonsense").status_code == 400


def test_an_export_with_reviews_checks_out(held: Held, tmp_path: Path) -> None:
    from provenance.adapters.zip_archive import ZipReader
    from provenance.services.check_export import check_export

    held.callers.operator.post(held.path, json=SAID)
    (tmp_path / "export.zip").write_bytes(held.callers.auditor.get("/v1/exports").content)
    checks = check_export(ZipReader(tmp_path / "export.zip"))
    assert [c.problems for c in checks if c.failed] == []
    assert {c.name: c.checked for c in checks}[
        "each review resolves a use that was held, once, and moves what was held"
    ]


def test_a_licence_states_its_risk_and_shows_it(callers: Any) -> None:
    work = callers.creator.get("/v1/works").json()["items"][0]["id"]
    terms = {"kind": "share_of_revenue", "rate_basis_points": 2500}
    stated = callers.creator.put(f"/v1/works/{work}/licence", json={"terms": terms, "risk_basis_points_max": 50})
    assert (stated.status_code, stated.json()["risk_basis_points_max"]) == (200, 50)
    bare = callers.creator.put(f"/v1/works/{work}/licence", json={"terms": terms}).json()
    assert (bare["risk_basis_points_max"], bare["number"]) == (None, stated.json()["number"] + 1)
    for risk in (0, 10_001, "1", 1.5, True):
        body = {"terms": terms, "risk_basis_points_max": risk}
        assert callers.creator.put(f"/v1/works/{work}/licence", json=body).status_code == 422
    free = {"terms": {"kind": "free_with_credit", "credit": "Oona"}, "risk_basis_points_max": 50}
    refused = callers.creator.put(f"/v1/works/{work}/licence", json=free)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_terms")
