"""Keys and scopes: who gets in, who doesn't, and that no secret ever comes out again."""

import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import structlog.testing

from provenance.sources.party import Scope

EVERYBODY = {"operator", "auditor", "creator", "service"}
ENDPOINTS = [
    ("POST", "/v1/parties", {"operator"}),
    ("GET", "/v1/parties", {"operator", "auditor"}),
    ("GET", "/v1/parties/nobody", {"operator", "auditor"}),
    ("POST", "/v1/keys", {"operator"}),
    ("GET", "/v1/keys", {"operator"}),
    ("DELETE", "/v1/keys/0", {"operator"}),
    ("POST", "/v1/works", {"operator", "creator"}),
    ("GET", "/v1/works", {"operator", "auditor", "creator"}),
    ("GET", "/v1/works/work_0", {"operator", "auditor", "creator"}),
    ("POST", "/v1/works/work_0/withdrawal", {"operator", "creator"}),
    ("POST", "/v1/index", {"operator"}),
    ("GET", "/v1/works/work_0/overlaps", {"operator", "auditor", "creator"}),
    ("GET", "/v1/overlaps", {"operator", "auditor", "creator"}),
    ("PUT", "/v1/works/work_0/claims", {"operator", "creator"}),
    ("GET", "/v1/works/work_0/claims", {"operator", "auditor", "creator"}),
    ("PUT", "/v1/works/work_0/licence", {"operator", "creator"}),
    ("GET", "/v1/works/work_0/licence", {"operator", "auditor", "creator"}),
    ("POST", "/v1/generations", {"service"}),
    ("GET", "/v1/generations", {"operator", "auditor", "service"}),
    ("GET", "/v1/generations/gen_0", {"operator", "auditor", "service"}),
    ("GET", "/v1/parties/oona-tresker/report", {"operator", "auditor", "creator"}),
    ("GET", "/v1/parties/oona-tresker/uses", {"operator", "auditor", "creator"}),
    ("GET", "/v1/parties/oona-tresker/uses/gen_0", {"operator", "auditor", "creator"}),
    ("GET", "/v1/reviews", {"operator", "auditor"}),
    ("POST", "/v1/reviews/gen_0/work_0", {"operator"}),
    ("PUT", "/v1/works/work_0/licences", {"operator", "creator"}),
    ("GET", "/v1/disputes", EVERYBODY),
    ("POST", "/v1/disputes", EVERYBODY),
    ("GET", "/v1/disputes/dispute_0", EVERYBODY),
    ("POST", "/v1/disputes/dispute_0/steps", EVERYBODY),
    ("GET", "/v1/periods", {"operator", "auditor"}),
    ("POST", "/v1/periods/2026-10", {"operator"}),
    ("GET", "/v1/parties/oona-tresker/statements", {"operator", "auditor", "creator"}),
    ("GET", "/v1/parties/oona-tresker/statements/2026-10", {"operator", "auditor", "creator"}),
    ("GET", "/v1/parties/oona-tresker/statements/2026-10/lines/1", {"operator", "auditor", "creator"}),
    ("POST", "/v1/parties/oona-tresker/payout-terms", {"operator"}),
    ("POST", "/v1/parties/oona-tresker/tax-profiles", {"operator"}),
    ("POST", "/v1/webhook-endpoints", EVERYBODY),
    ("GET", "/v1/webhook-endpoints", EVERYBODY),
    ("POST", "/v1/webhook-endpoints/endpoint_0/secret", EVERYBODY),
    ("PUT", "/v1/webhook-endpoints/endpoint_0/standing", EVERYBODY),
    ("GET", "/v1/webhook-endpoints/endpoint_0/deliveries", EVERYBODY),
    ("POST", "/v1/webhook-deliveries/delivery_0/replay", EVERYBODY),
    ("GET", "/v1/payouts", {"operator", "auditor"}),
    ("POST", "/v1/payouts", {"operator"}),
    ("GET", "/v1/payouts/preview", {"operator", "auditor"}),
    ("GET", "/v1/payouts/payout_0", {"operator", "auditor", "creator"}),
    ("POST", "/v1/payouts/payout_0/approval", {"operator"}),
    ("POST", "/v1/payouts/payout_0/cancellation", {"operator"}),
    ("POST", "/v1/payouts/payout_0/retry", {"operator"}),
    ("POST", "/v1/payouts/payout_0/write-off", {"operator"}),
    ("POST", "/v1/payouts/payout_0/advance", {"operator"}),
    ("GET", "/v1/parties/oona-tresker/payouts", {"operator", "auditor", "creator"}),
    ("GET", "/v1/parties/oona-tresker/payouts/next", {"operator", "auditor", "creator"}),
    ("GET", "/v1/parties/oona-tresker/payee", {"operator", "auditor", "creator"}),
    ("POST", "/v1/parties/oona-tresker/payee", {"operator", "creator"}),
    ("POST", "/v1/parties/oona-tresker/payee/link", {"operator", "creator"}),
    ("POST", "/v1/parties/oona-tresker/payee/refresh", {"operator", "creator"}),
    ("GET", "/v1/log", {"operator", "auditor"}),
    ("GET", "/v1/log/checkpoint", {"operator", "auditor"}),
    ("GET", "/v1/log/tile/0/000", {"operator", "auditor"}),
    ("GET", "/v1/log/consistency", {"operator", "auditor"}),
    ("GET", "/v1/log/facts", {"operator", "auditor"}),
    ("GET", "/v1/log/facts/work/work_0", {"operator", "auditor"}),
    ("POST", "/v1/subscriptions", {"service"}),
    ("GET", "/v1/subscriptions", {"operator", "auditor"}),
    ("GET", "/v1/trial-balance", {"operator", "auditor"}),
    ("GET", "/v1/exports", {"operator", "auditor"}),
]


