"""Take in a message of the bank's: all that it says of our payments, or nothing. The same again changes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from provenance.adapters.bank_file.filing import finish, sent_file
from provenance.adapters.bank_file.folder import IMPORTED, OUTCOMES
from provenance.adapters.bank_file.orders import and_then, outcome_record
from provenance.adapters.bank_file.provider import BankFiles
from provenance.bank_files.outcome import Outcome, OutcomeKind
from provenance.bank_files.pain002 import StatusReport, decided
from provenance.bank_files.reading import read_bank_message
from provenance.kernel.canonical import sha256_hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a message said: an outcome for each payment of ours, and the payouts that they are about.

    ``others`` counts what it tells of payments that aren't ours. ``again`` where it was taken in before.
    ``booked_twice`` are payments that the bank took from our account more than once.
    """

    message: str
    outcomes: tuple[Outcome, ...]
    payouts: tuple[str, ...]
    others: int
    again: bool
    booked_twice: tuple[str, ...]


def take_in(bank: BankFiles, data: bytes) -> Imported:
    """Take in a pain.002 or a camt.054.

    Raises:
        UnreadableBankMessage, TooLarge: it isn't one, or is above the bounds.
        ContradictoryBankMessage: it contradicts itself, what was sent, or what the bank said before.
        NotFound: it is about a file that wasn't written here.
        AlreadyRunning: another process takes one in.
    """
    message = read_bank_message(data)
    digest = sha256_hex(data)
    with bank.folder.locked():
        finish(bank.folder)
        again = digest in set(bank.folder.names(IMPORTED))
        if isinstance(message, StatusReport):
            outcomes = decided(message, sent_file(bank.folder, message.original_message_id))
            others = 0
        else:
            outcomes = tuple(o for o in message.outcomes if bank.order(o.end_to_end_id) is not None)
            others = message.others + len(message.outcomes) - len(outcomes)
        payouts = _record(bank, outcomes)
        bank.folder.write_file(IMPORTED, digest, b"")
    return Imported(
        message=message.id,
        outcomes=outcomes,
        payouts=payouts,
        others=others,
        again=again,
        booked_twice=tuple(sorted({o.end_to_end_id for o in outcomes if _bookings(bank, o.end_to_end_id) > 1})),
    )


def _record(bank: BankFiles, outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    """Fold everything before anything is written: a message that contradicts what is known leaves no trace."""
    known: dict[str, tuple[Outcome, ...]] = {}
    payouts: dict[str, None] = {}
    for outcome in outcomes:
        name = outcome.end_to_end_id
        order = bank.order(name)
        assert order is not None, "it was looked up before"
        payouts[order.payout] = None
        known[name] = and_then(known.get(name) or bank.outcomes(name), outcome)
    for name, folded in known.items():
        if folded != bank.outcomes(name):
            bank.folder.write(OUTCOMES, name, {"outcomes": [outcome_record(o) for o in folded]})
    return tuple(payouts)


def _bookings(bank: BankFiles, order: str) -> int:
    """How often the bank took a payment from our account: debits under different references of its own."""
    booked = Counter(
        o.bank_reference for o in bank.outcomes(order) if o.kind is OutcomeKind.CONFIRMED and o.on is not None
    )
    return len(booked)
