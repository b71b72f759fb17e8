"""Post a generation's accruals as one balanced transaction: the only place where attribution becomes entries.

The service owes the price, and where fees come to more than that, or are in another currency, it owes the fees.
Parties, the unattributed pool and held money get theirs; what is left of the price is revenue, and never below zero.
"""

from __future__ import annotations

from datetime import datetime

from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.royalties.accrual import GenerationAccrual


def accrual_transaction(
    generation: str, service: str, accrual: GenerationAccrual, *, effective_at: datetime
) -> Transaction | None:
    """The transaction for one generation, or None where no money moves at all (a price of zero and no fee)."""
    entries = entries_of(accrual_legs(service, accrual))
    if not entries:
        return None
    return Transaction(
        business_key=f"accrual:{generation}", cause="accrual", entries=entries, effective_at=effective_at
    )


def accrual_legs(service: str, accrual: GenerationAccrual) -> list[tuple[Account, int]]:
    """Accounts and micro-units (debits positive) that place all of the price and of the fees; they add up to zero."""
    legs = list(_credits(accrual))
    owed: dict[str, int] = {accrual.price.currency: accrual.price.micros}
    credited: dict[str, int] = {}
    for account, micros in legs:
        credited[account.currency] = credited.get(account.currency, 0) - micros
    for currency, micros in credited.items():
        owed[currency] = max(owed.get(currency, 0), micros)
    for currency, micros in owed.items():
        legs.append((Account(kind=AccountKind.SERVICE_RECEIVABLE, party=service, currency=currency), micros))
        rest = micros - credited.get(currency, 0)
        legs.append((Account(kind=AccountKind.GENERATION_REVENUE, currency=currency), -rest))
    return legs


def _credits(accrual: GenerationAccrual) -> list[tuple[Account, int]]:
    pool = accrual.unattributed
    legs = [(Account(kind=AccountKind.UNATTRIBUTED_POOL, currency=pool.currency), -pool.micros)]
    for use in accrual.uses:
        if use.held:
            legs.append((Account(kind=AccountKind.HELD, currency=use.held.currency), -use.held.micros))
        for a in use.accruals:
            payable = Account(kind=AccountKind.PARTY_PAYABLE, party=a.party, currency=a.money.currency)
            legs.append((payable, -a.money.micros))
    return legs
