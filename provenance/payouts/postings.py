"""What a payout posts, step by step: the only place where payouts meet the books.

    reserve     party_payable    -> payout_clearing    it is on its way, and owed no longer
    sent        payout_clearing  -> payout_cash        cash has left us; a fee besides, out of payout_fees
    reversed    payout_cash      -> payout_clearing    cash came back
    written off payout_losses    -> payout_clearing    or never will: the loss is ours
    returned    payout_clearing  -> party_payable      and is owed again; after a cancellation too

What a party is owed below zero stays on its account as a debt: nothing is paid before later earnings made up for it.
What can't be paid because the party's account is dead comes back by the last ones, and stays owed.
"""

from __future__ import annotations

from datetime import datetime

from provenance.kernel.minor_units import micros_per_minor_unit
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.payouts.leg import Attempt
from provenance.payouts.payout import Payout

# Causes. Statements know the first two: they make the line of what was paid.
PAYOUT = "payout"
PAYOUT_RETURNED = "payout_returned"
PAYOUT_SENT = "payout_sent"
PAYOUT_REVERSED = "payout_reversed"
PAYOUT_WRITTEN_OFF = "payout_written_off"
CAUSES = (PAYOUT, PAYOUT_RETURNED, PAYOUT_SENT, PAYOUT_REVERSED, PAYOUT_WRITTEN_OFF)


def payable_account(party: str, currency: str) -> Account:
    """What is owed to a party."""
    return Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=currency)


def reserve(payout: Payout, *, at: datetime) -> Transaction:
    """Take it off what is owed to the party."""
    payable, clearing, _ = _accounts(payout)
    micros = payout.money.micros
    return Transaction(
        business_key=f"payout:{payout.id}",
        cause=PAYOUT,
        entries=entries_of([(payable, micros), (clearing, -micros)]),
        effective_at=at,
    )


def sent(payout: Payout, attempt: Attempt, *, fee_minor_units: int, at: datetime) -> Transaction:
    """Cash has left us, and what the provider took for it."""
    _, clearing, cash = _accounts(payout)
    micros, fee = payout.money.micros, fee_minor_units * micros_per_minor_unit(payout.currency)
    fees = Account(kind=AccountKind.PAYOUT_FEES, currency=payout.currency)
    return Transaction(
        business_key=f"payout-sent:{attempt.key}",
        cause=PAYOUT_SENT,
        entries=entries_of([(clearing, micros), (fees, fee), (cash, -micros - fee)]),
        effective_at=at,
    )


def reversed_(payout: Payout, attempt: Attempt, *, at: datetime) -> Transaction:
    """Cash came back: by undoing a leg, or because the leg bounced. A fee stays spent."""
    _, clearing, cash = _accounts(payout)
    micros = payout.money.micros
    return Transaction(
        business_key=f"payout-reversed:{attempt.key}",
        cause=PAYOUT_REVERSED,
        entries=entries_of([(cash, micros), (clearing, -micros)]),
        effective_at=at,
    )


def written_off(payout: Payout, *, at: datetime) -> Transaction:
    """What is out won't come back: the loss is ours, and the party is owed again."""
    _, clearing, _ = _accounts(payout)
    losses = Account(kind=AccountKind.PAYOUT_LOSSES, currency=payout.currency)
    micros = payout.money.micros
    return Transaction(
        business_key=f"payout-written-off:{payout.id}",
        cause=PAYOUT_WRITTEN_OFF,
        entries=entries_of([(losses, micros), (clearing, -micros)]),
        effective_at=at,
    )


def returned(payout: Payout, *, at: datetime) -> Transaction:
    """Owe it to the party again. It names the transaction that reserved it."""
    payable, clearing, _ = _accounts(payout)
    micros = payout.money.micros
    return Transaction(
        business_key=f"payout-returned:{payout.id}",
        cause=PAYOUT_RETURNED,
        entries=entries_of([(clearing, micros), (payable, -micros)]),
        effective_at=at,
        corrects=reserve(payout, at=at).id,
    )


def _accounts(payout: Payout) -> tuple[Account, Account, Account]:
    """Of the party, what is owed and what is on its way; and our cash."""
    currency = payout.currency
    return (
        payable_account(payout.party, currency),
        Account(kind=AccountKind.PAYOUT_CLEARING, party=payout.party, currency=currency),
        Account(kind=AccountKind.PAYOUT_CASH, currency=currency),
    )
