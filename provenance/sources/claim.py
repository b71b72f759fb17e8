"""Who owns a work, in which parts: claims in basis points that add up to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from provenance.kernel.errors import InvalidClaims
from provenance.kernel.ids import check_party_id
from provenance.kernel.parts import WHOLE_BASIS_POINTS

CLAIMANTS_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The owners of a work from a date on, until later claims take their place.

    ``basis_points`` maps a party's id to its part; the parts add up to 10,000.

    Raises:
        InvalidClaims: they add up to something else, or a part is zero or less.
    """

    basis_points: Mapping[str, int]
    valid_from: date

    def __post_init__(self) -> None:
        parts = self.basis_points
        if not 0 < len(parts) <= CLAIMANTS_MAX:
            raise InvalidClaims(f"A work has 1 to {CLAIMANTS_MAX} claimants, not {len(parts)}.")
        for party, part in parts.items():
            check_party_id(party)
            if part <= 0:
                raise InvalidClaims(f"{party!r} claims {part} basis points.", mend="Leave it out.", party=party)
        if (total := sum(parts.values())) != WHOLE_BASIS_POINTS:
            raise InvalidClaims(
                f"The claims add up to {total} basis points.",
                mend=f"They must add up to {WHOLE_BASIS_POINTS}, which is 100 %.",
                total=total,
            )
