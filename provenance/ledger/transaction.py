"""Balanced transactions. A draft that exists is balanced; a posted one is never changed, only reversed by another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from provenance.kernel.canonical import Json, digest
from provenance.kernel.errors import CorrectionOfCorrection, Unbalanced
from provenance.kernel.ids import derived_id
from provenance.ledger.accounts import Account

ENTRIES_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One leg: micro-units of the account's currency, positive for a debit, negative for a credit, never zero."""

    account: Account
    micros: int

    def __post_init__(self) -> None:
        assert type(self.micros) is int, f"an entry counts micro-units, not {self.micros!r}"
        assert self.micros, "an entry of zero says nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Entries that add up to zero in each currency, under a business key that is used once.

    ``cause`` says in one word what it records ("accrual", "reversal"); ``corrects`` names the transaction that it
    corrects. ``effective_at`` is when the fact happened; when it was recorded is the store's to say.

    Raises:
        Unbalanced: fewer than two entries, an account that occurs twice, or a sum that isn't zero.
    """

    business_key: str
    cause: str
    entries: tuple[Entry, ...]
    effective_at: datetime
    corrects: str | None = None

    def __post_init__(self) -> None:
        assert self.effective_at.utcoffset() == timedelta(0), "times are in UTC: the digest has one form of each"
        if not 2 <= len(self.entries) <= ENTRIES_MAX:
            raise Unbalanced(f"A transaction has 2 to {ENTRIES_MAX} entries, not {len(self.entries)}.")
        if len({e.account for e in self.entries}) != len(self.entries):
            raise Unbalanced("An account occurs twice in one transaction.", mend="Add its amounts up first.")
        if excess := {c: s for c, s in totals(self.entries).items() if s}:
            raise Unbalanced(f"The entries leave {excess} micro-units over.", excess=excess)

    @property
    def id(self) -> str:
        """It follows from the business key."""
        return derived_id("txn", {"business_key": self.business_key})

    @property
    def payload_digest(self) -> str:
        """Digest of all that is recorded, for telling the same again from another under the same key."""
        entries: list[Json] = [{"account": e.account.id, "micros": str(e.micros)} for e in self.entries]
        return digest(
            {
                "business_key": self.business_key,
                "cause": self.cause,
                "effective_at": self.effective_at.isoformat(),
                "corrects": self.corrects,
                "entries": entries,
            }
        )


def totals(entries: Iterable[Entry]) -> Mapping[str, int]:
    """Sum of the entries by currency, in micro-units."""
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.account.currency] += entry.micros
    return sums


def entries_of(legs: Iterable[tuple[Account, int]]) -> tuple[Entry, ...]:
    """Entries from any number of legs: one an account, amounts added up, zeros left out, sorted by account."""
    sums: dict[Account, int] = defaultdict(int)
    for account, micros in legs:
        sums[account] += micros
    return tuple(Entry(account=a, micros=sums[a]) for a in sorted(sums, key=lambda a: a.id) if sums[a])


def reversal(transaction: Transaction, *, effective_at: datetime) -> Transaction:
    """The transaction that undoes ``transaction`` to the micro-unit, and names it.

    Raises:
        CorrectionOfCorrection: ``transaction`` corrects another one.
    """
    if transaction.corrects is not None:
        raise CorrectionOfCorrection(
            f"{transaction.id} corrects {transaction.corrects}, and no correction is reversed.",
            mend="Record what is right as a new transaction.",
            transaction=transaction.id,
            corrects=transaction.corrects,
        )
    return Transaction(
        business_key=f"reversal:{transaction.business_key}",
        cause="reversal",
        entries=tuple(Entry(account=e.account, micros=-e.micros) for e in transaction.entries),
        effective_at=effective_at,
        corrects=transaction.id,
    )
