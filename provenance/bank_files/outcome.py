"""What a bank says became of a payment: values, each about one end-to-end id. Believes and decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from provenance.bank_files.markup import Element
from provenance.bank_files.transfer import Amount
from provenance.kernel.errors import ContradictoryBankMessage, UnreadableBankMessage
from provenance.kernel.minor_units import decimals_of

ID_CHARS_MAX = 35  # Max35Text
REASON_CHARS_MAX = 35  # a code of four, or a bank's own of up to 35
DETAIL_CHARS_MAX = 500
MISSING_IDS = frozenset({"NOTPROVIDED", "NONREF"})

_DECIMAL = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,17})?", re.ASCII)


class OutcomeKind(StrEnum):
    """Where a payment stands. Only the last three end anything, and a return can follow a confirmation."""

    ACCEPTED = "accepted"  # the bank has it and goes on; nothing is final
    CONFIRMED = "confirmed"  # booked on the account that it was paid from
    FAILED = "failed"  # refused or cancelled; nothing left the account
    RETURNED = "returned"  # the money came back


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one message says of one payment.

    ``reason`` is a code of ISO 20022's external lists such as ``AC04``, or a bank's own; ``detail`` its words. An
    amount is what the bank says, which may differ from what was asked for: a return may be short of a fee.
    """

    end_to_end_id: str
    kind: OutcomeKind
    amount: Amount | None = None
    reason: str | None = None
    detail: str = ""
    bank_reference: str | None = None
    on: date | None = None


def outcome_of(ids: Iterable[Outcome]) -> dict[str, Outcome]:
    """By end-to-end id, of outcomes that each stand once.

    Raises:
        ContradictoryBankMessage: two of one payment that aren't the same.
    """
    found: dict[str, Outcome] = {}
    for outcome in ids:
        if found.setdefault(outcome.end_to_end_id, outcome) != outcome:
            raise ContradictoryBankMessage(
                f"The message says two things of {outcome.end_to_end_id}.",
                mend="Ask the bank which of them holds.",
                end_to_end_id=outcome.end_to_end_id,
            )
    return found


def read_amount(element: Element | None) -> Amount | None:
    """An amount with its currency, exactly; None where there is none.

    Raises:
        UnreadableBankMessage: no decimal, or more decimals than the currency has that aren't zero.
        UnknownCurrency: its currency isn't of ISO 4217.
    """
    if element is None:
        return None
    text = element.text.strip()
    if not _DECIMAL.fullmatch(text):
        raise UnreadableBankMessage(f"{text[:40]!r} is no amount.", mend="Ask the bank for the file again.")
    scaled = Decimal(text).scaleb(decimals_of(element.currency))
    if scaled != scaled.to_integral_value():
        raise UnreadableBankMessage(
            f"{text[:40]} {element.currency} has more decimals than the currency.", mend="Ask the bank what is meant."
        )
    return Amount(currency=element.currency, minor_units=int(scaled))


def read_id(text: str | None) -> str | None:
    """An identifier, or None where none was given.

    Raises:
        UnreadableBankMessage: it is longer than the standard allows.
    """
    if text is None or text in MISSING_IDS:
        return None
    if len(text) > ID_CHARS_MAX:
        raise UnreadableBankMessage(f"The id {text[:40]!r} has over {ID_CHARS_MAX} characters.", mend="Ask the bank.")
    return text


def read_reason(element: Element | None) -> str | None:
    """A reason's code: of the external list, else the bank's own."""
    if element is None:
        return None
    code = element.words("Cd") or element.words("Prtry")
    return code[:REASON_CHARS_MAX] if code else None


def read_detail(elements: Iterable[Element]) -> str:
    """A bank's further words, together and cut off at `DETAIL_CHARS_MAX`."""
    return " ".join(text for e in elements if (text := e.text.strip()))[:DETAIL_CHARS_MAX]


def read_day(element: Element | None) -> date | None:
    """The day of a date or a time (``Dt`` or ``DtTm``); None where there is none.

    Raises:
        UnreadableBankMessage: it is no date.
    """
    text = (element.words("Dt") or element.words("DtTm")) if element is not None else None
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise UnreadableBankMessage(f"{text[:40]!r} is no date.", mend="Ask the bank for the file again.") from error
