"""Subscription money: a period's pool is shared out by attributed usage, of the service or of each subscriber.

Values in, values out: reads no storage and no clock, posts nothing. Usage is the sum of attributed shares, in parts per
billion of an output, so every weight is an integer; every split is exact, by largest remainder, ties by name.

Service-centric: all money is one pool, and a work's part of it is its part of all usage. User-centric: each
subscriber's money goes to what that subscriber used. They come to the same where everybody uses alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from provenance.kernel.errors import InvalidInput
from provenance.kernel.money import MicroUnits
from provenance.kernel.parts import split_exactly

# Usage that no work has a claim on, as `share_out` names it: its part of the money is the unattributed pool's.
NOBODY = ""

Usage = Mapping[str, Mapping[str, int]]


class Centre(StrEnum):
    """Whose usage decides where a subscriber's money goes."""

    SERVICE = "service_centric"
    USER = "user_centric"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedOut:
    """What each work gets, in the order of their ids; ``unattributed`` is the part of usage that was nobody's.

    ``unused`` is the money of subscribers who used nothing, user-centric: nobody has a claim on it.
    """

    centre: Centre
    works: Mapping[str, MicroUnits]
    unattributed: MicroUnits
    unused: MicroUnits

    @property
    def total(self) -> int:
        """All of the money."""
        return sum(self.works.values()) + self.unattributed + self.unused


def share_out(money: Mapping[str, int], usage: Usage, centre: Centre) -> SharedOut:
    """Share a period's subscription money out.

    ``money`` is each subscriber's, in micro-units of one currency and after the service's own part; ``usage`` each
    subscriber's, by work, with `NOBODY` for what was nobody's.

    Raises:
        InvalidInput: money or usage below zero, or usage of somebody who is no subscriber.
    """
    if any(m < 0 for m in money.values()) or any(u < 0 for used in usage.values() for u in used.values()):
        raise InvalidInput("Subscription money and usage are zero or more.", field="usage")
    if strangers := sorted(set(usage) - set(money)):
        raise InvalidInput(f"{strangers[0][:80]!r} has usage and no subscription.", field="usage")
    if centre is Centre.SERVICE:
        pools = [(sum(money.values()), _all_of(usage))]
    else:
        pools = [(money[user], dict(usage.get(user, {}))) for user in sorted(money)]
    works: dict[str, int] = defaultdict(int)
    unused = 0
    for pool, used in pools:
        names = sorted(name for name, weight in used.items() if weight)
        if not names:
            unused += pool
            continue
        for name, part in zip(names, split_exactly(pool, [used[n] for n in names]), strict=True):
            works[name] += part
    nobodys = works.pop(NOBODY, 0)
    found = SharedOut(
        centre=centre,
        works={work: MicroUnits(works[work]) for work in sorted(works)},
        unattributed=MicroUnits(nobodys),
        unused=MicroUnits(unused),
    )
    assert found.total == sum(money.values()), "no micro-unit is lost"
    return found


def _all_of(usage: Usage) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for used in usage.values():
        for work, weight in used.items():
            sums[work] += weight
    return dict(sums)
