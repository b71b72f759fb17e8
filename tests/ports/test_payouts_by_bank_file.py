"""Payouts through a bank: orders, files, and what the bank says; on both databases, and killed at every write."""

import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.bank_file import folder as folders
from provenance.adapters.bank_file.folder import FILED, FILES, ORDERS, BankFolder
from provenance.adapters.bank_file.provider import NAME
from provenance.adapters.sql import SqlDatabase
from provenance.bank_files.account import BankAccount
from provenance.bank_files.account_text import account_text, holder_from
from provenance.bank_files.pain001_reading import read_sent
from provenance.bank_files.transfer import Holder
from provenance.kernel.errors import ContradictoryBankMessage, InvalidBankFile, InvalidInput, NotFound
from provenance.payouts.event import State
from provenance.payouts.next_step import AskPerson
from provenance.payouts.payee_account import Readiness
from provenance.services.payees import payee, state_account
from tests.unit.bank_files.message_values import batch, camt054, details, entry, pain002, status

from .bank_story import CASH, CLEARING, DAY, PAYABLE, ByBank, booked, closed_month, paid, payee_holder


@pytest.fixture
def by_bank(database: SqlDatabase, opened: Any, tmp_path: Path) -> ByBank:
    return closed_month(database, tmp_path / "bank")


def test_a_file_pays_each_payout_once_and_stays_as_it_was(by_bank: ByBank) -> None:
    payouts = by_bank.by_bank()
    filed = by_bank.file()
    assert filed is not None
    sent = read_sent(filed.path.read_bytes())
    assert sent.amounts == {by_bank.order_of(p): sent.amounts[by_bank.order_of(p)] for p in payouts.values()}
    assert sorted(a.minor_units for a in sent.amounts.values()) == sorted(p.minor_units for p in payouts.values())
    for payout in payouts.values():
        by_bank.clock.forward(hours=8)
        by_bank.go_on(payout)
    assert by_bank.file() is None, "nothing waits any more"
    assert len(by_bank.bank.folder.names(FILES)) == 1


def test_cash_leaves_the_books_when_the_bank_has_booked_it(by_bank: ByBank) -> None:
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    assert by_bank.state(ann) is State.CONFIRMED
    assert by_bank.balance(CASH) == 0
    by_bank.hears(booked(by_bank, ann), ann)
    assert by_bank.state(ann) is State.SETTLED
    assert by_bank.balance(CASH) == -ann.money.micros
    assert by_bank.balance(CLEARING, "ann") == 0
    assert by_bank.books_balance()


def test_what_the_bank_refuses_is_owed_again_and_a_closed_account_is_dead(by_bank: ByBank) -> None:
    owed = -by_bank.balance(PAYABLE, "ann")
    ann = by_bank.by_bank()["ann"]
    filed = by_bank.file()
    assert filed is not None
    batch_id = next(iter(read_sent(filed.path.read_bytes()).batches))
    refused = pain002(filed.message_id, batch(batch_id, status(by_bank.order_of(ann), "RJCT", reason="AC04")))
    by_bank.hears(refused, ann)
    assert by_bank.state(ann) is State.RETURNED
    assert -by_bank.balance(PAYABLE, "ann") == owed
    state = payee(by_bank.database, "ann", NAME).state
    assert state is not None
    assert (state.readiness, state.code) == (Readiness.DEAD, "account_closed")


def test_what_comes_back_after_it_was_booked_is_owed_again(by_bank: ByBank) -> None:
    owed = -by_bank.balance(PAYABLE, "ann")
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    by_bank.hears(booked(by_bank, ann), ann)
    back = camt054([entry(details(by_bank.order_of(ann), paid(ann), currency="USD", reason="MS02"), direction="CRDT")])
    by_bank.hears(back, ann)
    assert by_bank.state(ann) is State.RETURNED
    assert by_bank.balance(CASH) == 0
    assert -by_bank.balance(PAYABLE, "ann") == owed
    assert by_bank.books_balance()


def test_messages_that_come_late_or_twice_move_nothing_back(by_bank: ByBank) -> None:
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    debit = booked(by_bank, ann)
    back = camt054([entry(details(by_bank.order_of(ann), paid(ann), currency="USD", reason="MS02"), direction="CRDT")])
    assert not by_bank.hears(back, ann).again
    assert by_bank.state(ann) is State.RETURNED
    by_bank.hears(debit, ann)
    assert by_bank.hears(back, ann).again
    assert by_bank.state(ann) is State.RETURNED
    assert by_bank.books_balance()


def test_an_amount_that_differs_from_the_intent_moves_nothing_until_a_person_looks(by_bank: ByBank) -> None:
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    by_bank.hears(camt054([entry(details(by_bank.order_of(ann), "1.00", currency="USD"))]), ann)
    assert by_bank.state(ann) is State.CONFIRMED
    assert by_bank.go_on(ann).next == AskPerson(why="differs", code="another_amount")
    assert by_bank.balance(CASH) == 0


