"""Stripe's objects as what the saga compares: whose, how much, how far, and under which of our keys."""

from __future__ import annotations

import stripe

from provenance.adapters.stripe_connect.amounts import currency_of, from_stripe
from provenance.payouts.outcome import ProviderObject, Status

ATTEMPT, PAYOUT, PARTY = "provenance_attempt", "provenance_payout", "provenance_party"

_PAYOUT_STATUS = {"paid": Status.DONE, "failed": Status.FAILED, "canceled": Status.FAILED}


def of_transfer(found: stripe.Transfer) -> ProviderObject:
    """A transfer: done when it is there, until all of it was reversed. What was reversed in part is another amount."""
    currency = currency_of(found.currency)
    left = found.amount if found.reversed else found.amount - found.amount_reversed
    return ProviderObject(
        id=found.id,
        key=key_of(found.metadata),
        account=_id(found.destination),
        currency=currency,
        minor_units=from_stripe(currency, left),
        status=Status.FAILED if found.reversed else Status.DONE,
        code="reversed" if found.reversed else "",
    )


def of_reversal(found: stripe.TransferReversal, *, transfer: str, account: str) -> ProviderObject:
    """A reversal of a transfer of ours: done when it is there. One of another transfer is for another account."""
    currency = currency_of(found.currency)
    return ProviderObject(
        id=found.id,
        key=key_of(found.metadata),
        account=account if _id(found.transfer) == transfer else f"of another transfer: {_id(found.transfer)}",
        currency=currency,
        minor_units=from_stripe(currency, found.amount),
        status=Status.DONE,
    )


def of_payout(found: stripe.Payout, *, account: str) -> ProviderObject:
    """A payout of a connected account to its bank. It may fail after it was paid."""
    currency = currency_of(found.currency)
    status = _PAYOUT_STATUS.get(found.status, Status.PENDING)
    code = (found.failure_code or found.status) if status is Status.FAILED else ""
    return ProviderObject(
        id=found.id,
        key=key_of(found.metadata),
        account=account,
        currency=currency,
        minor_units=from_stripe(currency, found.amount),
        status=status,
        code=str(code)[:60],
    )


def key_of(metadata: object) -> str | None:
    """The key of ours that an object carries."""
    plain = metadata.to_dict() if isinstance(metadata, stripe.StripeObject) else metadata
    found = plain.get(ATTEMPT) if isinstance(plain, dict) else None
    return str(found) if found else None


def _id(found: object) -> str:
    """An id, be it alone or in an object."""
    return str(found if isinstance(found, str) else getattr(found, "id", ""))
