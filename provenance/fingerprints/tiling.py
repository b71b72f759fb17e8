"""Cover one sequence of words with runs of another: greedy, from left to right, each word of the left one at most once.

The same idea as Wise's running Karp-Rabin greedy string tiling (1993), with one pass: where the runs begin, the
longest one is taken. Hashes propose, the words themselves decide.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.fingerprints.exact import Run, kgram_hashes

# How many places of one word group are tried for the longest run; a refrain has more, and one of them is as good.
PLACES_TRIED_MAX = 16


def tiles(left: Sequence[str], right: Sequence[str], *, shortest: int) -> list[Run]:
    """Runs of at least ``shortest`` equal words, in the order of ``left`` and disjoint there.

    No stretch of ``shortest`` shared words is left uncovered, but for fewer words than that beside a run (and for
    groups that stand at more than `PLACES_TRIED_MAX` places). Time grows with the lengths, not with their product:
    what is tried at a place is never longer than what is taken there.
    """
    hashes = kgram_hashes(right, shortest)
    order = np.argsort(hashes, kind="stable")
    ascending = hashes[order]
    wanted = kgram_hashes(left, shortest)
    first = np.searchsorted(ascending, wanted, "left")
    end = np.minimum(np.searchsorted(ascending, wanted, "right"), first + PLACES_TRIED_MAX)
    runs: list[Run] = []
    free = 0  # the first word of the left that no run has
    for start in np.flatnonzero(end > first).tolist():
        if start < free:
            continue
        places = order[first[start] : end[start]].tolist()
        length, place = max(((_equal(left, start, right, p), -p) for p in places), default=(0, 0))
        if length >= shortest:
            runs.append(Run(start, -place, length))
            free = start + length
    return runs


def _equal(left: Sequence[str], start: int, right: Sequence[str], place: int) -> int:
    """How many words are equal from these two places on."""
    most = min(len(left) - start, len(right) - place)
    length = 0
    while length < most and left[start + length] == right[place + length]:
        length += 1
    return length