def test_a_message_that_contradicts_what_the_bank_said_leaves_no_trace(by_bank: ByBank) -> None:
    payouts = by_bank.by_bank()
    ann, bob = payouts["ann"], payouts["bob"]
    filed = by_bank.file()
    assert filed is not None
    by_bank.hears(booked(by_bank, ann), ann)
    with pytest.raises(ContradictoryBankMessage):
        by_bank.hears(pain002(filed.message_id, group="RJCT", reason="FF01"))
    assert by_bank.bank.outcomes(by_bank.order_of(bob)) == ()


def test_what_is_not_ours_is_counted_and_what_we_never_wrote_is_refused(by_bank: ByBank) -> None:
    by_bank.by_bank()
    by_bank.file()
    strange = camt054([entry(details("../../etc/passwd")), entry(details("PO" + "0" * 32)), entry()])
    assert (by_bank.hears(strange).others, by_bank.hears(strange).outcomes) == (3, ())
    with pytest.raises(NotFound):
        by_bank.hears(pain002("../M1", group="RJCT"))


def test_a_payment_that_the_bank_booked_twice_is_told(by_bank: ByBank) -> None:
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    by_bank.hears(booked(by_bank, ann), ann)
    again = booked(by_bank, ann).replace(b"REF-9", b"REF-10")
    assert by_bank.hears(again).booked_twice == (by_bank.order_of(ann),)


def test_a_file_for_a_day_that_is_over_is_not_written_and_the_orders_wait(by_bank: ByBank) -> None:
    payouts = by_bank.by_bank()
    with pytest.raises(InvalidBankFile):
        by_bank.file(DAY - timedelta(days=1))
    assert len(by_bank.bank.folder.names(ORDERS)) == len(payouts)
    assert by_bank.file() is not None


def test_an_account_that_no_bank_takes_is_declined_and_stays_owed(by_bank: ByBank) -> None:
    bare = account_text(Holder(name="Ann", account=BankAccount(other_id="0009", bic="CHASUS33XXX")))
    state_account(by_bank.database, "ann", NAME, bare, at=by_bank.clock())
    ann = by_bank.by_bank()["ann"]
    assert by_bank.state(ann) is State.RETURNED
    assert by_bank.standing(ann).at.failed_code == "bank_file_town_without_country"


def test_killed_at_any_write_a_payment_stands_in_one_file(by_bank: ByBank, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    by_bank.by_bank()
    real_write, real_move = BankFolder._write, BankFolder.move
    for dies_at in range(1, 8):
        left = [dies_at]

        def counted(real: Any, left: list[int] = left) -> Any:
            def call(*args: Any, **kwargs: Any) -> Any:
                left[0] -= 1
                if not left[0]:
                    raise Killed
                return real(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(folders.BankFolder, "_write", counted(real_write))
            patch.setattr(folders.BankFolder, "move", counted(real_move))
            with suppress(Killed):
                by_bank.file()
        stands = [
            order
            for name in by_bank.bank.folder.names(FILES)
            for order in read_sent((by_bank.bank.folder.root / FILES / name).read_bytes()).amounts
        ]
        assert len(stands) == len(set(stands))
    by_bank.file()
    assert by_bank.bank.folder.names(ORDERS) == []
    assert len(by_bank.bank.folder.names(FILED)) == 2


def test_an_order_that_was_written_down_again_after_it_was_filed_is_not_filed_again(by_bank: ByBank) -> None:
    by_bank.by_bank()
    by_bank.file()
    name = by_bank.bank.folder.names(FILED)[0]
    by_bank.bank.folder.write_once(ORDERS, name, by_bank.bank.folder.read(FILED, name))
    by_bank.clock.forward(days=1)
    assert by_bank.file(DAY + timedelta(days=1)) is None
    assert by_bank.bank.folder.names(ORDERS) == []


def test_nobody_else_can_read_the_folder(by_bank: ByBank) -> None:
    by_bank.by_bank()
    by_bank.file()
    for path in by_bank.bank.folder.root.rglob("*"):
        assert not path.stat().st_mode & 0o077 or path.name == "bank.lock", path


def test_an_account_is_written_in_a_line_and_read_back() -> None:
    line = account_text(Holder(name="Änne; O'Neill", account=BankAccount(iban="fr14 2004 1010 0505 0001 3m02 606")))
    assert line == "iban=FR1420041010050500013M02606; name=Anne, O'Neill"
    assert account_text(holder_from(line)) == line
    assert re.fullmatch(r"account=\d+; bic=\w+; name=Payee 1; town=New York; country=US", account_text(payee_holder(1)))
    for bad in ("acct_1", "iban=1; iban=2", "x=1"):
        with pytest.raises(InvalidInput):
            holder_from(bad)
    with pytest.raises(InvalidBankFile):
        account_text(Holder(name="Anne", account=BankAccount(iban="FR1520041010050500013M02606")))
