"""Pay through Stripe Connect: a transfer to the party's account with Stripe, then a payout from there to its bank.

Separate charges and transfers: the money is the platform's until the transfer, and comes back by reversing it. Accounts
are paid out by us alone (their schedule is manual), so that each payout pays one transfer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import stripe

from provenance.adapters.stripe_connect.amounts import MULTIPLES, to_stripe
from provenance.adapters.stripe_connect.answers import outcome_of, unanswered
from provenance.adapters.stripe_connect.objects import ATTEMPT, PARTY, PAYOUT, of_payout, of_reversal, of_transfer
from provenance.kernel.errors import UnknownCurrency
from provenance.payouts.due import Way
from provenance.payouts.leg import Leg
from provenance.payouts.outcome import Accepted, Contradicted, Outcome, ProviderObject, Refused, Unknown
from provenance.services.payment_provider import Instruction

NAME = "stripe"
TRANSFER, TO_BANK = "transfer", "payout"
LEGS = (Leg(name=TRANSFER, moves_cash=True), Leg(name=TO_BANK, moves_cash=False))
# Stripe removes keys once they are at least 24 hours old.
KEY_RETENTION = timedelta(hours=24)
PAGE, PAGES_MAX = 100, 50
CLOCKS_APART_MAX = timedelta(days=1)


class StripeConnect:
    """Implements the port `PaymentProvider`. ``minimums`` are the least that is paid, in minor units by currency."""

    def __init__(self, client: stripe.StripeClient, *, minimums: Mapping[str, int] | None = None) -> None:
        self._stripe = client.v1
        self._way = Way(provider=NAME, legs=LEGS, minimums=dict(minimums or {}), multiples=MULTIPLES)

    @property
    def way(self) -> Way:
        """A transfer, then a payout."""
        return self._way

    @property
    def key_retention(self) -> timedelta | None:
        """How long Stripe remembers a key, at the least."""
        return KEY_RETENTION

    def send(self, instruction: Instruction) -> Outcome:
        """Make a transfer, reverse one, or pay out."""
        attempt = instruction.attempt
        try:
            if attempt.undoes is not None:
                return self._undo(instruction, attempt.undoes)
            return Accepted(
                found=self._transfer(instruction) if attempt.leg == TRANSFER else self._pay_out(instruction)
            )
        except stripe.StripeError as error:
            return outcome_of(error)
        except UnknownCurrency:
            return Contradicted(code="another_currency")

    def find(self, instruction: Instruction) -> Sequence[ProviderObject] | Unknown:
        """What carries the attempt's key, among all that there can be of it."""
        key = instruction.attempt.key
        try:
            return [found for found in self._all_of(instruction) if found.key == key]
        except stripe.StripeError as error:
            return Unknown(code=unanswered(error))
        except UnknownCurrency:
            return Unknown(code="another_currency")

    def look(self, instruction: Instruction, provider_id: str) -> ProviderObject | Unknown:
        """Fetch an object again."""
        attempt, account = instruction.attempt, instruction.account
        try:
            if attempt.undoes is not None:
                back = self._stripe.transfers.reversals.retrieve(attempt.undoes, provider_id)
                return of_reversal(back, transfer=attempt.undoes, account=account)
            if attempt.leg == TRANSFER:
                return of_transfer(self._stripe.transfers.retrieve(provider_id))
            return of_payout(
                self._stripe.payouts.retrieve(provider_id, options={"stripe_account": account}), account=account
            )
        except stripe.StripeError as error:
            return Unknown(code=unanswered(error))
        except UnknownCurrency:
            return Unknown(code="another_currency")

    def _transfer(self, instruction: Instruction) -> ProviderObject:
        payout = instruction.payout
        made = self._stripe.transfers.create(
            params={
                "amount": to_stripe(payout.currency, payout.minor_units),
                "currency": payout.currency.lower(),
                "destination": instruction.account,
                "transfer_group": payout.id,
                "metadata": _metadata(instruction),
            },
            options={"idempotency_key": instruction.attempt.key},
        )
        return of_transfer(made)

    def _pay_out(self, instruction: Instruction) -> ProviderObject:
        payout = instruction.payout
        made = self._stripe.payouts.create(
            params={
                "amount": to_stripe(payout.currency, payout.minor_units),
                "currency": payout.currency.lower(),
                "metadata": _metadata(instruction),
            },
            options={"idempotency_key": instruction.attempt.key, "stripe_account": instruction.account},
        )
        return of_payout(made, account=instruction.account)

    def _undo(self, instruction: Instruction, transfer: str) -> Outcome:
        if instruction.attempt.leg != TRANSFER:
            return Refused(code="cannot_be_undone", permanent=True)  # what reached a bank comes back by itself, or not
        payout = instruction.payout
        made = self._stripe.transfers.reversals.create(
            transfer,
            params={
                "amount": to_stripe(payout.currency, payout.minor_units),
                "metadata": _metadata(instruction),
            },
            options={"idempotency_key": instruction.attempt.key},
        )
        return Accepted(found=of_reversal(made, transfer=transfer, account=instruction.account))

    def _all_of(self, instruction: Instruction) -> Iterator[ProviderObject]:
        """Everything that an attempt may have made, bounded by `PAGES_MAX`."""
        attempt, account, v1 = instruction.attempt, instruction.account, self._stripe
        if attempt.undoes is not None:
            transfer = attempt.undoes
            for back in _pages(lambda page: v1.transfers.reversals.list(transfer, params=page)):
                yield of_reversal(back, transfer=transfer, account=account)
        elif attempt.leg == TRANSFER:
            for made in _pages(lambda page: v1.transfers.list(params=page), transfer_group=instruction.payout.id):
                yield of_transfer(made)
        else:
            since = int((attempt.at - CLOCKS_APART_MAX).timestamp())
            of_account: Any = {"stripe_account": account}
            fetch = lambda page: v1.payouts.list(params=page, options=of_account)  # noqa: E731  as the others
            for paid in _pages(fetch, created={"gte": since}):
                yield of_payout(paid, account=account)


def _pages(fetch: Callable[[Any], Any], **filters: object) -> Iterator[Any]:
    """All objects of a list, page by page. Raises `stripe.APIError` where there are more than can be looked through."""
    page: Any = {"limit": PAGE, **filters}
    for _ in range(PAGES_MAX):
        found = fetch(page)
        yield from found.data
        if not found.has_more or not found.data:
            return
        page = {**page, "starting_after": found.data[-1].id}
    raise stripe.APIError(f"more than {PAGE * PAGES_MAX} objects to look through")


def _metadata(instruction: Instruction) -> dict[str, str]:
    payout = instruction.payout
    return {ATTEMPT: instruction.attempt.key, PAYOUT: payout.id, PARTY: payout.party}
