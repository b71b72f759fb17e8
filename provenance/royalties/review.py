"""Resolve a use that was held for review: release the royalty to its claimants, or decline it.

What was held goes somewhere else to the micro-unit, in a transaction of its own that names the one which held it. A
decline leaves the books as if the work's share had been nobody's: the pool's part of it to the pool, the rest to
revenue, and a fee that nobody is owed isn't owed by the service either. Decides nothing: somebody does, and says why.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import LABEL_CHARS_MAX, check_label, derived_id
from provenance.kernel.money import MicroUnits, Money
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.royalties.accrual import Accrual, GenerationAccrual, Outcome, WorkUse, split_royalty
from provenance.royalties.postings import accrual_legs
from provenance.royalties.terms import part_of
from provenance.sources.claim import Claims

HOLD_DAYS_MAX = 3_650


class Resolution(StrEnum):
    """What becomes of a use that was held for review."""

    RELEASE = "release"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """How one hold was resolved: ``decided_by`` is a party, ``released`` what claimants got of ``held``, if anything.

    Raises:
        InvalidInput: no reason, or one that isn't a line of at most `LABEL_CHARS_MAX` plain characters.
    """

    generation: str
    work: str
    resolution: Resolution
    decided_by: str
    reason: str
    held: Money
    released: tuple[Accrual, ...]
    transaction: str | None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidInput("A review needs its reason.", mend="Say why in a line.", field="reason")
        check_label(self.reason, what="reason", chars_max=LABEL_CHARS_MAX)
        got = sum(a.money.micros for a in self.released)
        due = self.held.micros if self.resolution is Resolution.RELEASE else 0
        assert got == due, "a release pays out what was held, and a decline nothing"

    @property
    def id(self) -> str:
        """It follows from the use: a use is reviewed once."""
        return derived_id("review", {"generation": self.generation, "work": self.work})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldUse:
    """A use that is held for review, with what its resolution follows from.

    ``declined`` names works of the same generation whose holds were declined before: what the service still owes
    depends on them. ``claims`` are those in force at the use, ``posted`` the transaction that held the royalty.
    """

    generation: str
    service: str
    accrual: GenerationAccrual
    use: WorkUse
    claims: Claims
    posted: str | None
    declined: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        assert self.use.outcome is Outcome.REVIEW, "nothing else waits for a review"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPolicy:
    """What becomes of a use that nobody has looked at for so many days.

    Raises:
        InvalidInput: fewer than one day, or more than `HOLD_DAYS_MAX`.
    """

    days: int
    resolution: Resolution

    def __post_init__(self) -> None:
        if not 0 < self.days <= HOLD_DAYS_MAX:
            raise InvalidInput(
                f"{self.days} days is no time to wait.", mend=f"Give 1 to {HOLD_DAYS_MAX}.", field="days"
            )

    @property
    def reason(self) -> str:
        """What the review says of it."""
        return f"Nobody decided within {self.days} days: by policy, {self.resolution.value}."

    def is_due(self, held_since: datetime, *, now: datetime) -> bool:
        """Whether the time of a hold is over."""
        return now > held_since + timedelta(days=self.days)


def resolve(
    hold: HeldUse, resolution: Resolution, *, decided_by: str, reason: str, at: datetime
) -> tuple[Review, Transaction | None]:
    """The review, and the transaction that it posts; None where no money moves (a royalty of zero).

    Raises:
        InvalidInput: the reason isn't one.
    """
    held = hold.use.held
    assert held is not None, "a use in review holds its royalty"
    released: tuple[Accrual, ...] = ()
    if resolution is Resolution.RELEASE:
        released = split_royalty(hold.use.work, held, hold.claims)
        legs = [(_payable(a), -a.money.micros) for a in released]
        legs.append((Account(kind=AccountKind.HELD, currency=held.currency), held.micros))
    else:
        before = as_unattributed(hold.accrual, hold.declined)
        after = as_unattributed(hold.accrual, hold.declined | {hold.use.work})
        legs = [*accrual_legs(hold.service, after), *((a, -m) for a, m in accrual_legs(hold.service, before))]
    entries = entries_of(legs)
    transaction = (
        Transaction(
            business_key=f"review:{hold.generation}:{hold.use.work}",
            cause=resolution.value,
            entries=entries,
            effective_at=at,
            corrects=hold.posted,
        )
        if entries
        else None
    )
    review = Review(
        generation=hold.generation,
        work=hold.use.work,
        resolution=resolution,
        decided_by=decided_by,
        reason=reason,
        held=held,
        released=released,
        transaction=transaction.id if transaction else None,
    )
    return review, transaction


def as_unattributed(accrual: GenerationAccrual, works: Set[str]) -> GenerationAccrual:
    """The accrual as it would be, had the shares of ``works``, all of them held for review, been nobody's."""
    pooled = accrual.unattributed.micros
    uses = []
    for use in accrual.uses:
        declined = use.work in works
        assert not declined or use.outcome is Outcome.REVIEW, "nothing else can be declined"
        pooled = MicroUnits(pooled + (part_of(use.price_part.micros, accrual.pool_basis_points) if declined else 0))
        uses.append(replace(use, held=None) if declined else use)
    return replace(accrual, uses=tuple(uses), unattributed=Money(accrual.price.currency, MicroUnits(pooled)))


def _payable(accrual: Accrual) -> Account:
    return Account(kind=AccountKind.PARTY_PAYABLE, party=accrual.party, currency=accrual.money.currency)
