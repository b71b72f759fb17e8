"""Subscription money: a period's pool is shared out by attributed usage.

Values in, values out: reads no storage and no clock, posts nothing. Usage is the sum of attributed shares, in parts per
billion of an output, so every weight is an integer. All money of a service is one pool, and a work's part of it is its
part of all usage; the split is exact, by largest remainder, ties by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provenance.kernel.errors import InvalidInput
from provenance.kernel.money import MicroUnits
from provenance.kernel.parts import split_exactly

# Usage that no work has a claim on, as `share_out` names it: its part of the money is the unattributed pool's.
NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedOut:
    """What each work gets, in the order of their ids; ``unattributed`` is the part of usage that was nobody's."""

    works: Mapping[str, MicroUnits]
    unattributed: MicroUnits

    @property
    def total(self) -> int:
        """All of the money."""
        return sum(self.works.values()) + self.unattributed


def share_out(money: int, usage: Mapping[str, int]) -> SharedOut:
    """Share a period's subscription money out, in micro-units, after the service's own part.

    ``usage`` is by work, with `NOBODY` for what was nobody's. Where nothing was used, all is unattributed.

    Raises:
        InvalidInput: money or usage below zero.
    """
    if money < 0 or any(used < 0 for used in usage.values()):
        raise InvalidInput("Subscription money and usage are zero or more.", field="usage")
    names = sorted(name for name, weight in usage.items() if weight)
    parts = split_exactly(money, [usage[n] for n in names]) if names else []
    works = {name: MicroUnits(part) for name, part in zip(names, parts, strict=True)}
    nobodys = works.pop(NOBODY, MicroUnits(0)) if names else MicroUnits(money)
    found = SharedOut(works=works, unattributed=nobodys)
    assert found.total == money, "no micro-unit is lost"
    return found
