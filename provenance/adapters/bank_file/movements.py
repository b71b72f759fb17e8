"""What a bank said it booked, as a reconciliation reads it. Implements the port `Movements` over the bank folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time

from provenance.adapters.bank_file.folder import OUTCOMES
from provenance.adapters.bank_file.provider import BankFiles
from provenance.bank_files.outcome import Outcome, OutcomeKind
from provenance.bank_files.transfer import Amount
from provenance.kernel.minor_units import micros_per_minor_unit
from provenance.payouts.reconciled_rows import ProviderRow, ProviderStep


class BankMovements:
    """The movements of all orders of which the bank has said something."""

    def __init__(self, bank: BankFiles) -> None:
        self._bank = bank

    def movements(self, now: datetime) -> Iterable[ProviderRow]:
        """In the order of the payouts' ids."""
        rows = [row for name in self._bank.folder.names(OUTCOMES) for row in self._of_order(name, now)]
        return sorted(rows, key=lambda row: row.payout or "")

    def _of_order(self, name: str, now: datetime) -> Iterator[ProviderRow]:
        order = self._bank.order(name)
        outcomes = self._bank.outcomes(name)
        if order is None:
            return
        booked = _once([o for o in outcomes if o.kind is OutcomeKind.CONFIRMED])
        # What came back before it was booked never left.
        back = _once([o for o in outcomes if o.kind is OutcomeKind.RETURNED]) if booked else []
        for step, found in ((ProviderStep.SENT, booked), (ProviderStep.REVERSED, back)):
            for number, outcome in enumerate(found):
                amount: Amount = outcome.amount or order.amount
                yield ProviderRow(
                    id=f"{name}/{step}/{outcome.bank_reference or number}",
                    payout=order.payout,
                    step=step,
                    currency=amount.currency,
                    micros=amount.minor_units * micros_per_minor_unit(amount.currency),
                    at=datetime.combine(outcome.on, time(), UTC) if outcome.on else now,
                    object=name,
                    account=order.account if step is ProviderStep.SENT else None,
                )


def _once(outcomes: list[Outcome]) -> list[Outcome]:
    """Each booking once: by the bank's reference; a status alone tells of one that isn't told otherwise."""
    booked = {o.bank_reference: o for o in outcomes if o.on is not None}
    return list(booked.values()) or outcomes[:1]
