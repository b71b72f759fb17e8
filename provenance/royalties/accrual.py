"""What one generation earns whom, under which licence.

Every micro-unit of the price has a place: the price is first split over the works and nobody by their shares; then
each work's part is split by its terms; then the royalty is split over the claims. Each split is exact. Where a licence
states a risk and the attribution isn't sure enough for it, the royalty is held for review; the shares stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.carry import split_carried
from provenance.kernel.money import MicroUnits, Money
from provenance.kernel.parts import WHOLE_PPM, split_exactly
from provenance.royalties.standing import NOTHING_BEFORE, NOTHING_COUNTED, Before, Standing
from provenance.royalties.terms import part_of, royalty
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence, Policy


class Outcome(StrEnum):
    """What came of one work's share."""

    PAID = "paid"
    CREDITED = "credited"
    BLOCKED = "blocked"
    UNLICENSED = "unlicensed"
    UNCLAIMED = "unclaimed"
    REVIEW = "review"
    PUBLIC_DOMAIN = "public_domain"


HELD_OUTCOMES = frozenset({Outcome.BLOCKED, Outcome.UNLICENSED, Outcome.UNCLAIMED, Outcome.REVIEW})

# The threshold of a risk that nothing can promise: above certainty, so that no confidence reaches it.
OUT_OF_REACH_PPM = WHOLE_PPM + 1

