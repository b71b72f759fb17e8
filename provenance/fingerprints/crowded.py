"""Where k-grams stand that stand in many places: in the first of these, and where others of the same text stand too.

A run of words that stands in one late place alone may be made of k-grams that each stand in many earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from provenance.fingerprints.exact import PLACES_MAX, Hashes

# So many places of a crowded k-gram are looked at, the lowest; and so many past the first are named at most.
LOOKED_AT_MAX = 4_096
FURTHER_MAX = PLACES_MAX

# From hashes and a number to, for each of them, the segments that have it, ascending: at most so many, the lowest.
Look = Callable[[Hashes, int], Sequence[Sequence[int]]]


def sharing_places(hashes: Hashes, look: Look) -> list[list[int]]:
    """For each hash, the first `PLACES_MAX` segments that have it, and further ones that have another hash as well.

    Of those the first as well, so that what is registered later pushes out nothing that was there before.
    """
    found = [list(some) for some in look(hashes, PLACES_MAX)]
    crowded = np.flatnonzero([len(some) >= PLACES_MAX for some in found])
    if not len(crowded):
        return found
    wide = {
        n: np.array(w, np.int64) for n, w in zip(crowded.tolist(), look(hashes[crowded], LOOKED_AT_MAX), strict=True)
    }
    # A hash that comes twice in a text is no other one.
    once = np.unique(hashes, return_index=True)[1].tolist()
    every = np.concatenate([wide[n] if n in wide else np.array(found[n], np.int64) for n in once])
    segments, counts = np.unique(every, return_counts=True)
    of_several = segments[counts > 1]
    for n, places in wide.items():
        further = places[PLACES_MAX:]
        found[n] += further[np.isin(further, of_several)][:FURTHER_MAX].tolist()
    return found
