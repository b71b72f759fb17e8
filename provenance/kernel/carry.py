"""Split many amounts by the same weights, so that nobody drifts from what is due by a unit, however many they are.

Splitting each amount by itself (`parts.split_exactly`) hands the leftover unit of every tiny amount to the same one: of
a million amounts of 1 unit, split evenly between two, the first in the list would get all. So what was split before is
carried: units are dealt in a fixed cycle in which everybody's turns are spread evenly, and an amount takes the turns
that come after those of the amount before it.

The cycle has as many turns as the weights add up to (once divided by what they have in common). The n-th unit of
a recipient with weight w of W falls due in the turns floor((n-1) * W/w) to ceil(n * W/w) - 1; the turn goes to the unit
that must be dealt soonest (earliest deadline first, which misses no deadline where all weights together make one;
R. Tijdeman, "The chairman assignment problem", 1980). Hence after T units, in total, everybody has what is due of T
rounded down or up, for every T: less than one unit away, whatever the amounts were and in whichever order they came.

That holds for one set of weights. Other weights begin a count of their own.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from heapq import heappop, heappush
from math import gcd

# Basis points have a tenth of it. A cycle takes four bytes a turn, and is made in a few milliseconds.
TURNS_MAX = 100_000
CYCLES_KEPT_MAX = 512


def split_carried(total: int, weights: Sequence[int], *, before: int) -> list[int]:
    """Split ``total`` in proportion to ``weights``, after ``before`` units were split by these weights.

    The parts add up to ``total`` exactly, and none has another sign. A negative total takes back the turns that were
    dealt last: the same amount afterwards gives the same parts. Equal claims on a turn are served in the order of the
    list, so that callers fix it by something stable (a party's id).

    Raises:
        ValueError: no weights, a negative one, all zero, or a cycle of more than `TURNS_MAX` turns.
    """
    turns, in_a_round, taken = _cycle(tuple(weights))
    first, after = divmod(before, turns)
    last, until = divmod(before + total, turns)
    rounds = last - first
    return [
        rounds * each + bisect_left(mine, until) - bisect_left(mine, after)
        for each, mine in zip(in_a_round, taken, strict=True)
    ]


def turns_of(weights: Sequence[int]) -> int:
    """The length of the cycle: only ``before`` modulo this tells one carry from another. Raises `ValueError`."""
    if not weights or min(weights) < 0 or not any(weights):
        raise ValueError("a split needs weights of zero or more, and one above zero")
    turns = sum(weights) // gcd(*weights)
    if turns > TURNS_MAX:
        raise ValueError(f"a cycle of {turns} turns is above {TURNS_MAX}; split by parts of a smaller whole")
    return turns


@lru_cache(maxsize=CYCLES_KEPT_MAX)
def _cycle(stated: tuple[int, ...]) -> tuple[int, tuple[int, ...], tuple[array[int], ...]]:
    """The number of turns, how many of them each recipient takes, and which."""
    turns = turns_of(stated)
    weights = tuple(weight // gcd(*stated) for weight in stated)
    taken = tuple(array("I") for _ in weights)
    released: dict[int, list[int]] = defaultdict(list)
    released[0] = [recipient for recipient, weight in enumerate(weights) if weight]
    due: list[tuple[int, int]] = []
    for turn in range(turns):
        for recipient in released.pop(turn, ()):
            heappush(due, (_deadline(len(taken[recipient]), turns, weights[recipient]), recipient))
        deadline, recipient = heappop(due)
        assert turn < deadline, "earliest deadline first misses none"
        taken[recipient].append(turn)
        release = max(turn + 1, len(taken[recipient]) * turns // weights[recipient])
        released[release].append(recipient)
    return turns, weights, taken


def _deadline(units: int, turns: int, weight: int) -> int:
    """The turn before which the unit after so many of a recipient must be dealt."""
    return -(-(units + 1) * turns // weight)
