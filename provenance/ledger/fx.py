"""Money that changes its currency: both legs in one transaction, each against the liquidity account of its currency.

Per currency the entries add up to zero, as all do; what the two liquidity accounts hold, at the day's rate, is what
converting gained or lost. The business key names the rate that was recorded.
"""

from __future__ import annotations

from datetime import datetime

from provenance.kernel.errors import InvalidMoney
from provenance.kernel.fx import Converted
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of

EXCHANGE = "exchange"


def exchange(converted: Converted, party: str, *, reference: str, effective_at: datetime) -> Transaction:
    """Owe a party what an amount came to in another currency, in place of the amount. ``reference`` tells two apart.

    Raises:
        InvalidMoney: nothing is left of the amount in the other currency.
    """
    given, got = converted.given, converted.got
    if got.micros <= 0:
        raise InvalidMoney(f"{given} comes to nothing in {got.currency}.", mend="Exchange more at a time.")
    legs = [
        (_payable(party, given.currency), given.micros),
        (_liquidity(given.currency), -given.micros),
        (_liquidity(got.currency), got.micros),
        (_payable(party, got.currency), -got.micros),
    ]
    return Transaction(
        business_key=f"{EXCHANGE}:{party}:{reference}:{converted.rate.id}",
        cause=EXCHANGE,
        entries=entries_of(legs),
        effective_at=effective_at,
    )


def _payable(party: str, currency: str) -> Account:
    return Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=currency)


def _liquidity(currency: str) -> Account:
    return Account(kind=AccountKind.FX_LIQUIDITY, currency=currency)
