"""How the story's parties are paid, the close of its month, and subscription money of the month after it."""

from datetime import UTC, date, datetime

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.money import parse_money
from provenance.services.close import close_period
from provenance.services.ports import UnitOfWork
from provenance.services.subscriptions import record_subscription
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.subscription import Subscription

FIRST_DAY = date(2026, 1, 1)


def state_payees(work: UnitOfWork, at: datetime) -> None:
    """A threshold and a tax profile for ann."""
    terms = PayoutTerms(party="ann", currency="USD", valid_from=FIRST_DAY, threshold_micros=1_000_000_000)
    work.payees.add_terms(terms, at)
    treaty = {"residence": "FR", "payer": "US", "basis": "Treaty FR-US — 水"}
    work.payees.add_tax(TaxProfile(party="ann", basis_points=500, valid_from=FIRST_DAY, **treaty), at)


def close_month(database: SqlDatabase) -> None:
    """Close the story's month, a few days after its end."""
    at = datetime(2026, 12, 3, tzinfo=UTC)
    close_period(database, parse_accounting_period("2026-11"), closed_by="press", at=at)


def subscribe(database: SqlDatabase, at: datetime) -> Subscription:
    """Money of the story's service for the month after the story's."""
    period, money = parse_accounting_period("2026-12"), parse_money("12.345678", "USD")
    return record_subscription(database, Subscription(service="bot", period=period, money=money), at=at).fact
