"""What is reconciled: rows of the books, of the provider, of payouts, and of statements; and the breaks between them.

A break says what doesn't fit, by how much, and what to do about it. Values alone; the services read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LedgerStep(StrEnum):
    """What a transaction of the books did for a payout."""

    RESERVED = "reserved"  # taken off what is owed to the party
    SENT = "sent"  # cash left us
    REVERSED = "reversed"  # cash came back
    WRITTEN_OFF = "written_off"  # or never will, and the loss is ours
    RETURNED = "returned"  # owed to the party again


class ProviderStep(StrEnum):
    """What the provider's balance says."""

    SENT = "sent"
    REVERSED = "reversed"  # a reversal, or a payout that failed after it had left
    FEE = "fee"  # of no payment in particular
    OTHER = "other"  # top-ups, charges and the like: nothing of payouts


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRow:
    """A payout as it was planned, and what it settles: the sum of its lines with what was carried in and on.

    ``account`` is the provider's name of the account that it goes to. ``live`` where it wasn't returned or cancelled.
    """

    payout: str
    currency: str
    micros: int
    settles_micros: int
    carried_in_micros: int
    carried_out_micros: int
    account: str
    live: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One transaction of a payout. ``object`` is the provider's name of what was sent, also where that is undone."""

    payout: str
    step: LedgerStep
    transaction: str
    currency: str
    micros: int
    at: datetime
    object: str | None = None
    fee_micros: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """One movement of the provider's balance, in micro-units above zero.

    ``payout`` is the key that we gave it, None where it has none of ours. ``object`` is the provider's name of what was
    sent, also where that is undone; ``account`` where it went.
    """

    id: str
    payout: str | None
    step: ProviderStep
    currency: str
    micros: int
    at: datetime
    object: str | None = None
    account: str | None = None
    fee_micros: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line of a closed statement; ``due_at`` is when it should have been settled by, None where nothing is due."""

    statement: str
    number: int
    currency: str
    micros: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """That a payout settles a line; ``live`` where the payout wasn't returned or cancelled."""

    statement: str
    number: int
    payout: str
    micros: int
    live: bool = True


class BreakKind(StrEnum):
    """What doesn't fit. The last three are time and rounding; nothing is wrong with them yet."""

    MISSING_AT_PROVIDER = "missing_at_provider"
    MISSING_IN_LEDGER = "missing_in_ledger"
    UNKNOWN_AT_PROVIDER = "unknown_at_provider"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    OTHER_ACCOUNT = "other_account"
    DUPLICATE_AT_PROVIDER = "duplicate_at_provider"
    DUPLICATE_IN_LEDGER = "duplicate_in_ledger"
    FEE_UNPOSTED = "fee_unposted"
    FEE_DIFFERS = "fee_differs"
    REVERSAL_UNPOSTED = "reversal_unposted"
    REVERSAL_MISSING_AT_PROVIDER = "reversal_missing_at_provider"
    FAILED_UNRETURNED = "failed_unreturned"
    RETURNED_WHILE_OUT = "returned_while_out"
    UNRESERVED = "unreserved"
    UNPLANNED = "unplanned"
    STRANDED = "stranded"
    BOOKED_AMOUNT_DIFFERS = "booked_amount_differs"
    SETTLES_OTHER_AMOUNT = "settles_other_amount"
    STATEMENT_UNSETTLED = "statement_unsettled"
    STATEMENT_SETTLED_TWICE = "statement_settled_twice"
    LINE_AMOUNT_DIFFERS = "line_amount_differs"
    LINE_UNKNOWN = "line_unknown"
    LINE_NOT_YET_SETTLED = "line_not_yet_settled"
    IN_FLIGHT = "in_flight"
    ROUNDING_RESIDUE = "rounding_residue"


HARMLESS = frozenset({BreakKind.LINE_NOT_YET_SETTLED, BreakKind.IN_FLIGHT, BreakKind.ROUNDING_RESIDUE})

WHAT_TO_DO: Mapping[BreakKind, str] = {
    BreakKind.MISSING_AT_PROVIDER: "Run the payout again: it looks for its object before anything is sent anew.",
    BreakKind.MISSING_IN_LEDGER: "Run the payout: it fetches the object and posts what left.",
    BreakKind.UNKNOWN_AT_PROVIDER: "Find out who moved it at the provider; nothing here asked for it.",
    BreakKind.AMOUNT_DIFFERS: "Stop the payout; correct the difference at the provider, or owe it to the party again.",
    BreakKind.CURRENCY_DIFFERS: "Stop the payout; have the provider reverse it, then pay it in the currency owed.",
    BreakKind.OTHER_ACCOUNT: "Have the provider call it back at once, and look how its account changed.",
    BreakKind.DUPLICATE_AT_PROVIDER: "Reverse the second one at the provider; no other payout of the party until then.",
    BreakKind.DUPLICATE_IN_LEDGER: "Correct the second transaction by a reversal that names it.",
    BreakKind.FEE_UNPOSTED: "Post the fee as an expense of payouts.",
    BreakKind.FEE_DIFFERS: "Post the difference as an expense of payouts, and ask the provider for its list of fees.",
    BreakKind.REVERSAL_UNPOSTED: "Run the payout: it fetches the object and posts what came back.",
    BreakKind.REVERSAL_MISSING_AT_PROVIDER: "Ask the provider; until then the cash in the books isn't there.",
    BreakKind.FAILED_UNRETURNED: "Run the payout: what came back is owed to the party again.",
    BreakKind.RETURNED_WHILE_OUT: "Hold the party's next payout: this one is still out, and would be paid twice.",
    BreakKind.UNRESERVED: "Stop payouts; find how money left that was taken off nobody.",
    BreakKind.UNPLANNED: "Stop payouts; find who posted for a payout that was never planned.",
    BreakKind.STRANDED: "Run the payout, or cancel it: it is neither paid nor owed.",
    BreakKind.BOOKED_AMOUNT_DIFFERS: "Correct the transaction that differs from what was planned.",
    BreakKind.SETTLES_OTHER_AMOUNT: "Stop the party's payouts; its lines don't add up to what was paid for them.",
    BreakKind.STATEMENT_UNSETTLED: "Plan a payout of the party, or say why it isn't paid.",
    BreakKind.STATEMENT_SETTLED_TWICE: "Reverse the later payout, or recoup it from the next statement.",
    BreakKind.LINE_AMOUNT_DIFFERS: "Stop the party's payouts; a line was settled for another amount than it states.",
    BreakKind.LINE_UNKNOWN: "Stop payouts; a payout settles a line that no statement has.",
    BreakKind.LINE_NOT_YET_SETTLED: "Wait for the next payout run.",
    BreakKind.IN_FLIGHT: "Wait: the other side usually follows; it becomes a break of its own if it doesn't.",
    BreakKind.ROUNDING_RESIDUE: "Nothing, if it is rare; carry it on with the party's next payout.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One thing that doesn't fit: about which payout or line, and by how much.

    ``subject`` is a payout's id, a line as ``statement#number``, or the provider's row where it knows nothing of ours.
    ``micros`` is what the other side has more (or less, below zero), as far as one can say, in ``currency``.
    """

    kind: BreakKind
    subject: str
    currency: str
    micros: int
    detail: str = ""

    @property
    def harmless(self) -> bool:
        """Whether it is time or rounding alone."""
        return self.kind in HARMLESS

    @property
    def what_to_do(self) -> str:
        """In a sentence."""
        return WHAT_TO_DO[self.kind]
