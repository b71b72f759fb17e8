"""Integer parts of a whole: basis points, parts per billion, and splits that lose nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NewType

BasisPoints = NewType("BasisPoints", int)
PartsPerBillion = NewType("PartsPerBillion", int)

WHOLE_BASIS_POINTS = BasisPoints(10_000)
WHOLE_PPB = PartsPerBillion(1_000_000_000)
WHOLE_PPM = 1_000_000


def split_exactly(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` in proportion to ``weights``; the parts add up to ``total`` exactly.

    Largest remainder (Hamilton's method): every part is first rounded towards zero, then the units left over go one
    each to the largest remainders. Equal remainders are served in the order of the list, so that callers fix the order
    by something stable (a party's id), never by chance. A negative total is split as its mirror image, so that
    a reversal undoes a split to the unit.

    Raises:
        ValueError: no weights, a negative weight, or weights that are all zero.
    """
    if not weights or min(weights) < 0 or not (whole := sum(weights)):
        raise ValueError("split_exactly needs weights of zero or more, and one above zero")
    if total < 0:
        return [-part for part in split_exactly(-total, weights)]
    quotients = [divmod(total * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in quotients]
    left_over = total - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-quotients[i][1], i))
    for index in by_remainder[:left_over]:
        parts[index] += 1
    return parts


def to_ppm(part: float) -> int:
    """A score or probability as whole millionths, cut to 0 to 1, so that it can stand in a fact."""
    return round(min(1.0, max(0.0, part)) * WHOLE_PPM)
