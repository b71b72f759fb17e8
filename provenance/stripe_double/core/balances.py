"""Balances: every movement is a balance transaction, and what an account holds is the sum of its transactions.

Money is neither made nor lost: between the accounts of one world, amounts move in pairs; only charges, top-ups and
adjustments bring some in, and only payouts and fees take some out.
"""

from __future__ import annotations

import heapq

from provenance.stripe_double.core.records import Account, BalanceTransaction
from provenance.stripe_double.core.refused import Refused
from provenance.stripe_double.core.world import DAY, Held, World

TRANSACTIONS = "balance_transactions"
RELEASE = "balance_release"
PAY_OUT = "balance_pay_out"
# What a type of balance transaction is reported as (docs.stripe.com/reports/reporting-categories).
CATEGORIES = {
    "adjustment": "other_adjustment",
    "charge": "charge",
    "payment": "charge",
    "payment_refund": "refund",
    "payout": "payout",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "topup": "topup",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
}


def post(
    world: World,
    account: str,
    kind: str,
    *,
    amount: int,
    currency: str,
    source: str | None,
    id_: str | None = None,
    fee: int = 0,
    available_on: int | None = None,
    description: str | None = None,
) -> BalanceTransaction:
    """Move an account's balance by ``amount - fee``: at once, or for what is yet to become available, from then on."""
    at = world.now if available_on is None else max(available_on, world.now)
    transaction = BalanceTransaction(
        id=id_ or world.new_id("txn"),
        account=account,
        created=world.now,
        kind=kind,
        category=CATEGORIES[kind],
        amount=amount,
        fee=fee,
        currency=currency,
        source=source,
        available_on=at,
        description=description,
    )
    world.add(TRANSACTIONS, transaction)
    held = world.books.setdefault(account, {}).setdefault(currency, Held())
    if at > world.now:
        held.pending += transaction.net
        heapq.heappush(world.due, (at, world.new_order(), RELEASE, transaction.id))
    else:
        held.available += transaction.net
        _await_payout(world, transaction)
    return transaction


def release(world: World, transaction_id: str) -> None:
    """What was pending becomes available."""
    transaction = world.get(BalanceTransaction, transaction_id)
    held = world.books[transaction.account][transaction.currency]
    held.pending -= transaction.net
    held.available += transaction.net
    _await_payout(world, transaction)


def _await_payout(world: World, transaction: BalanceTransaction) -> None:
    """Note that no automatic payout has paid this yet; where the account has those, the next is at midnight (UTC)."""
    account = transaction.account
    world.uncovered.setdefault((account, transaction.currency), []).append(transaction.id)
    if account not in world.automatic and world.get(Account, account).payouts_interval != "manual":
        world.automatic.add(account)
        heapq.heappush(world.due, ((world.now // DAY + 1) * DAY, world.new_order(), PAY_OUT, account))


def check_available(world: World, account: str, amount: int, currency: str, *, message: str) -> None:
    """Refuse what an account doesn't hold. Raises `Refused` with ``balance_insufficient``."""
    if world.holding(account, currency).available < amount:
        raise Refused(message, code="balance_insufficient")
