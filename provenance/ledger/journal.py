"""Books as the plain text of two other accounting programs: hledger's journal and beancount's ledger.

Either program can then add everything up again, with none of our code. Text comes piece by piece: nothing here holds
more than one transaction. Amounts have six decimals; what an account comes to is asserted at the end, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from provenance.kernel.money import format_micros
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction

FIRST_DAY = date(1970, 1, 1)

_ROOTS: Mapping[str, str] = {
    AccountKind.SERVICE_RECEIVABLE: "assets",
    AccountKind.GENERATION_REVENUE: "income",
    AccountKind.ADVANCE_RECOUPABLE: "assets",
    AccountKind.FX_LIQUIDITY: "equity",
}
_OTHERS = "liabilities"  # money that is owed to somebody, known or not


class JournalFormat(StrEnum):
    """Which program reads it."""

    HLEDGER = "hledger"
    BEANCOUNT = "beancount"


class JournalText(Protocol):
    """How one program writes accounts, transactions and what they come to."""

    def accounts(self, accounts: Iterable[Account]) -> Iterator[str]:
        """What comes first: every currency and every account is declared."""

    def transaction(self, transaction: Transaction) -> str:
        """One transaction, dated by its effective day."""

    def balances(self, balances: Mapping[Account, int], last_day: date) -> Iterator[str]:
        """What comes last: the balance of each account after ``last_day`` is asserted."""


def journal_text(form: JournalFormat) -> JournalText:
    """The text of a format."""
    return Hledger() if form is JournalFormat.HLEDGER else Beancount()


class Hledger:
    """A journal that ``hledger check -s`` accepts (hledger manual, "hledger journal")."""

    def accounts(self, accounts: Iterable[Account]) -> Iterator[str]:
        """Directives for currencies and accounts."""
        known = list(accounts)
        for currency in sorted({a.currency for a in known}):
            yield f"commodity 1000.000000 {currency}\n"
        for name in sorted({_plain(a) for a in known}):
            yield f"account {name}\n"
        yield "\n"

    def transaction(self, transaction: Transaction) -> str:
        """Its id is its code."""
        head = f"{transaction.effective_at:%Y-%m-%d} * ({transaction.id}) {transaction.cause}"
        corrects = f"    ; corrects: {transaction.corrects}\n" if transaction.corrects else ""
        legs = "".join(
            f"    {_plain(e.account)}  {format_micros(e.micros)} {e.account.currency}\n" for e in transaction.entries
        )
        return f"{head}\n{corrects}{legs}\n"

    def balances(self, balances: Mapping[Account, int], last_day: date) -> Iterator[str]:
        """One transaction of nothing, whose legs assert (manual, "Balance assertions")."""
        if balances:
            yield f"{last_day:%Y-%m-%d} * closing balances\n"
        for account in sorted(balances, key=lambda a: a.id):
            amount = f"{format_micros(balances[account])} {account.currency}"
            yield f"    {_plain(account)}  0 {account.currency} = {amount}\n"


class Beancount:
    """A ledger that ``bean-check`` accepts (Beancount Language Syntax)."""

    def accounts(self, accounts: Iterable[Account]) -> Iterator[str]:
        """Every account with its currencies, open from the first day on."""
        yield 'option "title" "Provenance ledger"\n\n'
        currencies: dict[str, set[str]] = {}
        for account in accounts:
            currencies.setdefault(_beancount(account), set()).add(account.currency)
        for name in sorted(currencies):
            yield f"{FIRST_DAY:%Y-%m-%d} open {name} {','.join(sorted(currencies[name]))}\n"
        yield "\n"

    def transaction(self, transaction: Transaction) -> str:
        """Its id and what it corrects are metadata."""
        head = f'{transaction.effective_at:%Y-%m-%d} * "{transaction.cause}"\n  id: "{transaction.id}"\n'
        corrects = f'  corrects: "{transaction.corrects}"\n' if transaction.corrects else ""
        legs = "".join(
            f"  {_beancount(e.account)}  {format_micros(e.micros)} {e.account.currency}\n" for e in transaction.entries
        )
        return f"{head}{corrects}{legs}\n"

    def balances(self, balances: Mapping[Account, int], last_day: date) -> Iterator[str]:
        """A balance holds at the start of its day: hence the day after the last."""
        day = last_day + timedelta(days=1)
        for account in sorted(balances, key=lambda a: a.id):
            amount = f"{format_micros(balances[account])} ~ 0.000000 {account.currency}"
            yield f"{day:%Y-%m-%d} balance {_beancount(account)}  {amount}\n"


def _plain(account: Account) -> str:
    root = _ROOTS.get(account.kind, _OTHERS)
    return ":".join(filter(None, (root, account.kind.value, account.party)))


def _beancount(account: Account) -> str:
    """Each part starts with a capital and has letters, digits and dashes; two parties never get one name."""
    root = _ROOTS.get(account.kind, _OTHERS).capitalize()
    kind = "".join(word.capitalize() for word in account.kind.value.split("_"))
    party = f"P-{_dashed(account.party)}" if account.party else None
    return ":".join(filter(None, (root, kind, party)))


def _dashed(party: str) -> str:
    # A dash is always followed by one of three; ids have no capitals of their own.
    return party.replace("-", "--").replace(".", "-D").replace("_", "-U")
