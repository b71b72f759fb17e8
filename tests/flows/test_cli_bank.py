"""Payouts by bank files at the command line, from a closed month to books that fit; and outbound webhooks beside it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from provenance.bank_files.pain001_reading import read_sent
from provenance.bootstrap import System
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.settings import Settings
from tests.ports.receivers import receiving
from tests.unit.bank_files.message_values import camt054, details, entry, pain002

Run = Callable[..., Any]
IBAN = "FR14 2004 1010 0505 0001 3M02 606"


@pytest.fixture
def owed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An October is closed, and ann is owed 25 euros; our account pays."""
    monkeypatch.setenv("PROVENANCE_PAYER_NAME", "Provenance GmbH")
    monkeypatch.setenv("PROVENANCE_PAYER_IBAN", "DE89 3704 0044 0532 0130 00")
    assert run("migrate").code == 0
    for party in ("ann", "library"):
        assert run("parties", "add", party, "--name", party).code == 0
    system = System(Settings())
    accounts = [
        (Account(kind=AccountKind.PARTY_PAYABLE, party="ann", currency="EUR"), -25_000_000),
        (Account(kind=AccountKind.UNATTRIBUTED_POOL, currency="EUR"), 25_000_000),
    ]
    with system.database.begin(write=True) as work:
        at = datetime(2020, 10, 20, tzinfo=UTC)
        posted = Transaction(business_key="k", cause="correction", entries=entries_of(accounts), effective_at=at)
        work.books.post(posted, system.clock())
        work.commit()
    system.close()
    assert run("period", "close", "2020-10").code == 0


def test_a_month_is_paid_by_a_file_and_everything_fits(run: Run, owed: None, tmp_path: Path) -> None:
    assert run("payee", "bank", "ann", "--name", "Änne", "--iban", IBAN, "--json").code == 0
    [payout] = run("payouts", "run", "--json").json["payouts"]
    assert run("payouts", "advance").code == 0
    written = run("payouts", "file", "--json").json
    sent = read_sent(Path(written["file"]).read_bytes())
    [(order, amount)] = sent.amounts.items()
    assert (written["payments"], str(amount)) == (1, "25.00 EUR")
    assert run("payouts", "file").out == "Nothing waits for the bank.\n"
    answer = tmp_path / "from-the-bank.xml"
    answer.write_bytes(camt054([entry(details(order, "25.00"), amount="25.00")]))
    imported = run("payouts", "import", str(answer), "--json")
    assert (imported.code, imported.json["outcomes"][0]["kind"]) == (0, "confirmed")
    assert run("payouts", "import", str(answer), "--json").json["again"]
    shown = run("payouts", "show", payout["id"], "--json").json
    assert shown["state"] == "settled"
    fits = run("payouts", "reconcile")
    assert (fits.code, fits.out) == (0, "Everything fits.\n")
    for words in (["payouts", "show", payout["id"]], ["payouts", "explain", payout["id"]], ["payee", "show", "ann"]):
        for flag in ([], ["--json"]):
            assert "FR1420041010050500013M02606" not in run(*words, *flag).out
    assert run("payee", "show", "ann", "--json").json["account"] == "FR…2606"


def test_what_the_bank_refuses_is_told_with_its_mend(run: Run, owed: None, tmp_path: Path) -> None:
    run("payee", "bank", "ann", "--name", "Anne", "--iban", IBAN)
    run("payouts", "run")
    run("payouts", "advance")
    written = run("payouts", "file", "--json").json
    answer = tmp_path / "refused.xml"
    answer.write_bytes(pain002(written["message_id"], group="RJCT", reason="AM04"))
    imported = run("payouts", "import", str(answer))
    assert imported.code == 0
    assert "Fund it" in imported.err
    answer.write_bytes(b"<!DOCTYPE x><x/>")
    refused = run("payouts", "import", str(answer), "--json")
    assert refused.code == 1
    assert "unreadable_bank_message" in refused.err


def test_an_account_that_no_bank_takes_is_refused_by_its_rule(run: Run, owed: None) -> None:
    refused = run("payee", "bank", "ann", "--name", "Anne", "--iban", IBAN.replace("14", "15", 1))
    assert refused.code == 1
    assert "check digits" in refused.err
    assert run("payee", "bank", "ann", "--name", "Άννα", "--iban", IBAN).code == 1


def test_without_an_account_of_ours_nothing_is_written(run: Run) -> None:
    assert run("migrate").code == 0
    missing = run("payouts", "file")
    assert missing.code == 1
    assert "PROVENANCE_PAYER_IBAN" in missing.err


def test_a_break_is_shown_with_what_to_do_and_fails_the_command(run: Run, owed: None) -> None:
    run("payee", "bank", "ann", "--name", "Anne", "--iban", IBAN)
    run("payouts", "run")
    run("payouts", "advance")
    assert run("payouts", "reconcile").code == 0, "it is on its way"
    on_its_way = run("payouts", "reconcile", "--all", "--json")
    assert [b["kind"] for b in on_its_way.json["items"]] == ["in_flight"]
    assert (on_its_way.json["breaks"], on_its_way.json["items"][0]["harmless"]) == (0, True)


def test_a_party_hears_of_its_payout(run: Run, owed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROVENANCE_WEBHOOK_LOOPBACK", "1")
    with receiving() as receiver:
        added = run("webhooks", "add", "ann", receiver.url, "--event", "payout.paid")
        assert added.code == 0
        secret = added.out.strip()
        assert secret.startswith("whsec_")
        run("payee", "bank", "ann", "--name", "Anne", "--iban", IBAN)
        run("payouts", "run")
        run("payouts", "advance")
        order = next(iter(read_sent(Path(run("payouts", "file", "--json").json["file"]).read_bytes()).amounts))
        answer = tmp_path / "booked.xml"
        answer.write_bytes(camt054([entry(details(order, "25.00"), amount="25.00")]))
        assert run("payouts", "import", str(answer)).code == 0
        assert run("webhooks", "deliver").out == "1 of 1 taken.\n"
        [(headers, body)] = receiver.got
        told = Webhook(secret).verify(body, headers)
        assert (told["type"], told["data"]["amount"]) == ("payout.paid", "25.000000")
        [endpoint] = run("webhooks", "list", "--json").json["endpoints"]
        [delivery] = run("webhooks", "list", "--deliveries", endpoint["id"], "--json").json["deliveries"]
        assert delivery["result"] == "delivered"
        receiver.answers = [(500, {})]
        assert run("webhooks", "replay", delivery["id"]).code == 0
        assert run("webhooks", "deliver").code == 3
        assert run("webhooks", "disable", endpoint["id"]).code == 0
        assert run("webhooks", "enable", endpoint["id"]).code == 0
        rotated = run("webhooks", "rotate", endpoint["id"]).out.strip()
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]+", rotated)
        assert rotated != secret
        listed = "".join(run("webhooks", *words).out for words in (["list"], ["list", "--deliveries", endpoint["id"]]))
        assert secret not in listed
        assert rotated not in listed


def test_a_url_that_is_not_public_is_refused(run: Run, owed: None) -> None:
    for url in ("http://example.com/", "https://169.254.169.254/", "http://127.0.0.1:1/"):
        refused = run("webhooks", "add", "ann", url, "--event", "payout.paid")
        assert refused.code == 1
        assert "public" in refused.err