# From which confidence on, in ppm, a use is paid at a risk in basis points; None: the risk can't be promised.
Thresholds = Callable[[int], int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The licence and claims of a work that are in force at a use, with the ids of their revisions.

    ``favoured`` are other versions of the licence that hold too: the one that pays most applies, in a tie the first.
    """

    licence: Licence | None = None
    licence_id: str | None = None
    claims: Claims | None = None
    claims_id: str | None = None
    favoured: tuple[tuple[str, Licence], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """What one party earns from one use of one work."""

    work: str
    party: str
    basis_points: int
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkUse:
    """One work's share of a generation and what came of it.

    ``price_part`` is the share in money; ``royalty`` what the terms make of it, paid out as ``accruals``; ``held`` what
    is set aside instead where it can't be paid. At most one of the two is above zero. ``threshold_ppm`` is the
    confidence that the licence's risk asked for, up to `OUT_OF_REACH_PPM`; None where the licence states no risk.
    ``standing`` is what came before in the period; None where the licence doesn't count uses. ``split`` is what was
    split by the claims before; None where there was no such count, or nothing to split.
    """

    work: str
    share_ppb: int
    outcome: Outcome
    licence_id: str | None
    claims_id: str | None
    price_part: Money
    royalty: Money | None
    held: Money | None
    accruals: tuple[Accrual, ...]
    threshold_ppm: int | None = None
    standing: Standing | None = None
    split: Standing | None = None

    def __post_init__(self) -> None:
        paid = sum(a.money.micros for a in self.accruals)
        assert paid == (self.royalty.micros if self.royalty else 0), "claims pay out the royalty, no more and no less"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationAccrual:
    """All that one generation earns, and the part of the royalty pool that nobody has a claim on.

    ``pool_basis_points`` of the price was the pool, so that the figures can be computed again.
    """

    price: Money
    pool_basis_points: int
    uses: tuple[WorkUse, ...]
    unattributed: Money


def no_promise(_: int) -> int | None:
    """The thresholds where no risk can be promised: whatever states one is held."""
    return None


def accrue(
    price: Money,
    shares: GenerationShares,
    rights: Mapping[str, Rights],
    *,
    pool_basis_points: int,
    thresholds: Thresholds = no_promise,
    before: Before = NOTHING_COUNTED,
) -> GenerationAccrual:
    """Turn shares into accruals.

    ``pool_basis_points`` of the price is what nobody's share, and the share of a work that can't be paid, set aside.
    Works without an entry in ``rights`` have neither licence nor claims. ``thresholds`` is asked for the risks that
    licences state, ``before`` for what came before.
    """
    attributions = shares.attributions
    *parts, nobody = split_exactly(price.micros, [*(a.share_ppb for a in attributions), shares.unattributed_ppb])
    uses = tuple(
        _use(
            a,
            Money(price.currency, MicroUnits(part)),
            rights.get(a.work, Rights()),
            pool_basis_points=pool_basis_points,
            thresholds=thresholds,
            before=before,
        )
        for a, part in zip(attributions, parts, strict=True)
    )
    unattributed = Money(price.currency, part_of(nobody, pool_basis_points))
    return GenerationAccrual(price=price, pool_basis_points=pool_basis_points, uses=uses, unattributed=unattributed)


def _use(
    attribution: Attribution,
    price_part: Money,
    rights: Rights,
    *,
    pool_basis_points: int,
    thresholds: Thresholds,
    before: Before,
) -> WorkUse:
    rights, standing, owed = _most_favoured(attribution.work, rights, price_part, before)
    threshold = threshold_of(rights, thresholds)
    outcome = _outcome(rights)
    if outcome is Outcome.PAID and threshold is not None and attribution.confidence_ppm < threshold:
        outcome = Outcome.REVIEW
    held: Money | None = None
    accruals: tuple[Accrual, ...] = ()
    split: Standing | None = None
    if outcome in HELD_OUTCOMES:
        held = owed or Money(price_part.currency, part_of(price_part.micros, pool_basis_points))
        owed = None
    elif owed is not None and rights.claims is not None:
        split = before.split(rights.claims_id, rights.claims, owed.currency) if rights.claims_id else None
        accruals = split_royalty(attribution.work, owed, rights.claims, split)
    return WorkUse(
        work=attribution.work,
        share_ppb=attribution.share_ppb,
        outcome=outcome,
        licence_id=rights.licence_id,
        claims_id=rights.claims_id,
        price_part=price_part,
        royalty=owed,
        held=held,
        accruals=accruals,
        threshold_ppm=threshold,
        standing=standing,
        split=split,
    )


def _most_favoured(
    work: str, rights: Rights, price_part: Money, before: Before
) -> tuple[Rights, Standing | None, Money | None]:
    """The rights with the licence that applies, what came before under it, and what it makes of the use.

    A version whose royalty is in another currency than that of the licence in force can't be compared, and isn't.
    """
    if rights.licence is None:
        return rights, None, None
    standing = before.standing(work, rights.licence)
    owed = royalty(rights.licence.terms, price_part, standing or NOTHING_BEFORE)
    best = rights
    for licence_id, licence in rights.favoured:
        its_standing = before.standing(work, licence)
        other = royalty(licence.terms, price_part, its_standing or NOTHING_BEFORE)
        if owed and other and other.currency == owed.currency and other.micros > owed.micros:
            best, standing, owed = replace(rights, licence=licence, licence_id=licence_id), its_standing, other
    return best, standing, owed


def threshold_of(rights: Rights, thresholds: Thresholds) -> int | None:
    """The confidence that a use must have to be paid; None where its licence states no risk, or there is none."""
    if rights.licence is None or rights.licence.risk_basis_points_max is None:
        return None
    found = thresholds(rights.licence.risk_basis_points_max)
    return OUT_OF_REACH_PPM if found is None else found


def _outcome(rights: Rights) -> Outcome:
    if rights.licence is None:
        return Outcome.UNLICENSED
    match rights.licence.terms.policy:
        case Policy.BLOCK:
            return Outcome.BLOCKED
        case Policy.TRACK:
            return Outcome.CREDITED
        case Policy.FREE:
            return Outcome.PUBLIC_DOMAIN
        case Policy.PAY:
            return Outcome.PAID if rights.claims else Outcome.UNCLAIMED


def split_royalty(work: str, owed: Money, claims: Claims, before: Standing | None = None) -> tuple[Accrual, ...]:
    """What each claimant gets of a royalty, by party id; together exactly the royalty.

    With what was split ``before`` by the same claims, the leftover units go on from there; without it, by largest
    remainder.
    """
    parties = sorted(claims.basis_points)
    weights = [claims.basis_points[p] for p in parties]
    if before is None:
        amounts = split_exactly(owed.micros, weights)
    else:
        amounts = split_carried(owed.micros, weights, before=before.earned_before)
    return tuple(
        Accrual(work=work, party=p, basis_points=claims.basis_points[p], money=Money(owed.currency, MicroUnits(amount)))
        for p, amount in zip(parties, amounts, strict=True)
    )
