"""A closed month whose payees are paid by bank files, and a bank that says what became of it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from provenance.adapters.bank_file.filing import Filed, write_file
from provenance.adapters.bank_file.folder import BankFolder
from provenance.adapters.bank_file.importing import Imported, take_in
from provenance.adapters.bank_file.provider import NAME, BankFiles
from provenance.adapters.sql import SqlDatabase
from provenance.bank_files.account import BankAccount
from provenance.bank_files.account_text import account_text
from provenance.bank_files.transfer import Holder
from provenance.ledger.accounts import AccountKind
from provenance.payouts.payout import Payout
from provenance.services.payees import state_account
from provenance.services.payout_advance import advance
from provenance.services.payout_plan import run
from tests.unit.bank_files.message_values import camt054, details, entry

from .closing_story import NOVEMBER, close, post
from .payout_story import NO_LIMIT, NOW, Payouts

PAYER = Holder(name="Provenance GmbH", account=BankAccount(iban="DE89370400440532013000", bic="COBADEFFXXX"))
PAYABLE, CLEARING, CASH = AccountKind.PARTY_PAYABLE, AccountKind.PAYOUT_CLEARING, AccountKind.PAYOUT_CASH
DAY = NOW.date()


def payee_holder(number: int) -> Holder:
    account = BankAccount(other_id=f"00012345{number}", bic="CHASUS33XXX")
    return Holder(name=f"Payee {number}", account=account, town="New York", country="US")


class ByBank(Payouts):
    """The story of payouts, with a bank in the place of the provider that can fail."""

    def __init__(self, database: SqlDatabase, root: Path) -> None:
        super().__init__(database)
        self.bank = BankFiles(BankFolder(root), PAYER, self.clock)

    def by_bank(self) -> dict[str, Payout]:
        found = run(self.database, self.bank.way, NO_LIMIT, by="press", at=self.clock()).payouts
        for payout in found:
            self.go_on(payout)
        return {p.party: p for p in found if p.currency == "USD"}

    def go_on(self, payout: Payout) -> Any:
        return advance(self.database, {NAME: self.bank}, payout.id, self.clock, look_again=True)

    def file(self, day: date = DAY) -> Filed | None:
        return write_file(self.bank.folder, PAYER, execution_date=day, now=self.clock())

    def order_of(self, payout: Payout) -> str:
        found = self.standing(payout).at.legs[0].forward.provider_id
        assert found is not None
        return found

    def hears(self, data: bytes, *payouts: Payout) -> Imported:
        imported = take_in(self.bank, data)
        for payout in payouts:
            self.go_on(payout)
        return imported


def paid(payout: Payout) -> str:
    return f"{payout.minor_units // 100}.{payout.minor_units % 100:02d}"


def booked(by_bank: ByBank, *payouts: Payout, **how: Any) -> bytes:
    return camt054(entry(details(by_bank.order_of(p), paid(p), currency="USD"), **how) for p in payouts)


def closed_month(database: SqlDatabase, root: Path) -> ByBank:
    """November is closed, and ann and bob are owed dollars and have accounts with a bank."""
    for party in ("ann", "bob"):
        at = NOVEMBER.until - timedelta(days=3)
        post(database, f"more-{party}", "correction", 25_004_321, effective=at, at=at, party=party)
    close(database)
    made = ByBank(database, root)
    for number, party in enumerate(("ann", "bob"), start=1):
        state_account(database, party, NAME, account_text(payee_holder(number)), at=made.clock())
    return made
