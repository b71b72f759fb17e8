"""What a use costs under each kind of terms, and how that came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from provenance.kernel.money import MicroUnits, Money, format_micros
from provenance.kernel.parts import WHOLE_BASIS_POINTS, split_exactly
from provenance.royalties.standing import NOTHING_BEFORE, Standing
from provenance.sources.licence import FeePerUse, FreeWithCredit, NotAllowed, PublicDomain, ShareOfRevenue, Terms

# How an amount becomes whole micro-units: to the nearest, and a half upwards.
ROUNDING: Final = "nearest_half_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a royalty is what it is.

    ``rule`` is the kind of the terms; of a share of revenue, ``rate_basis_points`` is the rate of the tier that holds,
    which starts at ``tier_from_uses`` (0 is the first rate). ``gross`` is what the rule alone comes to; ``minimum`` the
    fee that it was raised to, if it was; ``cut_micros`` what the cap took off. ``not_applied`` names what the terms
    state in another currency than the price: there is nothing to compare it with.
    """

    rule: str
    price_part: Money
    standing: Standing
    gross: Money
    owed: Money
    rate_basis_points: int | None = None
    tier_from_uses: int = 0
    minimum: Money | None = None
    cut_micros: int = 0
    not_applied: tuple[str, ...] = ()
    rounding: str = ROUNDING

    def __post_init__(self) -> None:
        raised = self.minimum.micros if self.minimum else self.gross.micros
        assert self.owed.micros == raised - self.cut_micros >= 0, "the steps lead to what is owed"

    def sentence(self) -> str:
        """The explanation for a person, in one line."""
        rate = self.rate_basis_points
        if rate is None:
            said = [f"a fee of {self.gross} a use"]
        else:
            tier = f" (tier from {self.tier_from_uses} uses on)" if self.tier_from_uses else ""
            said = [f"{rate // 100}.{rate % 100:02d} %{tier} of {self.price_part} is {self.gross}"]
        if self.minimum:
            said.append(f"raised to the minimum fee of {self.minimum}")
        if self.cut_micros:
            said.append(f"cut by {format_micros(self.cut_micros)} at the period's cap")
        said += [f"the {what} is in another currency and doesn't apply" for what in self.not_applied]
        return ", ".join(said) + "."


def part_of(micros: int, basis_points: int) -> MicroUnits:
    """``basis_points`` of an amount, to the nearest micro-unit (a half goes to the part, not to the rest)."""
    return MicroUnits(split_exactly(micros, [basis_points, WHOLE_BASIS_POINTS - basis_points])[0])


def royalty(terms: Terms, price_part: Money, standing: Standing = NOTHING_BEFORE) -> Money | None:
    """What is owed for a use, where ``price_part`` is the part of the price that the work's share stands for.

    A fee keeps its own currency. None: nothing is owed, because the use is free or isn't allowed at all.
    """
    found = explain(terms, price_part, standing)
    return found.owed if found else None


def explain(terms: Terms, price_part: Money, standing: Standing = NOTHING_BEFORE) -> Explanation | None:
    """The royalty of a use with all that it follows from; None where nothing can be owed.

    First the rule, at the rate of the tier that the uses before this one have reached; then the minimum fee; then the
    cap, which cuts the use that reaches it and lets nothing through afterwards.
    """
    match terms:
        case ShareOfRevenue():
            return _share(terms, price_part, standing)
        case FeePerUse():
            cut = _cut(terms.fee, terms.bounds.cap, standing)
            return Explanation(
                rule="fee_per_use",
                price_part=price_part,
                standing=standing,
                gross=terms.fee,
                owed=_less(terms.fee, cut),
                cut_micros=cut,
            )
        case FreeWithCredit() | NotAllowed() | PublicDomain():
            return None


def _share(terms: ShareOfRevenue, price_part: Money, standing: Standing) -> Explanation:
    from_uses, rate = 0, terms.rate_basis_points
    for tier in terms.tiers:
        if tier.from_uses <= standing.uses_before:
            from_uses, rate = tier.from_uses, tier.rate_basis_points
    stated = {"minimum fee": terms.fee_min, "cap": terms.bounds.cap}
    comparable = {what: m for what, m in stated.items() if m is not None and m.currency == price_part.currency}
    gross = Money(price_part.currency, part_of(price_part.micros, rate))
    least = comparable.get("minimum fee")
    minimum = least if least is not None and gross.micros < least.micros else None
    cut = _cut(minimum or gross, comparable.get("cap"), standing)
    return Explanation(
        rule="share_of_revenue",
        price_part=price_part,
        standing=standing,
        gross=gross,
        owed=_less(minimum or gross, cut),
        rate_basis_points=rate,
        tier_from_uses=from_uses,
        minimum=minimum,
        cut_micros=cut,
        not_applied=tuple(w for w, m in stated.items() if m is not None and w not in comparable),
    )


def _cut(owed: Money, cap: Money | None, standing: Standing) -> int:
    """What the cap takes off: all that goes beyond what it still has room for."""
    if cap is None:
        return 0
    room = max(0, cap.micros - standing.earned_before)
    return max(0, owed.micros - room)


def _less(money: Money, micros: int) -> Money:
    return Money(money.currency, MicroUnits(money.micros - micros))
