"""The platform's balance transactions, as a reconciliation reads them. Implements the port `Movements`.

What left by a transfer and what came back by a reversal is told with the payout whose key the transfer carries. Payouts
from a party's own balance to its bank don't move ours, and aren't told here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import stripe

from provenance.adapters.stripe_connect.amounts import currency_of, from_stripe
from provenance.adapters.stripe_connect.objects import PAYOUT
from provenance.kernel.errors import Unavailable
from provenance.kernel.minor_units import micros_per_minor_unit
from provenance.payouts.reconciled_rows import ProviderRow, ProviderStep

PAGE, PAGES_MAX = 100, 5_000

_STEPS = {
    "transfer": ProviderStep.SENT,
    "transfer_refund": ProviderStep.REVERSED,
    "transfer_cancel": ProviderStep.REVERSED,
    "transfer_failure": ProviderStep.REVERSED,
    "stripe_fee": ProviderStep.FEE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Transfer:
    id: str
    payout: str | None
    account: str


class StripeMovements:
    """All balance transactions of the platform, with the transfers behind them."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._stripe = client.v1

    def movements(self, now: datetime) -> Iterable[ProviderRow]:  # noqa: ARG002  # the port's
        """In the order of the payouts' ids; those without one first.

        Raises:
            Unavailable: Stripe doesn't answer, or there are more than can be read.
        """
        try:
            transfers = dict(self._transfers())
            rows = [_row(found, transfers) for found in _pages(self._stripe.balance_transactions.list)]
        except stripe.StripeError as error:
            raise Unavailable("Stripe's balance transactions can't be read.", mend="Try again later.") from error
        return sorted(rows, key=lambda row: row.payout or "")

    def _transfers(self) -> Iterator[tuple[str, _Transfer]]:
        """Transfers by their ids and by those of their reversals."""
        for found in _pages(self._stripe.transfers.list):
            metadata = found.metadata.to_dict() if found.metadata else {}
            transfer = _Transfer(id=found.id, payout=metadata.get(PAYOUT), account=str(found.destination))
            yield found.id, transfer
            if found.amount_reversed:
                for back in _pages(partial(self._stripe.transfers.reversals.list, found.id)):
                    yield back.id, transfer


def _row(found: Any, transfers: Mapping[str, _Transfer]) -> ProviderRow:
    currency, step = currency_of(found.currency), _STEPS.get(found.type, ProviderStep.OTHER)
    transfer = transfers.get(str(found.source)) if step is not ProviderStep.OTHER else None
    unit = micros_per_minor_unit(currency)
    return ProviderRow(
        id=found.id,
        payout=transfer.payout if transfer else None,
        step=step,
        currency=currency,
        micros=abs(from_stripe(currency, found.amount)) * unit,
        at=datetime.fromtimestamp(found.created, UTC),
        object=transfer.id if transfer else None,
        account=transfer.account if transfer and step is ProviderStep.SENT else None,
        fee_micros=from_stripe(currency, found.fee) * unit if step is ProviderStep.SENT else 0,
    )


def _pages(fetch: Callable[[Any], Any]) -> Iterator[Any]:
    """All objects of a list, page by page. Raises `stripe.APIError` where there are more than can be looked through."""
    page: Any = {"limit": PAGE}
    for _ in range(PAGES_MAX):
        found = fetch(page)
        yield from found.data
        if not found.has_more or not found.data:
            return
        page = {**page, "starting_after": found.data[-1].id}
    raise stripe.APIError(f"more than {PAGE * PAGES_MAX} objects to look through")
