"""Post what a close adds or takes, as one balanced transaction a statement: where statements meet the books.

Credits to a party are what it is owed. Everything is dated at the last moment of the period.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.line import LineKind, StatementLine

CLOSE = "close"
_LAST_MOMENT = timedelta(microseconds=1)

# Where the other side of a line goes: the account, and whether each party has its own.
_OTHER_SIDE = {
    LineKind.TOPPED_UP: (AccountKind.GENERATION_REVENUE, False),
    LineKind.SUBSCRIBED: (AccountKind.ROYALTY_POOL, False),
    LineKind.SPREAD: (AccountKind.UNATTRIBUTED_POOL, False),
    LineKind.ADVANCED: (AccountKind.ADVANCE_RECOUPABLE, True),
    LineKind.RECOUPED: (AccountKind.ADVANCE_RECOUPABLE, True),
    LineKind.RESERVED: (AccountKind.RESERVE, True),
    LineKind.RELEASED: (AccountKind.RESERVE, True),
    LineKind.WITHHELD: (AccountKind.WITHHOLDING, False),
}


def close_key(period: AccountingPeriod, party: str, currency: str) -> str:
    """The business key of what a statement posts."""
    return f"{CLOSE}:{period.name}:{party}:{currency}"


def close_transaction(
    period: AccountingPeriod, party: str, currency: str, lines: Iterable[StatementLine]
) -> Transaction | None:
    """The transaction of a statement's lines, None where they move nothing."""
    payable = Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=currency)
    legs: list[tuple[Account, int]] = []
    for line in lines:
        if line.kind in _OTHER_SIDE:
            kind, of_party = _OTHER_SIDE[line.kind]
            other = Account(kind=kind, party=party if of_party else None, currency=currency)
            legs += [(payable, -line.micros), (other, line.micros)]
    entries = entries_of(legs)
    if not entries:
        return None
    return Transaction(
        business_key=close_key(period, party, currency),
        cause=CLOSE,
        entries=entries,
        effective_at=period.until - _LAST_MOMENT,
    )
