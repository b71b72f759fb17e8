"""What becomes of the unmatched pool when a period is closed: kept, or spread over the works that were used.

Values in, values out: reads no storage and no clock, posts nothing. The pool is a currency's unattributed pool at the
end of a period, in micro-units; what is spread leaves it to the micro-unit, and what isn't stays in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from provenance.kernel.errors import InvalidInput
from provenance.kernel.money import MicroUnits
from provenance.kernel.parts import split_exactly


class PoolPolicy(StrEnum):
    """What becomes of money that no work has a claim on."""

    KEEP = "keep"
    BY_USAGE = "spread_by_usage"
    EQUALLY = "spread_equally"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSpread:
    """How a pool was spread: micro-units by whoever was used, in the order of their names, and what was kept."""

    policy: PoolPolicy
    pool: MicroUnits
    parts: Mapping[str, MicroUnits]
    kept: MicroUnits

    def __post_init__(self) -> None:
        assert sum(self.parts.values()) + self.kept == self.pool, "the pool has a place to the micro-unit"


def spread_pool(pool: int, usage: Mapping[str, int], policy: PoolPolicy) -> PoolSpread:
    """Spread a pool over those in ``usage``: works, or parties, with the sum of their attributed shares in ppb.

    By usage in proportion to it, or equally among all that were used at all; by largest remainder, ties by name. All
    is kept where nobody was used.

    Raises:
        InvalidInput: the pool is below zero, or somebody was used less than not at all.
    """
    if pool < 0 or any(used < 0 for used in usage.values()):
        raise InvalidInput("A pool and its usage are zero or more.", field="usage")
    names = sorted(name for name, used in usage.items() if used)
    if policy is PoolPolicy.KEEP or not names or not pool:
        return PoolSpread(policy=policy, pool=MicroUnits(pool), parts={}, kept=MicroUnits(pool))
    weights = [usage[name] if policy is PoolPolicy.BY_USAGE else 1 for name in names]
    parts = split_exactly(pool, weights)
    return PoolSpread(
        policy=policy,
        pool=MicroUnits(pool),
        parts={name: MicroUnits(part) for name, part in zip(names, parts, strict=True)},
        kept=MicroUnits(0),
    )
