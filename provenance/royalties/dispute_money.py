"""What a dispute holds of a generation's royalties, and where that goes when it is over: balanced to the micro-unit.

Only the disputed part moves, from the parties that accrued it to *held*; afterwards each micro-unit is either released
to the party that it was taken from, or returned: to the party in whose favour the dispute was raised, or else to the
unattributed pool. Held + released + returned = accrued, at every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.ids import derived_id
from provenance.kernel.money import MicroUnits, Money
from provenance.kernel.parts import WHOLE_BASIS_POINTS, split_exactly
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction, entries_of
from provenance.royalties.accrual import WorkUse
from provenance.royalties.dispute import Dispute
from provenance.sources.claim import Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPart:
    """What is held of one party's royalty."""

    party: str
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeHold:
    """What a dispute holds of one generation, set aside by ``transaction``."""

    dispute: str
    generation: str
    parts: tuple[HeldPart, ...]
    transaction: str

    @property
    def id(self) -> str:
        """It follows from both: a dispute holds a generation's royalties once."""
        return derived_id("hold", {"dispute": self.dispute, "generation": self.generation})


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPart:
    """Where what was held of one party's royalty went."""

    party: str
    released: Money
    returned: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How one hold was settled, by ``transaction``."""

    dispute: str
    hold: str
    parts: tuple[SettledPart, ...]
    transaction: str

    @property
    def id(self) -> str:
        """It follows from the hold: it is settled once."""
        return derived_id("settlement", {"hold": self.hold})


def hold_of(
    dispute: Dispute,
    generation: str,
    use: WorkUse,
    *,
    posted: str | None,
    effective_at: datetime,
    held_before: Mapping[str, int],
) -> tuple[DisputeHold, Transaction] | None:
    """What the dispute holds of a use, and the transaction, which names the ``posted`` one that it corrects.

    ``held_before`` is what other disputes hold of it, in micro-units by party: nothing is held twice. None: the use has
    nothing for it, because it isn't of these claims or earned nothing.
    """
    if use.work != dispute.work or use.claims_id != dispute.claims:
        return None
    parts = []
    for accrual in use.accruals:
        disputed = min(dispute.parts.get(accrual.party, 0), accrual.basis_points)
        if disputed:
            part, _ = split_exactly(accrual.money.micros, [disputed, accrual.basis_points - disputed])
            left = accrual.money.micros - held_before.get(accrual.party, 0)
            money = Money(accrual.money.currency, MicroUnits(max(0, min(part, left))))
            parts.append(HeldPart(party=accrual.party, money=money))
    parts = [part for part in parts if part.money.micros]
    if not parts:
        return None
    legs = [leg for p in parts for leg in ((_payable(p.party, p.money), p.money.micros), (_held(p), -p.money.micros))]
    transaction = Transaction(
        business_key=f"dispute-hold:{dispute.id}:{generation}",
        cause="dispute_hold",
        entries=entries_of(legs),
        effective_at=max(dispute.held_from, effective_at),
        corrects=posted,
    )
    hold = DisputeHold(dispute=dispute.id, generation=generation, parts=tuple(parts), transaction=transaction.id)
    return hold, transaction


def settle(
    dispute: Dispute, hold: DisputeHold, returned_basis_points: int, *, at: datetime
) -> tuple[Settlement, Transaction]:
    """Release and return what a hold holds; the transaction names the one that held it.

    A part's returned share is rounded to the nearest micro-unit, a half towards the return.
    """
    parts, legs = [], []
    for held in hold.parts:
        weights = [returned_basis_points, WHOLE_BASIS_POINTS - returned_basis_points]
        back, out = split_exactly(held.money.micros, weights)
        currency = held.money.currency
        parts.append(
            SettledPart(
                party=held.party,
                released=Money(currency, MicroUnits(out)),
                returned=Money(currency, MicroUnits(back)),
            )
        )
        legs += [
            (_held(held), held.money.micros),
            (_payable(held.party, held.money), -out),
            (_returned_to(dispute, currency), -back),
        ]
    transaction = Transaction(
        business_key=f"dispute-settle:{dispute.id}:{hold.generation}",
        cause="dispute_settlement",
        entries=entries_of(legs),
        effective_at=at,
        corrects=hold.transaction,
    )
    settlement = Settlement(dispute=dispute.id, hold=hold.id, parts=tuple(parts), transaction=transaction.id)
    return settlement, transaction


def claims_after(claims: Claims, dispute: Dispute, returned_basis_points: int, *, at: datetime) -> Claims | None:
    """The claims that follow from a dispute about claims, from the day of its end on; None where they stay.

    The party in whose favour it was raised gets the returned part of each disputed part, in whole basis points.
    """
    favoured = dispute.in_favour_of
    if dispute.generation is not None or favoured is None:
        return None
    after = dict(claims.basis_points)
    for party, disputed in dispute.parts.items():
        moved, _ = split_exactly(disputed, [returned_basis_points, WHOLE_BASIS_POINTS - returned_basis_points])
        after[party] -= moved
        after[favoured] = after.get(favoured, 0) + moved
    after = {party: part for party, part in after.items() if part}
    return None if after == claims.basis_points else Claims(basis_points=after, valid_from=at.date())


def _payable(party: str, money: Money) -> Account:
    return Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=money.currency)


def _held(part: HeldPart) -> Account:
    return Account(kind=AccountKind.HELD, currency=part.money.currency)


def _returned_to(dispute: Dispute, currency: str) -> Account:
    if dispute.in_favour_of is None:
        return Account(kind=AccountKind.UNATTRIBUTED_POOL, currency=currency)
    return Account(kind=AccountKind.PARTY_PAYABLE, party=dispute.in_favour_of, currency=currency)
