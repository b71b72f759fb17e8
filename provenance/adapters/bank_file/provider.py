"""Pay by files that somebody brings to a bank: the port `PaymentProvider` over a folder.

To send is to write down an order, once; a file is made of the orders that wait when somebody asks for one. Whether a
payment arrived is known from what the bank says (`importing`) alone. What a file holds can't be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from provenance.adapters.bank_file.folder import FILED, ORDERS, OUTCOMES, BankFolder
from provenance.adapters.bank_file.orders import Order, current, outcome_from
from provenance.bank_files.outcome import Outcome as BankOutcome
from provenance.bank_files.outcome import OutcomeKind
from provenance.bank_files.rules import violations
from provenance.bank_files.transfer import Batch, Holder, TransferFile
from provenance.kernel.errors import InvalidInput, ProvenanceError
from provenance.payouts.due import Way
from provenance.payouts.leg import Leg
from provenance.payouts.outcome import Accepted, Outcome, ProviderObject, Refused, Status, Unknown
from provenance.services.payment_provider import Instruction
from provenance.services.ports import Clock

NAME = "bank"
WAY = Way(provider=NAME, legs=(Leg(name="transfer", moves_cash=True),), minimums={}, multiples={})

_STATUS = {
    OutcomeKind.ACCEPTED: Status.PENDING,
    OutcomeKind.CONFIRMED: Status.DONE,
    OutcomeKind.FAILED: Status.FAILED,
    OutcomeKind.RETURNED: Status.FAILED,
}
# Reasons after which nothing can be paid to an account any more, in the words that payouts have for them.
_CODES = {
    "AC01": "invalid_account_number",
    "AC03": "invalid_account_number",
    "AC04": "account_closed",
    "AC06": "account_frozen",
    "AG01": "account_invalid",
}


class BankFiles:
    """Implements `PaymentProvider`; ``payer`` is whose account is paid from."""

    def __init__(self, folder: BankFolder, payer: Holder, clock: Clock) -> None:
        self.folder = folder
        self.payer = payer
        self._clock = clock

    @property
    def way(self) -> Way:
        """One leg, and no least amount but a minor unit."""
        return WAY

    @property
    def key_retention(self) -> timedelta | None:
        """For ever: an order stays."""
        return None

    def send(self, instruction: Instruction) -> Outcome:
        """Write down the order, unless it is there."""
        if instruction.attempt.undoes is not None:
            return Refused(code="a_bank_file_cannot_be_undone", permanent=True)
        try:
            order = Order.of(instruction)
            if refused := self._refused(order):
                return refused
            known = self._order(order.id)
            if known is None:
                self.folder.write_once(ORDERS, order.id, order.record())
                known = self._order(order.id)
            if known != order:
                return Unknown(code="another_order_under_this_key")
            return Accepted(found=self._object(order))
        except ProvenanceError as error:
            return Unknown(code=error.code)

    def find(self, instruction: Instruction) -> Sequence[ProviderObject] | Unknown:
        """The order, where it was written down."""
        try:
            known = self._order(Order.of(instruction).id)
            return [self._object(known)] if known else []
        except ProvenanceError as error:
            return Unknown(code=error.code)

    def look(self, instruction: Instruction, provider_id: str) -> ProviderObject | Unknown:  # noqa: ARG002  # the port's
        """The order, with what the bank said of it."""
        try:
            known = self._order(provider_id)
        except ProvenanceError as error:
            return Unknown(code=error.code)
        return self._object(known) if known else Unknown(code="order_missing")

    def outcomes(self, order: str) -> tuple[BankOutcome, ...]:
        """What the bank said of an order, oldest first."""
        record = self.folder.read(OUTCOMES, order)
        return tuple(outcome_from(found) for found in record["outcomes"]) if record else ()

    def order(self, name: str) -> Order | None:
        """The order of this end-to-end id."""
        return self._order(name)

    def _order(self, name: str) -> Order | None:
        # An order moves from the one to the other: looked for in this order it is never missed.
        record = self.folder.read(ORDERS, name) or self.folder.read(FILED, name)
        return Order.from_record(record) if record else None

    def _object(self, order: Order) -> ProviderObject:
        """An order as payouts see it. Where the bank says another amount, that is what they see."""
        outcome = current(self.outcomes(order.id))
        amount = outcome.amount if outcome is not None and outcome.amount is not None else order.amount
        reason = outcome.reason if outcome is not None else None
        return ProviderObject(
            id=order.id,
            key=order.key,
            account=order.account,
            currency=amount.currency,
            minor_units=amount.minor_units,
            status=_STATUS[outcome.kind] if outcome is not None else Status.PENDING,
            code=_CODES.get(reason, f"bank_{reason.lower()}") if reason else "",
        )

    def _refused(self, order: Order) -> Refused | None:
        """What a bank would refuse for good, before anything is written."""
        try:
            transfer = order.transfer()
        except InvalidInput as error:
            return Refused(code=error.code, permanent=True)
        now = self._clock()
        batch = Batch(
            id="B1",
            debtor=self.payer,
            service=transfer.service,
            currency=transfer.amount.currency,
            execution_date=now.date(),
            transfers=(transfer,),
        )
        file = TransferFile(message_id="M1", created_at=now, initiator=self.payer.name, batches=(batch,))
        found = next(violations(file), None)
        return Refused(code=f"bank_file_{found.rule.value}", permanent=True) if found else None
