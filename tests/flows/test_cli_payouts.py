"""Payouts at the command line, against a double of Stripe over loopback: from a closed month to a creator's bank."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.bootstrap import System
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.services.payout_advance import advance_all
from provenance.settings import Settings

Run = Callable[..., Any]
IN_OCTOBER = datetime(2026, 10, 20, tzinfo=UTC)


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch, served_double: Any) -> Any:
    monkeypatch.setenv("PROVENANCE_STRIPE_KEY", served_double.key)
    monkeypatch.setenv("PROVENANCE_STRIPE_API_URL", served_double.url)
    served_double.command("funds", amount=100_000, currency="usd")
    return served_double


@pytest.fixture
def owed(bare: Run, home: Path) -> None:
    """Ann is owed 25.004321 USD and bob 2,000 by the closed month of October."""
    assert bare("migrate").code == 0
    for party in ("ann", "bob", "press", "second"):
        assert bare("parties", "add", party, "--name", party.title()).code == 0
    system = System(Settings())
    revenue = Account(kind=AccountKind.GENERATION_REVENUE, currency="USD")
    with system.database.begin(write=True) as work:
        for party, micros in (("ann", 25_004_321), ("bob", 2_000_000_000)):
            payable = Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency="USD")
            entries = entries_of([(payable, -micros), (revenue, micros)])
            transaction = Transaction(business_key=party, cause="correction", entries=entries, effective_at=IN_OCTOBER)
            work.books.post(transaction, IN_OCTOBER)
        work.commit()
    system.close()
    assert bare("period", "close", "2026-10", "--as", "press").code == 0


def onboard(bare: Run, double: Any, party: str) -> str:
    opened = bare("payee", "open", party, "--country", "US", "--json").json
    assert opened["readiness"] == "incomplete"
    assert "external_account" in opened["missing"]
    assert bare("payee", "link", party).out.startswith(double.url)
    double.command("accounts/onboard", account=opened["account"])
    assert bare("payee", "refresh", party, "--json").json["readiness"] == "ready"
    return str(opened["account"])


def test_a_creator_is_paid_from_statement_to_bank(bare: Run, owed: None, double: Any) -> None:
    assert [s["why"] for s in bare("payouts", "preview", "--as", "press", "--json").json["skipped"]] == [
        "no_account"
    ] * 2
    onboard(bare, double, "ann")
    planned = bare("payouts", "run", "--as", "press", "--json").json
    [payout] = planned["payouts"]
    assert payout["amount"] == {"amount": "25.000000", "currency": "USD"}
    sent = bare("payouts", "advance", "--json").json["payouts"]
    assert [(p["id"], p["state"], p["moved"]) for p in sent] == [(payout["id"], "confirmed", True)]
    double.command("clock", seconds=4 * 86_400)
    assert bare("payouts", "advance", "--json").json["payouts"][0]["state"] == "settled"
    assert bare("payouts", "advance", "--json").json["payouts"] == [], "what is settled isn't looked at for ever"
    explained = bare("payouts", "explain", payout["id"], "--json").json
    assert (explained["settles"], explained["carried_out"]) == ("25.004321", "0.004321")
    assert [(n["period"], n["line"], n["kind"]) for n in explained["lines"]] == [("2026-10", 1, "adjusted")]
    assert bare("trial-balance", "--json").code == 0


def test_tables_say_the_same_to_a_person(bare: Run, owed: None, double: Any) -> None:
    onboard(bare, double, "ann")
    assert "25.000000 USD" in bare("payouts", "preview", "--as", "press").out
    out = bare("payouts", "run", "--as", "press").out
    assert "no_account" in out
    [payout] = [line["id"] for line in bare("payouts", "list", "--json").json["payouts"]]
    assert "reserved" in bare("payouts", "list").out
    assert "no payouts" in bare("payouts", "list", "--state", "failed").out
    assert "confirmed" in bare("payouts", "advance").out
    assert "transfer" in bare("payouts", "show", payout, "--json").out
    shown = bare("payouts", "explain", payout).out
    for word in ("2026-10", "Carried on", "25.000000", "provenance statement ann"):
        assert word in shown
    assert "ready" in bare("payee", "show", "ann").out


def test_above_the_limit_a_second_person_approves(bare: Run, owed: None, double: Any) -> None:
    onboard(bare, double, "bob")
    [payout] = bare("payouts", "run", "--as", "press", "--json").json["payouts"]
    assert payout["approvals"] == 2
    assert bare("payouts", "advance", "--json").json["payouts"][0]["next"]["why"] == "approval"
    assert bare("payouts", "approve", payout["id"], "--as", "press", "--json").json["state"] == "planned", (
        "twice is once"
    )
    approved = bare("payouts", "approve", payout["id"], "--as", "second", "--json").json
    assert (approved["state"], approved["approved_by"]) == ("reserved", ["press", "second"])
    assert bare("payouts", "run", "--as", "press", "--json").json["payouts"] == []


def test_what_is_cancelled_keeps_its_history_and_is_planned_anew(bare: Run, owed: None, double: Any) -> None:
    onboard(bare, double, "ann")
    [payout] = bare("payouts", "run", "--as", "press", "--json").json["payouts"]
    cancelled = bare("payouts", "cancel", payout["id"], "--as", "press", "--reason", "Wrong month", "--json").json
    assert (cancelled["state"], cancelled["events"][-1]["reason"]) == ("cancelled", "Wrong month")
    assert [e["what"] for e in cancelled["events"]] == ["approved", "reserved", "cancelled"]
    [again] = bare("payouts", "run", "--as", "press", "--json").json["payouts"]
    assert (again["number"], again["amount"]) == (2, payout["amount"])
    failed = bare("payouts", "retry", payout["id"], "--as", "press", "--reason", "x", "--json")
    assert (failed.code, json.loads(failed.err)["error"]) == (1, "conflict")


def test_an_outage_is_said_and_got_over(bare: Run, owed: None, double: Any) -> None:
    onboard(bare, double, "ann")
    [payout] = bare("payouts", "run", "--as", "press", "--json").json["payouts"]
    double.command("faults", kind="timeout_after", path="/v1/transfers")
    [stuck] = bare("payouts", "advance", "--json").json["payouts"]
    assert (stuck["state"], stuck["unanswered"], stuck["next"]["step"]) == ("sent", "no_answer", "wait")
    retried = bare("payouts", "retry", payout["id"], "--as", "press", "--reason", "It is back", "--json").json
    assert retried["state"] == "confirmed"
    assert len(double.client.v1.transfers.list().data) == 1


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["payouts", "show", "payout_nobody"], "not_found"),
        (["payouts", "approve", "payout_nobody", "--as", "press"], "not_found"),
        (["payouts", "list", "--state", "paid"], "invalid_input"),
        (["payouts", "run", "--as", "nobody"], "not_found"),
        (["payee", "open", "nobody", "--country", "US"], "not_found"),
        (["payee", "link", "ann"], "not_found"),
        (["payouts", "cancel", "payout_nobody", "--as", "press", "--reason", " "], "invalid_input"),
    ],
)
def test_what_can_not_be_done_is_said_with_its_code(
    bare: Run, owed: None, double: Any, command: list[str], code: str
) -> None:
    failed = bare(*command, "--json")
    assert failed.code == 1
    assert json.loads(failed.err)["error"] == code


def test_without_a_provider_it_says_what_to_set(bare: Run, owed: None) -> None:
    failed = bare("payouts", "preview", "--json")
    assert json.loads(failed.err)["error"] == "unavailable"
    assert "PROVENANCE_STRIPE_KEY" in failed.err


@pytest.mark.parametrize(("name", "value"), [("PAYOUT_LIMITS", "USD=lots"), ("STRIPE_API_URL", "http://example.org")])
def test_a_setting_that_can_not_be_is_refused_and_no_key_is_shown(
    bare: Run, owed: None, double: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PROVENANCE_{name}", value)
    failed = bare("payouts", "preview", "--as", "press", "--json")
    assert failed.code == 1
    assert double.key not in failed.err + failed.out + repr(Settings())


def test_all_that_lacked_money_go_on_together_once_there_is_some(bare: Run, owed: None, double: Any) -> None:
    for party in ("ann", "bob"):
        onboard(bare, double, party)
    for payout in bare("payouts", "run", "--as", "press", "--json").json["payouts"]:
        bare("payouts", "approve", payout["id"], "--as", "second")
    double.command("faults", kind="insufficient_funds", path="/v1/transfers", times=16)
    _pass_hours(12 * 7)
    stuck = bare("payouts", "advance", "--json").json["payouts"]
    assert {p["next"]["why"] for p in stuck} == {"refused"}
    double.command("funds", amount=300_000, currency="usd")
    went_on = bare("payouts", "retry", "--as", "press", "--reason", "Funded", "--json").json["payouts"]
    assert {p["state"] for p in went_on} == {"confirmed"}
    assert len(went_on) == 2
    assert bare("payouts", "retry", "--as", "press", "--reason", "Funded", "--json").json["payouts"] == []


def _pass_hours(hours: int) -> None:
    """Move everything on, every seven hours, as if they passed."""
    system = System(Settings())
    for passed in range(0, hours, 7):
        later = system.clock() + timedelta(hours=passed)
        for _ in advance_all(system.database, system.payments.providers, lambda: later):  # noqa: B023  used at once
            pass
    system.close()
