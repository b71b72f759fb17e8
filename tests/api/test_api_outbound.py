"""Endpoints over HTTP: each party its own, secrets shown once, and what the API records is told."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import structlog.testing
from standardwebhooks import Webhook

from provenance.services.deliver import deliver_due
from provenance.sources.party import Scope
from tests.ports.receivers import receiving

URL = "https://example.com/hooks"
EVENTS = ["generation.recorded", "statement.issued"]


def form(party: str, url: str = URL) -> dict[str, Any]:
    return {"party": party, "url": url, "events": EVENTS}


def test_a_service_hears_of_the_generation_that_it_sent(
    fresh: Any,
    library: Mapping[str, Any],
    as_work: Callable[..., dict[str, Any]],
    as_generation: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = fresh.api.system
    monkeypatch.setattr(system, "settings", system.settings.model_copy(update={"webhook_loopback": True}))
    with receiving() as receiver:
        made = fresh.service.post("/v1/webhook-endpoints", json=form("atlas-writing", receiver.url))
        assert made.status_code == 201, made.text
        assert fresh.creator.post("/v1/works", json=as_work(library["essay-salt-ledger"])).status_code == 201
        assert fresh.operator.post("/v1/index").status_code == 200
        generation = as_generation(library["out-essay-01"])
        sent = fresh.service.post("/v1/generations", json=generation)
        assert sent.status_code == 201, sent.text
        assert len(list(deliver_due(system.database, system.webhook_sender, system.clock))) == 1
        [(headers, body)] = receiver.got
    told = Webhook(made.json()["secret"]).verify(body, headers)
    assert (told["type"], told["data"]["generation"]) == ("generation.recorded", sent.json()["id"])
    assert not [p for p in generation["parts"] if p["text"][:40] in body.decode()], "no text is told"
    deliveries = fresh.service.get(f"/v1/webhook-endpoints/{made.json()['id']}/deliveries").json()["items"]
    assert [d["result"] for d in deliveries] == ["delivered"]
    replayed = fresh.service.post(f"/v1/webhook-deliveries/{deliveries[0]['id']}/replay")
    assert (replayed.status_code, replayed.json()["number"]) == (201, 2)
    assert fresh.other_service.post(f"/v1/webhook-deliveries/{deliveries[0]['id']}/replay").status_code == 404


def test_each_party_has_its_own_endpoints_and_an_operator_all(callers: Any) -> None:
    mine = callers.creator.post("/v1/webhook-endpoints", json=form("oona-tresker")).json()
    refused = callers.creator.post("/v1/webhook-endpoints", json=form("bram-hollevoet"))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert callers.auditor.post("/v1/webhook-endpoints", json=form("oona-tresker")).status_code == 403
    assert callers.operator.post("/v1/webhook-endpoints", json=form("bram-hollevoet")).status_code == 201
    seen = [e["party"] for e in callers.creator.get("/v1/webhook-endpoints").json()["items"]]
    assert seen == ["oona-tresker"]
    assert len(callers.auditor.get("/v1/webhook-endpoints").json()["items"]) == 2
    path = f"/v1/webhook-endpoints/{mine['id']}"
    assert callers.stranger.get(f"{path}/deliveries").status_code == 404
    assert callers.stranger.post(f"{path}/secret").status_code == 404
    standing = {"enabled": False, "note": "It moves."}
    assert callers.stranger.put(f"{path}/standing", json=standing).status_code == 404
    assert callers.auditor.put(f"{path}/standing", json=standing).status_code == 404
    assert callers.creator.put(f"{path}/standing", json=standing).json()["enabled"] is False


def test_a_secret_is_shown_once_and_is_in_no_list_and_no_log(fresh: Any) -> None:
    with structlog.testing.capture_logs() as log:
        made = fresh.creator.post("/v1/webhook-endpoints", json=form("oona-tresker")).json()
        rotated = fresh.creator.post(f"/v1/webhook-endpoints/{made['id']}/secret").json()
        listed = fresh.operator.get("/v1/webhook-endpoints").text
        again = fresh.creator.post("/v1/webhook-endpoints", json=form("oona-tresker"))
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    for secret in (made["secret"], rotated["secret"]):
        assert secret.startswith("whsec_")
        assert secret not in listed + again.text + json.dumps(log, default=str)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.7/",
        "https://169.254.169.254/",
        "javascript:alert(1)",
    ],
)
def test_a_url_that_is_not_public_is_refused(callers: Any, url: str) -> None:
    answer = callers.creator.post("/v1/webhook-endpoints", json=form("oona-tresker", url))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_endpoint")


def test_a_key_of_another_scope_does_for_its_own_party(fresh: Any) -> None:
    token = fresh.api.token("mina", Scope.AUDITOR)
    with fresh.api.bearing(token) as mina:
        assert mina.post("/v1/webhook-endpoints", json=form("mina")).status_code == 201
