"""Where a party is paid to: its account with a provider, and what the provider last said of it.

The account's number may be a bank's: the log commits to its digest, never to the number. What a provider still asks for
stands in its own words; what they mean to a person is for the page that shows them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provenance.kernel.canonical import Json, sha256_hex
from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import check_external_id, check_party_id, derived_id

REQUIREMENTS_MAX = 100
# Codes of failures after which nothing can be paid to an account any more: another one is needed.
DEAD_CODES = frozenset(
    {
        "account_closed",
        "account_frozen",
        "account_invalid",
        "bank_ownership_changed",
        "invalid_account_number",
        "no_account",
    }
)

_PROVIDER = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)


class Readiness(StrEnum):
    """Whether a party can be paid to an account."""

    READY = "ready"
    INCOMPLETE = "incomplete"  # the provider still asks for something
    PENDING = "pending"  # the provider is looking at what it was given
    DEAD = "dead"  # closed, or refused for good: another account is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeAccount:
    """An account of a party's with a provider, under the provider's own name of it; the last one stated counts.

    Raises:
        InvalidInput: a provider or an account that isn't a name.
    """

    party: str
    provider: str
    account: str
    number: int

    def __post_init__(self) -> None:
        check_party_id(self.party)
        if not _PROVIDER.fullmatch(self.provider):
            raise InvalidInput(f"{self.provider[:40]!r} names no provider.", field="provider")
        check_external_id(self.account, what="account")
        assert self.number >= 1, "accounts count from 1"

    @property
    def id(self) -> str:
        """It follows from whose it is, and from which."""
        return derived_id("payee_account", {"party": self.party, "provider": self.provider, "number": self.number})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What a provider says of an account at a time: ``due`` is what it still asks for, ``code`` why it is dead."""

    account: str
    number: int
    readiness: Readiness
    at: datetime
    due: tuple[str, ...] = ()
    code: str = ""

    def __post_init__(self) -> None:
        assert self.number >= 1, "observations count from 1"
        assert len(self.due) <= REQUIREMENTS_MAX, "what is asked for is bounded"

    @property
    def id(self) -> str:
        """It follows from the account and the number."""
        return derived_id("account_state", {"account": self.account, "number": self.number})

    def says_the_same(self, other: AccountState) -> bool:
        """Whether nothing changed."""
        return (self.readiness, self.due, self.code) == (other.readiness, other.due, other.code)


def payee_account_form(account: PayeeAccount) -> dict[str, Json]:
    """All of it, as its leaf commits to it: the account by its digest."""
    return {
        "id": account.id,
        "party": account.party,
        "provider": account.provider,
        "account_sha256": sha256_hex(account.account.encode()),
        "number": account.number,
    }


def account_state_form(state: AccountState) -> dict[str, Json]:
    """All of it, as its leaf commits to it; its time is when it was recorded."""
    return {
        "id": state.id,
        "account": state.account,
        "number": state.number,
        "readiness": state.readiness.value,
        "due": list(state.due),
        "code": state.code,
    }