def test_every_endpoint_is_listed_here(callers: Any) -> None:
    paths = callers.nobody.get("/openapi.json").json()["paths"]
    documented = {(m.upper(), p) for p, operations in paths.items() for m in operations if p.startswith("/v1/")}
    assert len(documented) == len(ENDPOINTS)


@pytest.mark.parametrize(("method", "path", "scopes"), ENDPOINTS, ids=lambda v: v if isinstance(v, str) else "")
def test_only_the_documented_scopes_open_an_endpoint(callers: Any, method: str, path: str, scopes: set[str]) -> None:
    for scope in ("operator", "auditor", "creator", "service"):
        answer = getattr(callers, scope).request(method, path, json={} if method in ("POST", "PUT") else None)
        assert (answer.status_code == 403) == (scope not in scopes), (scope, answer.text)
        if scope not in scopes:
            assert answer.json()["code"] == "forbidden"
    answer = callers.nobody.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer garbage",
        "Bearer prov_",
        "Bearer prov__",
        "Bearer prov_000000000000_" + "0" * 64,
        "Basic cHJvdjpwcm92",
        "Bearer prov_" + "a" * 5_000,
        "Bearer prov_\xe9\xff_x",
        "Bearer prov_' OR 1=1 --_x",
    ],
)
def test_a_key_that_is_none_is_refused_in_the_same_words(callers: Any, header: str) -> None:
    answer = callers.nobody.get("/v1/works", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthenticated"


def test_a_key_with_another_secret_is_refused(callers: Any) -> None:
    token = callers.api.token("oona-tresker", Scope.CREATOR)
    with callers.api.bearing(token) as client:
        assert client.get("/v1/works").status_code == 200
    with callers.api.bearing(token[:-1] + ("0" if token[-1] != "0" else "1")) as client:
        assert client.get("/v1/works").status_code == 401


def test_a_revoked_key_opens_nothing_from_then_on(callers: Any) -> None:
    answer = callers.operator.post("/v1/keys", json={"party": "oona-tresker", "scopes": ["creator", "service"]})
    key = answer.json()
    assert (answer.status_code, key["scopes"], key["revoked_at"]) == (201, ["creator", "service"], None)
    with callers.api.bearing(key["token"]) as client:
        assert client.get("/v1/works").status_code == 200
        assert callers.operator.delete(f"/v1/keys/{key['id']}").status_code == 204
        assert callers.operator.delete(f"/v1/keys/{key['id']}").status_code == 204
        assert client.get("/v1/works").status_code == 401
    listed = callers.operator.get("/v1/keys", params={"limit": 200}).json()["items"]
    assert next(k for k in listed if k["id"] == key["id"])["revoked_at"] is not None


def test_a_key_of_nobody_or_without_scope_is_not_issued(callers: Any) -> None:
    create = callers.operator.post
    assert create("/v1/keys", json={"party": "no-such-party", "scopes": ["creator"]}).status_code == 404
    assert create("/v1/keys", json={"party": "oona-tresker", "scopes": []}).status_code == 422
    assert create("/v1/keys", json={"party": "oona-tresker", "scopes": ["root"]}).status_code == 422
    assert callers.operator.delete("/v1/keys/000000000000").status_code == 404


def test_an_unknown_caller_is_refused_before_the_body_is_read(callers: Any) -> None:
    address = urlsplit(callers.api.url)
    head = f"POST /v1/works HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(f"{head}Content-Length: 60000000\r\n\r\n".encode())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 401 ")


