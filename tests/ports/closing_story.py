"""What tests of closing need: periods, a shorthand for each step, and what an account holds."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from provenance.adapters.sql import SqlDatabase
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.services.close import close_period
from provenance.statements.accounting_period import AccountingPeriod, parse_accounting_period
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.statement import Statement

NOVEMBER, DECEMBER, JANUARY = (parse_accounting_period(p) for p in ("2026-11", "2026-12", "2027-01"))
FIRST = date(2026, 1, 1)


def after(period: AccountingPeriod) -> datetime:
    return period.until + timedelta(days=2)


def close(database: SqlDatabase, period: AccountingPeriod = NOVEMBER, *, at: datetime | None = None) -> Any:
    return close_period(database, period, closed_by="press", at=at or after(period))


def statements(database: SqlDatabase, period: AccountingPeriod = NOVEMBER) -> dict[tuple[str, str], Statement]:
    with database.begin() as work:
        page = work.statements.of_period(period, limit=100)
    return {(r.fact.party, r.fact.currency): r.fact for r in page.items}


def payable(party: str, currency: str = "USD") -> Account:
    return Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=currency)


def post(
    database: SqlDatabase, key: str, cause: str, micros: int, *, effective: datetime, at: datetime, party: str = "ann"
) -> None:
    """Owe a party more, out of revenue."""
    revenue = Account(kind=AccountKind.GENERATION_REVENUE, currency="USD")
    entries = entries_of([(payable(party), -micros), (revenue, micros)])
    with database.begin(write=True) as work:
        work.books.post(Transaction(business_key=key, cause=cause, entries=entries, effective_at=effective), at)
        work.commit()


def state(database: SqlDatabase, *facts: PayoutTerms | TaxProfile) -> None:
    with database.begin(write=True) as work:
        for fact in facts:
            if isinstance(fact, PayoutTerms):
                work.payees.add_terms(fact, datetime(2026, 1, 2, tzinfo=UTC))
            else:
                work.payees.add_tax(fact, datetime(2026, 1, 2, tzinfo=UTC))
        work.commit()


def kinds(statement: Statement) -> list[tuple[str, int]]:
    return [(line.kind.value, line.micros) for line in statement.lines]


@dataclass(frozen=True)
class Balances:
    database: SqlDatabase

    def __getitem__(self, account: Account) -> int:
        with self.database.begin() as work:
            return work.books.balances().get(account, 0)
