"""Fold entries into balances, and balances into a trial balance. Reads no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provenance.ledger.accounts import Account
from provenance.ledger.transaction import Entry


def balances(entries: Iterable[Entry]) -> dict[Account, int]:
    """Micro-units by account, debits positive."""
    sums: dict[Account, int] = defaultdict(int)
    for entry in entries:
        sums[entry.account] += entry.micros
    return dict(sums)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceLine:
    """An account's balance, in the column where it belongs; the other one is zero. Both are zero or more."""

    account: Account
    debit_micros: int
    credit_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """All accounts of the books, by currency and id. ``differences`` holds debits less credits: zero, always."""

    lines: tuple[TrialBalanceLine, ...]
    differences: Mapping[str, int]

    @property
    def balanced(self) -> bool:
        """Whether debits equal credits in every currency."""
        return not any(self.differences.values())


def trial_balance(sums: Mapping[Account, int]) -> TrialBalance:
    """The trial balance of accounts with their balances in micro-units."""
    differences: dict[str, int] = defaultdict(int)
    lines = []
    for account in sorted(sums, key=lambda a: (a.currency, a.id)):
        micros = sums[account]
        differences[account.currency] += micros
        lines.append(TrialBalanceLine(account=account, debit_micros=max(micros, 0), credit_micros=max(-micros, 0)))
    return TrialBalance(lines=tuple(lines), differences=dict(differences))
