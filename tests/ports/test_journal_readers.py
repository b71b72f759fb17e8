"""The exported journal, read by hledger and beancount: they accept it, and come to the sums of the database."""

import csv
import io
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.money import parse_money
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.journal import Beancount, Hledger, JournalFormat
from provenance.ledger.transaction import Entry, Transaction
from provenance.services.exchange import exchange_owed
from provenance.services.journal import journal
from provenance.services.rates import record_rate

from .closing_story import post
from .closing_values import subscribe
from .sql_story import AT, Story

needs_hledger = pytest.mark.skipif(
    shutil.which("hledger") is None, reason="hledger isn't installed: apt-get install hledger"
)


def _text(database: SqlDatabase, form: JournalFormat) -> str:
    return "".join(journal(database, form, at=AT))


def _sums(database: SqlDatabase) -> Mapping[Account, int]:
    with database.begin() as work:
        return dict(work.books.balances())


def _hledger(text: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = folder / "books.journal"
    file.write_text(text, encoding="utf-8")
    command = ["hledger", "-f", str(file), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})


def _beancount(text: str) -> tuple[list[Any], list[Any]]:
    loader = pytest.importorskip("beancount.loader", reason="beancount isn't installed")
    entries, errors, _ = loader.load_string(text)
    return entries, errors


@needs_hledger
def test_hledger_accepts_the_journal_and_comes_to_the_same_sums(
    database: SqlDatabase, recorded: Story, tmp_path: Path
) -> None:
    text = _text(database, JournalFormat.HLEDGER)
    checked = _hledger(text, tmp_path, "check", "-s")
    assert (checked.returncode, checked.stderr) == (0, "")
    answered = _hledger(text, tmp_path, "balance", "--flat", "-E", "-N", "-O", "csv", "--layout", "tidy")
    found = {(r["account"], r["commodity"]): r["value"] for r in csv.DictReader(io.StringIO(answered.stdout))}
    sums = _sums(database)
    assert len(sums) > 5
    for account, micros in sums.items():
        name = next(n for n, c in found if c == account.currency and n.partition(":")[2] == _path(account))
        assert parse_money(found[name, account.currency], account.currency).micros == micros


def test_beancount_accepts_the_journal_and_comes_to_the_same_sums(database: SqlDatabase, recorded: Story) -> None:
    entries, errors = _beancount(_text(database, JournalFormat.BEANCOUNT))
    assert not errors
    found: dict[tuple[str, str], Any] = {}
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            key = (posting.account, posting.units.currency)
            found[key] = found.get(key, 0) + posting.units.number * 1_000_000
    assert sorted(int(m) for m in found.values()) == sorted(_sums(database).values())


@needs_hledger
def test_hledger_refuses_the_journal_where_an_amount_was_changed(
    database: SqlDatabase, recorded: Story, tmp_path: Path
) -> None:
    text = _text(database, JournalFormat.HLEDGER)
    head, _, tail = text.partition("* closing balances\n")
    last = tail.splitlines()[0]
    amount = last.rsplit("= ", 1)[1].split(" ")[0]
    changed = amount[:-1] + ("1" if amount[-1] == "0" else "0")
    forged = f"{head}* closing balances\n{tail.replace(f'= {amount} ', f'= {changed} ', 1)}"
    assert _hledger(forged, tmp_path, "check", "-s").returncode != 0


def test_beancount_refuses_a_balance_that_is_off_by_a_micro_unit(database: SqlDatabase, recorded: Story) -> None:
    text = _text(database, JournalFormat.BEANCOUNT)
    line = next(n for n in text.splitlines() if " balance " in n)
    amount = line.split("  ")[1].split(" ~ ")[0]
    changed = amount[:-1] + ("1" if amount[-1] == "0" else "0")
    assert _beancount(text.replace(line, line.replace(amount, changed)))[1]


ODD = ("a", "0", "a-b", "a.b", "a_b", "a--b", "a-.b", "a_-b", "x" * 64, "a-d", "a-u")


def _transaction() -> Transaction:
    owed = [Account(kind=AccountKind.PARTY_PAYABLE, party=p, currency=c) for p in ODD for c in ("USD", "JPY")]
    pools = {c: Account(kind=AccountKind.UNATTRIBUTED_POOL, currency=c) for c in ("USD", "JPY")}
    legs = [Entry(account=a, micros=-(n + 1)) for n, a in enumerate(owed)]
    rest = {c: -sum(e.micros for e in legs if e.account.currency == c) for c in pools}
    entries = (*legs, *(Entry(account=pools[c], micros=m) for c, m in rest.items()))
    return Transaction(
        business_key='odd "key" \\ ; |',
        cause="accrual",
        entries=entries,
        effective_at=datetime(2026, 2, 28, tzinfo=UTC),
    )


@needs_hledger
def test_hledger_reads_any_party_as_an_account_of_its_own(tmp_path: Path) -> None:
    made, text = _transaction(), Hledger()
    sums = {e.account: e.micros for e in made.entries}
    pieces = [*text.accounts(sums), text.transaction(made), *text.balances(sums, made.effective_at.date())]
    checked = _hledger("".join(pieces), tmp_path, "check", "-s")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_beancount_reads_any_party_as_an_account_of_its_own() -> None:
    made, text = _transaction(), Beancount()
    sums = {e.account: e.micros for e in made.entries}
    pieces = [*text.accounts(sums), text.transaction(made), *text.balances(sums, made.effective_at.date())]
    entries, errors = _beancount("".join(pieces))
    assert not errors
    opened = [e.account for e in entries if type(e).__name__ == "Open"]
    assert len(set(opened)) == len(ODD) + 1


def test_books_without_a_transaction_make_a_journal_too(database: SqlDatabase, tmp_path: Path) -> None:
    assert not _beancount(_text(database, JournalFormat.BEANCOUNT))[1]
    assert "closing" not in _text(database, JournalFormat.HLEDGER)


def _path(account: Account) -> str:
    return ":".join(filter(None, (account.kind.value, account.party)))


@pytest.mark.parametrize("form", [pytest.param(JournalFormat.HLEDGER, marks=needs_hledger), JournalFormat.BEANCOUNT])
def test_exchanges_and_subscription_money_are_read_too(
    database: SqlDatabase, opened: Any, tmp_path: Path, form: JournalFormat
) -> None:
    post(database, "more", "correction", 10_842_000, effective=AT, at=AT)
    record_rate(database, opened.rate, at=AT)
    money = parse_money("10.842", "USD")
    exchange_owed(database, "ann", money, "EUR", reference="r", on=AT.date(), days_old_max=9, at=AT)
    subscribe(database, AT)
    text = _text(database, form)
    assert "fx_liquidity" in text or "FxLiquidity" in text
    if form is JournalFormat.BEANCOUNT:
        assert not _beancount(text)[1]
    else:
        checked = _hledger(text, tmp_path, "check", "-s")
        assert (checked.returncode, checked.stderr) == (0, "")
