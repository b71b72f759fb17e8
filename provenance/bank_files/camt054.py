"""Read a notification of what was booked (camt.054): debits confirm payments, and credits that come back return them.

An entry counts once it is booked. A credit is a return where the bank says so: a reason of return, a reversed debit, or
its transaction code. Other credits, and entries that name no payment, are counted and told, never guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass

from provenance.bank_files.markup import Element
from provenance.bank_files.outcome import (
    Outcome,
    OutcomeKind,
    read_amount,
    read_day,
    read_detail,
    read_id,
    read_reason,
)
from provenance.bank_files.transfer import Amount
from provenance.kernel.errors import UnreadableBankMessage

RECORDS = frozenset({"TxDtls", "Ntry"})
BOOKED, PENDING = "BOOK", "PDNG"
# ISO 20022, bank transaction codes: issued credit transfer, reversal due to payment return.
RETURN_FAMILY = "RRTN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What one message says: an outcome for each payment that it names, and how many entries it told nothing of."""

    id: str
    outcomes: tuple[Outcome, ...]
    others: int


class Bookings:
    """Takes entries and their details one after another, as `read_records` hands them over."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.others = 0
        self._details = 0  # of the open entry
        self._lent = False  # whether one of them took the entry's amount for its own

    def take(self, around: list[Element], element: Element) -> None:
        """Take a ``TxDtls`` with the ``Ntry`` that it stands in, or a ``Ntry`` when it closes.

        Raises:
            UnreadableBankMessage: an id, an amount or a date that is none.
        """
        if element.name == "Ntry":
            if not self._details:
                self.others += 1
            self._details, self._lent = 0, False
            return
        entry = next((e for e in reversed(around) if e.name == "Ntry"), None)
        if entry is None:
            raise UnreadableBankMessage("Details stand outside an entry.", mend="Ask the bank for the file again.")
        if self._lent:
            raise _no_amount()
        self._details += 1
        outcome = self._outcome(entry, element)
        if outcome is None:
            self.others += 1
        else:
            self.outcomes.append(outcome)

    def _outcome(self, entry: Element, details: Element) -> Outcome | None:
        end_to_end_id = read_id(details.words("Refs", "EndToEndId"))
        kind = _kind(entry, details)
        if end_to_end_id is None or kind is None:
            return None
        returned = details.first("RtrInf")
        return Outcome(
            end_to_end_id=end_to_end_id,
            kind=kind,
            amount=self._amount(entry, details),
            reason=read_reason(returned.first("Rsn")) if returned else None,
            detail=read_detail(details.all("RtrInf", "AddtlInf")),
            bank_reference=read_id(details.words("Refs", "AcctSvcrRef") or entry.words("AcctSvcrRef")),
            on=read_day(entry.first("BookgDt")),
        )

    def _amount(self, entry: Element, details: Element) -> Amount:
        """Its own, or the entry's where it is the entry's only payment: `take` sees whether another one follows."""
        if (own := _own_amount(details)) is not None:
            return own
        self._lent = True
        amount = read_amount(entry.first("Amt"))
        if amount is None or entry.words("NtryDtls", "Btch", "NbOfTxs") not in (None, "1") or self._details > 1:
            raise _no_amount()
        return amount


def notification(root: Element, bookings: Bookings) -> Notification:
    """The notification of a document whose records have been taken.

    Raises:
        UnreadableBankMessage: it has no id, or no notification.
    """
    body = root.first("BkToCstmrDbtCdtNtfctn")
    message_id = read_id(body.words("GrpHdr", "MsgId")) if body else None
    if message_id is None:
        raise UnreadableBankMessage("The notification has no id.", mend="Import the bank's file as it came.")
    return Notification(id=message_id, outcomes=tuple(bookings.outcomes), others=bookings.others)


def _kind(entry: Element, details: Element) -> OutcomeKind | None:
    # Versions up to .06 write the status as text, later ones as a choice.
    status = entry.words("Sts", "Cd") or entry.words("Sts")
    direction = details.words("CdtDbtInd") or entry.words("CdtDbtInd")
    reversed_entry = entry.words("RvslInd") in ("true", "1")
    if status == PENDING and direction == "DBIT" and not reversed_entry:
        return OutcomeKind.ACCEPTED
    if status != BOOKED:
        return None
    if direction == "DBIT":
        return None if reversed_entry else OutcomeKind.CONFIRMED
    if direction == "CRDT" and (reversed_entry or details.first("RtrInf") or _is_return(entry) or _is_return(details)):
        return OutcomeKind.RETURNED
    return None


def _is_return(element: Element) -> bool:
    return element.words("BkTxCd", "Domn", "Fmly", "SubFmlyCd") == RETURN_FAMILY


def _own_amount(details: Element) -> Amount | None:
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("AmtDtls", "InstdAmt", "Amt")):
        if (found := details.first(*path)) is not None:
            return read_amount(found)
    return None


def _no_amount() -> UnreadableBankMessage:
    return UnreadableBankMessage(
        "A payment of a batch has no amount of its own.", mend="Ask the bank to write amounts into the details."
    )
