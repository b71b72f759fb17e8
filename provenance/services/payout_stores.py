"""What payouts need a database to keep: where parties are paid to, payouts with all that happens to them, an inbox.

As everywhere: appended only, and every ``add`` of a fact appends its leaf in the same database transaction. The inbox
holds no facts of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provenance.payouts.approval import Approval
from provenance.payouts.due import Payee, Skipped
from provenance.payouts.event import Event, State
from provenance.payouts.leg import Attempt
from provenance.payouts.payee_account import AccountState, PayeeAccount
from provenance.payouts.payout import Payout
from provenance.payouts.reported import Made, Reported
from provenance.services.records import Page, Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A payout with all that belongs to it, oldest first."""

    recorded: Recorded[Payout]
    account: PayeeAccount
    approvals: tuple[Approval, ...]
    attempts: tuple[Attempt, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLine:
    """A payout in a list: its state, and when it came to it."""

    payout: Payout
    state: State
    planned_at: datetime
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InInbox:
    """A report in the inbox; what was made of it, None while that is to come."""

    seq: int
    reported: Reported
    received_at: datetime
    made: Made | None = None
    payout: str | None = None


class PayoutStore(Protocol):
    """Payouts, who approved them, the attempts at them and what happened."""

    def payees(
        self, provider: str, *, after: tuple[str, str] | None = None, limit: int, party: str | None = None
    ) -> Sequence[Payee]:
        """Parties that have statements, by party and currency, after one; all that is known but what the books owe.

        ``owed_micros`` is left at zero: who plans locks the balance and fills it in.
        """

    def add(self, payout: Payout, at: datetime) -> None:
        """Record a payout. `Conflict` where another one settles a line of it, or has its number."""

    def refuse(self, refused: Skipped, at: datetime) -> None:
        """Record why a party isn't paid. The same again does nothing."""

    def refusals(self, *, after: int = 0, limit: int, party: str | None = None) -> Page[Recorded[Skipped]]:
        """Why parties weren't paid, in the order of recording: all, or one party's."""

    def history(self, payout: str) -> History | None:
        """A payout with all that belongs to it."""

    def page(
        self, *, after: int = 0, limit: int, party: str | None = None, state: State | None = None
    ) -> Page[Recorded[PayoutLine]]:
        """Payouts in the order of recording: all, or those of a party, or in a state."""

    def unfinished(self, *, after: int = 0, limit: int) -> Page[Recorded[PayoutLine]]:
        """Payouts to which something more has to happen, in the order of recording."""

    def settled_since(self, since: datetime, *, after: int = 0, limit: int) -> Page[Recorded[PayoutLine]]:
        """Payouts that were settled at a time or later, in the order of recording: a bank may still send them back."""

    def add_approval(self, approval: Approval, at: datetime) -> None:
        """Record that somebody approved. `Conflict` where they did before."""

    def add_attempt(self, attempt: Attempt) -> None:
        """Record an attempt. `Conflict` where it isn't the next one."""

    def add_event(self, event: Event) -> None:
        """Record what happened. `Conflict` where it isn't the next event, or moves the state back."""

    def of_object(self, provider_id: str) -> Sequence[str]:
        """The payouts of which the provider's object is a part."""

    def of_key(self, key: str) -> str | None:
        """The payout of an attempt, by its key."""


class PayeeAccountStore(Protocol):
    """Accounts that parties are paid to."""

    def add(self, account: PayeeAccount, at: datetime) -> None:
        """Record an account. `Conflict` where it is another party's."""

    def get(self, account: str) -> Recorded[PayeeAccount] | None:
        """The account of this id."""

    def current(self, party: str, provider: str) -> Recorded[PayeeAccount] | None:
        """The account that a party stated last."""

    def of_provider(self, provider: str, account: str) -> Recorded[PayeeAccount] | None:
        """The one that the provider calls so; the last one stated."""

    def of_party(self, party: str) -> Sequence[Recorded[PayeeAccount]]:
        """All that a party ever had, oldest first."""

    def page(self, provider: str, *, after: int = 0, limit: int) -> Page[Recorded[PayeeAccount]]:
        """Accounts with a provider in the order of recording."""

    def add_state(self, state: AccountState) -> None:
        """Record what the provider says of an account. `Conflict` where it isn't the next observation."""

    def state(self, account: str) -> AccountState | None:
        """What it said last."""


class Inbox(Protocol):
    """Reports of providers, each once, and what was made of them."""

    def add(self, reported: Reported, at: datetime) -> bool:
        """Keep a report; whether it is new."""

    def waiting(self, *, limit: int) -> Sequence[InInbox]:
        """Those of which nothing was made yet, oldest first."""

    def settle(self, seq: int, made: Made, payout: str | None, at: datetime) -> None:
        """Say what was made of a report, once."""

    def page(self, *, after: int = 0, limit: int) -> Page[InInbox]:
        """All of them, in the order in which they came."""
