"""Money that changes its currency: both legs in one transaction, each against a liquidity account of its own currency.

Per currency the entries add up to zero, as all do; what the two liquidity accounts hold, at the day's rate, is what
converting gained or lost. The transaction's cause and key name the rate that was recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from provenance.kernel.fx import Converted
from provenance.ledger.accounts import Account
from provenance.ledger.transaction import Transaction, entries_of

AccountIn = Callable[[str], Account]


def conversion(
    converted: Converted, owed: AccountIn, liquidity: AccountIn, *, business_key: str, effective_at: datetime
) -> Transaction:
    """Take what was given off the liability ``owed`` in its currency, and owe what it came to in the other.

    ``owed`` and ``liquidity`` name their accounts in a currency. The business key is followed by the rate's id.

    Raises:
        Unbalanced: nothing is left of the amount in the other currency, so that there is nothing to post.
    """
    given, got = converted.given, converted.got
    legs = [
        (owed(given.currency), given.micros),
        (liquidity(given.currency), -given.micros),
        (liquidity(got.currency), got.micros),
        (owed(got.currency), -got.micros),
    ]
    return Transaction(
        business_key=f"{business_key}:{converted.rate.id}",
        cause="conversion",
        entries=entries_of(legs),
        effective_at=effective_at,
    )