def test_no_answer_and_no_log_line_holds_a_secret(
    fresh: Any, as_work: Any, as_generation: Any, library: Any, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    answers: list[str] = []
    with structlog.testing.capture_logs() as lines:
        issued = fresh.operator.post("/v1/keys", json={"party": "oona-tresker", "scopes": ["creator"]}).json()
        bad = {"Authorization": f"Bearer {issued['token']}x"}
        work, generation = as_work(library["essay-salt-ledger"]), as_generation(library["out-essay-01"])
        calls = [
            fresh.nobody.get("/v1/works", headers=bad),
            fresh.nobody.get(f"/v1/works/{issued['token']}", headers={"Authorization": f"Bearer {issued['token']}"}),
            fresh.operator.get("/v1/keys"),
            fresh.operator.get("/v1/exports"),
            fresh.creator.post("/v1/works", json=work),
            fresh.operator.post("/v1/index"),
            fresh.service.post("/v1/generations", json=generation),
            fresh.service.post("/v1/generations", json=generation | {"price": {"amount": "1", "currency": "USD"}}),
            fresh.creator.get("/v1/parties/oona-tresker/report", params={"since": issued["token"]}),
        ]
        eventually(lambda: sum(line["event"] == "request" for line in lines) > len(calls))
    for answer in calls[:1] + calls[2:-1]:
        answers += [answer.content.decode("latin-1"), repr(answer.headers)]
    secrets = [issued["token"].rsplit("_", 1)[1], *fresh.api.tokens.values()]
    logged = json.dumps(lines, default=repr)
    for secret in secrets:
        assert not [a for a in answers if secret in a]
        assert secret not in logged
    assert work["text"][:40] not in logged
    assert generation["parts"][0]["text"][:40] not in logged
    assert "Oona" not in logged


def test_the_log_has_one_line_a_request_with_the_template_of_its_path(
    callers: Any, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = callers.operator.get("/v1/parties/oona-tresker", headers={"X-Request-Id": "trace-42"})
        eventually(lambda: any(line["event"] == "request" for line in lines))
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/parties/{party}", 200)
    assert line["request_id"] == answer.headers["x-request-id"] == "trace-42"
    assert line["ms"] > 0


@pytest.mark.parametrize("given", ["", "a b", "x" * 101, "\xe9", '{"a":1}'])
def test_a_request_id_that_could_not_stand_in_a_log_is_replaced(callers: Any, given: str) -> None:
    answer = callers.nobody.get("/healthz", headers={"X-Request-Id": given.encode("latin-1")})
    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["cache-control"] == "no-store"
