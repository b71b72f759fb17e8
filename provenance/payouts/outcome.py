"""What a provider answered, and what it has: typed, so that no answer is taken for another one.

An answer is clear (accepted, refused) or it isn't: a timeout, a failure of the provider, too many requests, another
request under the same key. What isn't clear may have had its effect, and is asked again under the same key. And a key
may turn out to stand for something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provenance.payouts.payout import Payout


class Status(StrEnum):
    """How far the provider has come with an object."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"  # or cancelled, or wholly reversed: the money is where it was before


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderObject:
    """What a provider has: under which of our keys (None: it doesn't say), from or to which account, how much.

    ``fee_minor_units`` is what the provider took from us besides.
    """

    id: str
    key: str | None
    account: str
    currency: str
    minor_units: int
    status: Status
    code: str = ""
    fee_minor_units: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider has it."""

    found: ProviderObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It had no effect, surely. ``permanent`` where another attempt would be refused as well."""

    code: str
    permanent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may or may not have had its effect."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted:
    """The provider has something else under the key: a person has to look, before anything is asked again."""

    code: str


Outcome = Accepted | Refused | Unknown | Contradicted


def difference(payout: Payout, account: str, found: ProviderObject, key: str | None) -> str | None:
    """In what an object differs from the intent, None where it doesn't.

    ``account`` is the provider's own name of the account that it should be for, ``key`` that of the attempt.
    """
    if found.currency != payout.currency:
        return "another_currency"
    if found.minor_units != payout.minor_units:
        return "another_amount"
    if found.account != account:
        return "another_account"
    if key is not None and found.key is not None and found.key != key:
        return "another_key"
    return None
