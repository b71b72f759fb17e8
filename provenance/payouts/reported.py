"""What a provider reports by itself, and what may become of it. It is never believed: what it names is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class About(StrEnum):
    """What a report is about."""

    PAYMENT = "payment"  # an object of a payout
    ACCOUNT = "account"  # a payee's account
    OTHER = "other"  # nothing that we follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A report under the provider's own id, about one object, on one account (None: our own).

    ``key`` is the key of ours that the object carries, ``minor_units`` and ``currency`` the amount that it states;
    each is None where there is none. ``payload_sha256`` is the digest of all that came in.
    """

    provider: str
    id: str
    type: str
    about: About
    object: str
    account: str | None
    currency: str | None
    minor_units: int | None
    key: str | None
    payload_sha256: str


class Made(StrEnum):
    """What was made of a report."""

    LOOKED = "looked"  # the object was fetched, and the payout went on from what it is
    ACCOUNT = "account"  # the account's state was fetched
    UNKNOWN_TYPE = "unknown_type"  # nothing that we follow
    UNKNOWN_OBJECT = "unknown_object"  # no payout of ours has it
    OTHER_ACCOUNT = "other_account"  # of another party than the payout's
    DIFFERS = "differs"  # another amount or currency than was intended
    EXPIRED = "expired"  # it waited too long for the provider to answer; what it named is looked at all the same
