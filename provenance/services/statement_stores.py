"""What closing periods needs a database to keep: how parties are paid, closed periods, statements; and what to sum.

As everywhere: appended only, and every ``add`` appends the fact's leaf in the same database transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provenance.services.records import Page, Recorded, UseLine
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.close import PeriodClose, Window
from provenance.statements.movement import Movement
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.statement import Statement
from provenance.statements.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedUse:
    """One accrual or release that a close counts. ``seq`` is its number among both; ``cause`` tells them apart."""

    seq: int
    party: str
    currency: str
    micros: int
    basis_points: int
    cause: str
    late_from: str | None
    generation: str
    work: str
    purpose: str
    territory: str
    effective_at: datetime
    workers: Mapping[str, int]  # characters that matched, by the worker that made them


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMovement:
    """A movement on a party's account; ``first`` and ``last`` bound the numbers of its transactions."""

    party: str
    currency: str
    movement: Movement
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSpan:
    """Between which numbers lies what a line sums; None where nothing lies under it."""

    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedLine:
    """A transaction that a line sums: what it adds to what the party is owed."""

    transaction: str
    business_key: str
    cause: str
    effective_at: datetime
    corrects: str | None
    micros: int


class PayeeStore(Protocol):
    """How parties are paid: payout terms and tax profiles."""

    def add_terms(self, terms: PayoutTerms, at: datetime) -> None:
        """Record terms. The same again does nothing. `NotFound` where the party doesn't exist."""

    def add_tax(self, profile: TaxProfile, at: datetime) -> None:
        """Record a profile. The same again does nothing. `NotFound` where the party doesn't exist."""

    def terms(self) -> Mapping[tuple[str, str], Sequence[PayoutTerms]]:
        """All that was ever stated, by party and currency, in the order of recording."""

    def taxes(self) -> Mapping[str, Sequence[TaxProfile]]:
        """All that was ever stated, by party, in the order of recording."""


class StatementStore(Protocol):
    """Closed periods and their statements; and the sums that a close is made from."""

    def last_close(self) -> Recorded[PeriodClose] | None: ...

    def close_of(self, period: AccountingPeriod) -> Recorded[PeriodClose] | None: ...

    def window_of(self, period: AccountingPeriod) -> Window:
        """Which facts a closed period's statements counted."""

    def closes(self) -> Sequence[Recorded[PeriodClose]]:
        """All closed periods, oldest first."""

    def add(self, statements: Sequence[tuple[Statement, Sequence[LineSpan]]], at: datetime) -> None:
        """Record statements of a period that isn't closed yet, each with the spans of its lines."""

    def close(self, close: PeriodClose, at: datetime) -> None:
        """Seal a period. `PeriodClosed` or `PeriodOrder` where it isn't the next one."""

    def get(self, statement: str) -> Recorded[Statement] | None: ...

    def currencies(self, party: str, period: AccountingPeriod) -> Sequence[str]:
        """In which currencies a party has statements of a period."""

    def of_period(self, period: AccountingPeriod, *, after: int = 0, limit: int) -> Page[Recorded[Statement]]: ...

    def of_party(self, party: str, *, after: int = 0, limit: int) -> Page[Recorded[Statement]]: ...

    def first_effective(self) -> datetime | None:
        """When money first moved."""

    def movements(self, window: Window) -> Iterator[AccountMovement]:
        """What was posted to parties' accounts, by party, currency, cause and closed month."""

    def uses(self, window: Window) -> Iterator[StatedUse]:
        """All accruals and releases that count, streamed."""

    def advances(self, window: Window) -> Mapping[tuple[str, str], int]:
        """Micro-units of advances that were not recouped yet, by party and currency."""

    def works_stating(self, bound: str) -> Sequence[str]:
        """Works of which a licence states, or stated, this bound of a period: ``guarantee``, ``advance``."""

    def advanced_licences(self) -> Set[str]:
        """Versions of licences whose advance a statement paid."""

    def earned_under(self, licences: Collection[str], since: datetime, until: datetime, currency: str) -> int:
        """What uses under these licences earned all claimants, effective from ``since`` on and before ``until``."""

    def line_uses(
        self, statement: Statement, number: int, window: Window, *, after: int = 0, limit: int
    ) -> Page[Recorded[UseLine]]:
        """The accruals and releases under a line; ``recorded_at`` is when each was effective."""

    def line_transactions(
        self, statement: Statement, number: int, window: Window, *, after: int = 0, limit: int
    ) -> Page[Recorded[PostedLine]]:
        """The transactions under a line."""


class SubscriptionStore(Protocol):
    """Subscription money of services; and the usage that it, and the unattributed pool, are shared out by."""

    def add(self, subscription: Subscription, at: datetime) -> None:
        """Record it, after its transaction. `PeriodClosed` where its period is."""

    def get(self, subscription: str) -> Recorded[Subscription] | None: ...

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Subscription]]: ...

    def due(self, window: Window) -> Sequence[Recorded[Subscription]]:
        """Those whose period ends in the window: no close before has shared them out."""

    def usage(self, service: str, period: AccountingPeriod, currency: str) -> Mapping[str, int]:
        """What outputs without a price derived from: parts per billion by work, the rest under `NOBODY`."""

    def used(self, window: Window) -> Mapping[str, Mapping[str, int]]:
        """What the outputs that count derived from, of works that earned: parts per billion by currency and work."""
