"""Read a file of the bank's: a status report (pain.002) or a notification (camt.054). Hostile until it is proven wrong.

All of a file is read before anything of it is handed on: a file that is damaged anywhere says nothing at all.
"""

from __future__ import annotations

import re

from provenance.bank_files import camt054, pain002
from provenance.bank_files.camt054 import Bookings, Notification
from provenance.bank_files.markup import Element, read_records
from provenance.bank_files.outcome import Outcome, outcome_of
from provenance.bank_files.pain002 import StatusReport
from provenance.kernel.errors import UnreadableBankMessage

# Every version that banks send; the elements that are read here are the same in all of them.
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(pain\.002\.001|camt\.054\.001)\.([0-9]{2})", re.ASCII)
VERSIONS = {"pain.002.001": range(3, 15), "camt.054.001": range(2, 14)}


def read_bank_message(data: bytes) -> StatusReport | Notification:
    """What a bank's message says.

    Raises:
        UnreadableBankMessage: it isn't well-formed, declares a document type, is of another kind, or holds a value that
            is none.
        ContradictoryBankMessage: it says two things of one payment.
        UnknownCurrency: an amount is in what isn't a currency.
        TooLarge: it is above the bounds of what is read.
    """
    statuses: list[Outcome] = []
    bookings = Bookings()

    def take(around: list[Element], element: Element) -> None:
        if element.name in camt054.RECORDS:
            bookings.take(around, element)
        elif outcome := pain002.payment_status(element):
            statuses.append(outcome)

    namespace, root = read_records(data, records=pain002.RECORDS | camt054.RECORDS, take=take)
    known = _NAMESPACE.fullmatch(namespace)
    if known is None or int(known[2]) not in VERSIONS[known[1]]:
        raise UnreadableBankMessage(
            f"The file is none of the messages that are read here ({namespace[:80] or 'no namespace'}).",
            mend="Import a pain.002 or a camt.054 of ISO 20022.",
        )
    if known[1] == "camt.054.001":
        return camt054.notification(root, bookings)
    return pain002.status_report(root, outcome_of(statuses))
