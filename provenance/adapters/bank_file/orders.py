"""A payment as the bank folder keeps it: an order, and what the bank said of it, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from provenance.bank_files.account_text import holder_from
from provenance.bank_files.outcome import Outcome, OutcomeKind
from provenance.bank_files.transfer import Amount, CreditTransfer, end_to_end_id
from provenance.kernel.canonical import Json
from provenance.kernel.errors import ContradictoryBankMessage
from provenance.services.payment_provider import Instruction

OUTCOMES_MAX = 20

_MAY_FOLLOW = {
    OutcomeKind.ACCEPTED: frozenset(OutcomeKind),
    OutcomeKind.CONFIRMED: frozenset({OutcomeKind.ACCEPTED, OutcomeKind.CONFIRMED, OutcomeKind.RETURNED}),
    OutcomeKind.FAILED: frozenset({OutcomeKind.ACCEPTED, OutcomeKind.FAILED}),
    OutcomeKind.RETURNED: frozenset({OutcomeKind.ACCEPTED, OutcomeKind.CONFIRMED, OutcomeKind.RETURNED}),
}
_WEIGHT = {OutcomeKind.ACCEPTED: 0, OutcomeKind.CONFIRMED: 1, OutcomeKind.FAILED: 2, OutcomeKind.RETURNED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One attempt at a payout, as it goes to the bank. ``account`` is a line of `account_text`."""

    key: str
    payout: str
    account: str
    amount: Amount

    @classmethod
    def of(cls, instruction: Instruction) -> Self:
        """The order of an instruction."""
        payout = instruction.payout
        amount = Amount(currency=payout.currency, minor_units=payout.minor_units)
        return cls(key=instruction.attempt.key, payout=payout.id, account=instruction.account, amount=amount)

    @property
    def id(self) -> str:
        """Its end-to-end id: it follows from the attempt's key."""
        return end_to_end_id({"attempt": self.key})

    def transfer(self) -> CreditTransfer:
        """What the bank reads of it."""
        return CreditTransfer(
            end_to_end_id=self.id,
            creditor=holder_from(self.account),
            amount=self.amount,
            note=f"Royalties {self.payout}",
        )

    def record(self) -> dict[str, Json]:
        """All of it."""
        return {
            "key": self.key,
            "payout": self.payout,
            "account": self.account,
            "currency": self.amount.currency,
            "minor_units": self.amount.minor_units,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """What `record` wrote."""
        amount = Amount(currency=record["currency"], minor_units=record["minor_units"])
        return cls(key=record["key"], payout=record["payout"], account=record["account"], amount=amount)


def and_then(known: Sequence[Outcome], outcome: Outcome) -> tuple[Outcome, ...]:
    """What is known of a payment with one more outcome; the same again changes nothing.

    A late message moves nothing back: that a payment was booked may be told after it came back.

    Raises:
        ContradictoryBankMessage: it can't follow what the bank said before, or the bank says ever more.
    """
    if outcome in known:
        return tuple(known)
    last = current(known)
    if last is not None and outcome.kind not in _MAY_FOLLOW[last.kind]:
        raise ContradictoryBankMessage(
            f"The bank said {last.kind} of {outcome.end_to_end_id} before, and says {outcome.kind} now.",
            mend="Ask the bank which of them holds; nothing of the message was taken in.",
            end_to_end_id=outcome.end_to_end_id,
        )
    if len(known) >= OUTCOMES_MAX:
        raise ContradictoryBankMessage(
            f"The bank has said {OUTCOMES_MAX} things of {outcome.end_to_end_id}.", mend="Ask the bank."
        )
    return (*known, outcome)


def current(known: Sequence[Outcome]) -> Outcome | None:
    """The one that holds: the furthest, and of equals the first."""
    return max(known, key=lambda outcome: _WEIGHT[outcome.kind], default=None)


def outcome_record(outcome: Outcome) -> dict[str, Json]:
    """All of an outcome."""
    return {
        "end_to_end_id": outcome.end_to_end_id,
        "kind": outcome.kind.value,
        "currency": outcome.amount.currency if outcome.amount else None,
        "minor_units": outcome.amount.minor_units if outcome.amount else None,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "bank_reference": outcome.bank_reference,
        "on": outcome.on.isoformat() if outcome.on else None,
    }


def outcome_from(record: dict[str, Any]) -> Outcome:
    """What `outcome_record` wrote."""
    stated = record["currency"] is not None
    return Outcome(
        end_to_end_id=record["end_to_end_id"],
        kind=OutcomeKind(record["kind"]),
        amount=Amount(currency=record["currency"], minor_units=record["minor_units"]) if stated else None,
        reason=record["reason"],
        detail=record["detail"],
        bank_reference=record["bank_reference"],
        on=date.fromisoformat(record["on"]) if record["on"] else None,
    )
