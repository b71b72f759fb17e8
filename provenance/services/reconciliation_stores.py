"""What a reconciliation reads: payouts, their transactions, lines of statements and what settles them, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from provenance.payouts.reconciled_rows import IntentRow, LedgerRow, LedgerStep, LineRow, LinkRow, ProviderRow

Line = tuple[str, int]  # a statement and a number


class ReconciliationStore(Protocol):
    """Rows of the database by payout, or by line, after a key: at most ``limit`` of them."""

    def intents(self, provider: str, *, after: str, limit: int) -> Sequence[IntentRow]:
        """Payouts through a provider with what they settle, in the order of their ids."""

    def booked(self, provider: str, step: LedgerStep, *, after: str, limit: int) -> Sequence[tuple[str, LedgerRow]]:
        """Transactions of one step, each with its business key, in the order of these: that of the payouts' ids."""

    def lines(self, *, after: Line, limit: int, settled_within: timedelta) -> Sequence[LineRow]:
        """Statements' lines that a payout settles, in order.

        Those of a party and currency whose last statement is payable are due ``settled_within`` after their own close.
        """

    def links(self, *, after: Line, payout: str, limit: int) -> Sequence[LinkRow]:
        """What payouts settle, in the order of the lines and then of the payouts, after that of ``payout``."""


class Movements(Protocol):
    """What a provider's balance says."""

    def movements(self, now: datetime) -> Iterable[ProviderRow]:
        """All movements, in the order of their payouts' ids; those without one first. Raises `Unavailable`."""
