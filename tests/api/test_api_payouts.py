"""Payouts over HTTP, against a double of Stripe that reports to the API: operators, creators, and signed reports."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from provenance.adapters.payments import PaymentSetup, open_payments
from provenance.bootstrap import System
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.services.close import close_period
from provenance.services.payout_explain import explain
from provenance.services.payout_views import explained_view
from provenance.services.ports import Encoder
from provenance.services.register import register_party
from provenance.settings import Settings
from provenance.sources.party import Party, Scope
from provenance.statements.accounting_period import parse_accounting_period
from provenance.stripe_double.core.webhooks import sign

OCTOBER = parse_accounting_period("2026-10")


@dataclass(kw_only=True)
class Paying:
    """A server that pays through a double, which reports to it."""

    system: System
    double: Any
    url: str
    operator: httpx.Client
    second: httpx.Client
    creator: httpx.Client
    stranger: httpx.Client
    secrets: list[str]

    def onboard(self) -> str:
        """The creator opens an account, and brings all that it needs."""
        opened = self.creator.post("/v1/parties/oona-tresker/payee", json={"country": "US"})
        assert opened.status_code == 200, opened.text
        account = str(opened.json()["account"])
        self.double.command("accounts/onboard", account=account)
        assert self.creator.post("/v1/parties/oona-tresker/payee/refresh").json()["readiness"] == "ready"
        return account

    def planned(self) -> dict[str, Any]:
        answer = self.operator.post("/v1/payouts", json={"party": "oona-tresker"})
        assert answer.status_code == 201, answer.text
        [payout] = answer.json()["payouts"]
        return dict(payout)

    def report(self, body: bytes, header: str | None = None, *, at: int | None = None) -> httpx.Response:
        signed = sign(self.secrets[0], body, self.double.clock.now() if at is None else at)
        headers = {"Stripe-Signature": header if header is not None else signed, "Content-Type": "application/json"}
        return httpx.post(f"{self.url}/webhooks/stripe", content=body, headers=headers, trust_env=False)


@pytest.fixture
def double(served_double: Any) -> Any:
    served_double.command("funds", amount=100_000, currency="usd")
    return served_double


@pytest.fixture
def paying(
    tmp_path: Path, migrated: Path, encoder: Encoder, double: Any, serve: Callable[[System], Any]
) -> Iterator[Paying]:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(migrated, home / "provenance.db")
    system = System(Settings(home=home), clock=lambda: datetime.fromtimestamp(double.clock.now(), UTC))
    system.__dict__["encoder"] = encoder
    owe(system)
    with serve(system) as api:
        hooks = f"{api.url}/webhooks/stripe"
        secrets = [
            str(
                double.client.v1.webhook_endpoints.create(
                    {"url": hooks, "enabled_events": ["*"], "connect": connect}
                ).secret
            )
            for connect in (False, True)
        ]
        # The endpoints' secrets are known once there is an address to report to.
        setup = PaymentSetup(
            limits="USD=20",
            minimums="",
            stripe_key=double.key,
            stripe_secrets=",".join(secrets),
            stripe_api_url=double.url,
            return_url="http://127.0.0.1/",
        )
        system.__dict__["payments"] = open_payments(setup)
        clients = {
            name: httpx.Client(
                base_url=api.url,
                headers={"Authorization": f"Bearer {api.token(party, scope)}"},
                timeout=60,
                trust_env=False,
            )
            for name, party, scope in (
                ("operator", "the-operator", Scope.OPERATOR),
                ("second", "the-second", Scope.OPERATOR),
                ("creator", "oona-tresker", Scope.CREATOR),
                ("stranger", "bram-hollevoet", Scope.CREATOR),
            )
        }
        yield Paying(system=system, double=double, url=api.url, secrets=secrets, **clients)
        for client in clients.values():
            client.close()


def owe(system: System) -> None:
    """25.004321 USD are payable to the creator by October."""
    at = OCTOBER.until - timedelta(days=3)
    for party in ("oona-tresker", "the-operator"):
        register_party(system.database, Party(id=party, name=party.title()), at=at)
    payable = Account(kind=AccountKind.PARTY_PAYABLE, party="oona-tresker", currency="USD")
    revenue = Account(kind=AccountKind.GENERATION_REVENUE, currency="USD")
    entries = entries_of([(payable, -25_004_321), (revenue, 25_004_321)])
    with system.database.begin(write=True) as work:
        work.books.post(Transaction(business_key="x", cause="correction", entries=entries, effective_at=at), at)
        work.commit()
    close_period(system.database, OCTOBER, closed_by="the-operator", at=system.clock())


def test_a_creator_is_paid_and_reports_move_it_on(paying: Paying, eventually: Callable[..., None]) -> None:
    paying.onboard()
    payout = paying.planned()
    approved = paying.second.post(f"/v1/payouts/{payout['id']}/approval").json()
    assert (approved["state"], approved["approved_by"]) == ("reserved", ["the-operator", "the-second"])
    assert paying.operator.post(f"/v1/payouts/{payout['id']}/advance").json()["state"] == "confirmed"
    paying.double.command("clock", seconds=4 * 86_400)
    paying.double.client.v1.balance.retrieve()  # wakes what delivers

    def settled() -> bool:
        return bool(paying.creator.get(f"/v1/payouts/{payout['id']}").json()["state"] == "settled")

    eventually(settled)
    explained = paying.creator.get(f"/v1/payouts/{payout['id']}").json()
    system = paying.system
    found = explain(system.database, system.payments.providers, payout["id"], system.clock)
    assert explained == explained_view(found), "the schema loses no member of the view"
    assert [(n["period"], n["line"]) for n in explained["lines"]] == [("2026-10", 1)]
    [listed] = paying.creator.get("/v1/parties/oona-tresker/payouts").json()["items"]
    assert listed["state"] == "settled"
    assert paying.creator.get("/v1/parties/oona-tresker/payouts/next").json()["payouts"] == []


def test_a_creator_sees_what_is_missing_and_what_comes_next(paying: Paying) -> None:
    before = paying.creator.get("/v1/parties/oona-tresker/payee").json()
    assert (before["account"], before["readiness"]) == (None, None)
    [skipped] = paying.creator.get("/v1/parties/oona-tresker/payouts/next").json()["skipped"]
    assert (skipped["why"], skipped["due"]["amount"]) == ("no_account", "25.004321")
    opened = paying.creator.post("/v1/parties/oona-tresker/payee", json={"country": "US"}).json()
    assert "external_account" in opened["missing"]
    assert paying.creator.post("/v1/parties/oona-tresker/payee/link").json()["url"].startswith(paying.double.url)
    paying.onboard()
    [coming] = paying.creator.get("/v1/parties/oona-tresker/payouts/next").json()["payouts"]
    assert coming["amount"] == {"amount": "25.000000", "currency": "USD"}


def test_nobody_sees_or_moves_what_is_not_theirs(paying: Paying) -> None:
    paying.onboard()
    payout = paying.planned()["id"]
    for path in ("payouts", "payouts/next", "payee"):
        assert paying.stranger.get(f"/v1/parties/oona-tresker/{path}").status_code == 403
    assert paying.stranger.get(f"/v1/payouts/{payout}").status_code == 404
    assert paying.creator.get("/v1/payouts").status_code == 403
    for action in ("approval", "advance"):
        assert paying.creator.post(f"/v1/payouts/{payout}/{action}").status_code == 403
    assert paying.creator.post(f"/v1/payouts/{payout}/cancellation", json={"reason": "x"}).status_code == 403
    assert paying.stranger.post("/v1/parties/oona-tresker/payee", json={"country": "US"}).status_code == 403
    assert paying.stranger.post("/v1/parties/oona-tresker/payee/link").status_code == 403


def test_an_operator_cancels_and_what_is_over_stays_over(paying: Paying) -> None:
    paying.onboard()
    payout = paying.planned()["id"]
    cancelled = paying.operator.post(f"/v1/payouts/{payout}/cancellation", json={"reason": "Too early"})
    assert cancelled.json()["state"] == "cancelled"
    refused = paying.operator.post(f"/v1/payouts/{payout}/retry", json={"reason": "After all"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert paying.operator.get("/v1/payouts?state=cancelled").json()["items"][0]["id"] == payout
    assert paying.operator.get("/v1/payouts/preview").json()["payouts"][0]["number"] == 2


@pytest.mark.parametrize("header", ["", "t=1,v1=00", "x" * 5_000])
def test_a_report_that_nobody_signed_is_refused(paying: Paying, header: str) -> None:
    answer = paying.report(b'{"id":"evt_1","object":"event"}', header)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    with paying.system.database.begin() as work:
        assert work.inbox.page(limit=10).items == ()


def test_a_stale_report_is_refused(paying: Paying) -> None:
    event = {"id": "evt_1", "object": "event", "type": "x.y", "data": {"object": {"id": "x_1", "object": "x"}}}
    answer = paying.report(json.dumps(event).encode(), at=paying.double.clock.now() - 400)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")


def test_a_signed_report_is_taken_in_once_and_told_apart_later(paying: Paying, eventually: Callable[..., None]) -> None:
    event = {"id": "evt_1", "object": "event", "type": "x.y", "data": {"object": {"id": "x_1", "object": "x"}}}
    body = json.dumps(event).encode()
    first, again = paying.report(body), paying.report(body)
    assert (first.status_code, first.json()) == (202, {"taken_in": True})
    assert (again.status_code, again.json()) == (202, {"taken_in": False})

    def told() -> bool:
        with paying.system.database.begin() as work:
            found = [r.made for r in work.inbox.page(limit=100).items if r.reported.id == "evt_1"]
        return found == ["unknown_type"]

    eventually(told)


def test_without_secrets_there_is_no_such_place(fresh: Any) -> None:
    answer = fresh.nobody.post("/webhooks/stripe", content=b"{}", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert fresh.operator.get("/v1/payouts/preview").json()["code"] == "unavailable"
