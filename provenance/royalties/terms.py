"""What a use costs under each kind of terms."""

from __future__ import annotations

from provenance.kernel.money import MicroUnits, Money
from provenance.kernel.parts import WHOLE_BASIS_POINTS, split_exactly
from provenance.sources.licence import FeePerUse, FreeWithCredit, NotAllowed, PublicDomain, ShareOfRevenue, Terms


def part_of(micros: int, basis_points: int) -> MicroUnits:
    """``basis_points`` of an amount, to the nearest micro-unit (a half goes to the part, not to the rest)."""
    return MicroUnits(split_exactly(micros, [basis_points, WHOLE_BASIS_POINTS - basis_points])[0])


def royalty(terms: Terms, price_part: Money) -> Money | None:
    """What is owed for a use, where ``price_part`` is the part of the price that the work's share stands for.

    A fee keeps its own currency. None: nothing is owed, because the use is free or isn't allowed at all.
    """
    match terms:
        case ShareOfRevenue():
            return Money(price_part.currency, part_of(price_part.micros, terms.rate_basis_points))
        case FeePerUse():
            return terms.fee
        case FreeWithCredit() | NotAllowed() | PublicDomain():
            return None
