"""What payouts need of whoever moves the money: a bank by files, or a provider by calls. The saga knows no more.

No method raises for what a provider may answer: answers are values (see `payouts.outcome`). What isn't clear is said to
be unknown, and never to be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from provenance.kernel.errors import Unavailable
from provenance.payouts.approval import Limits
from provenance.payouts.due import Way
from provenance.payouts.leg import Attempt
from provenance.payouts.outcome import Outcome, ProviderObject, Unknown
from provenance.payouts.payee_account import Readiness
from provenance.payouts.payout import Payout
from provenance.payouts.reported import Reported
from provenance.services.reconciliation_stores import Movements


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """An attempt, with all that a provider needs: ``account`` is its own name of the payee account."""

    payout: Payout
    attempt: Attempt
    account: str


class PaymentProvider(Protocol):
    """Moves money to payees, leg by leg."""

    @property
    def way(self) -> Way:
        """Its name, its legs, and the least that it pays."""

    @property
    def key_retention(self) -> timedelta | None:
        """How long it answers the same key in the same way; None: for ever."""

    def send(self, instruction: Instruction) -> Outcome:
        """Do an attempt, or undo what it names, under the attempt's key: the same key again does it once."""

    def find(self, instruction: Instruction) -> Sequence[ProviderObject] | Unknown:
        """What there is of an attempt, by what its objects carry of ours; nothing where there is nothing."""

    def look(self, instruction: Instruction, provider_id: str) -> ProviderObject | Unknown:
        """The object of this name, as it is now."""


Providers = Mapping[str, PaymentProvider]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page of the provider's where a party says who it is and where its bank is; it works until a time."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """What a provider says of an account now: ``due`` is what it still asks for, ``code`` why it is dead."""

    readiness: Readiness
    due: tuple[str, ...] = ()
    code: str = ""


class Onboarding(Protocol):
    """Opens accounts for payees. Methods raise `Unavailable` where the provider doesn't answer."""

    @property
    def provider(self) -> str:
        """The provider's name, as payouts have it."""

    def open(self, party: str, *, country: str, email: str | None, key: str) -> str:
        """A new account for a party, by the provider's name; the same key again opens no other."""

    def link(self, account: str) -> Link:
        """A page for the party to go to."""

    def report(self, account: str) -> AccountReport:
        """What the provider says of an account now."""


_SET_UP = "Set PROVENANCE_STRIPE_KEY, or PROVENANCE_PAYER_NAME and PROVENANCE_PAYER_IBAN for bank files."

VerifyReport = Callable[[bytes, str | None, datetime], Reported]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """What an installation pays by.

    ``providers`` by name; ``by`` is the one that new payouts go through, None where none is set up. ``movements`` say
    by the same names what the providers' balances say. ``verify`` reads a signed report: body, signature header, now.
    """

    providers: Providers
    by: str | None
    limits: Limits
    onboarding: Onboarding | None = None
    movements: Mapping[str, Movements] = field(default_factory=dict)
    verify: VerifyReport | None = None

    @property
    def way(self) -> Way:
        """How new payouts go. Raises `Unavailable` where no provider is set up."""
        if self.by is None:
            raise Unavailable("No payment provider is set up.", mend=_SET_UP)
        return self.providers[self.by].way

    @property
    def opens_accounts(self) -> Onboarding:
        """Who opens accounts for payees. Raises `Unavailable` where nobody does."""
        if self.onboarding is None:
            raise Unavailable("No provider that opens accounts is set up.", mend="Set PROVENANCE_STRIPE_KEY.")
        return self.onboarding
