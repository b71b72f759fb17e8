"""The source segments that a stretch of a part is compared with: nearest by vector, and those that share words.

Where copies of one passage crowd out the rest, it is searched wider, and of the copies those that were registered first
are kept. Where nothing is crowded, it costs a look at vectors that were read anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import numpy as np

from provenance.attribution.crowding import late_copies, without_crowds
from provenance.attribution.passages import Candidates
from provenance.attribution.similarity import Integers
from provenance.fingerprints.vector import Vectors
from provenance.services.ports import SourceIndex

NEAREST_SEGMENTS = 16
# A crowded segment's neighbours are looked through up to this many; a passage that more texts hold fills them still.
CROWD_SEARCHED_MAX = 512


def neighbours(
    vectors: Vectors, exact: Mapping[int, Set[int]], index: SourceIndex
) -> tuple[Candidates, Mapping[int, Set[int]]]:
    """Candidates for segments with these ``vectors``, and of each segment those that share a k-gram with it.

    ``exact`` maps a segment to the ordinals that do; what crowds these is taken out as well.
    """
    nearest = [row[row >= 0] for row in index.nearest(vectors, NEAREST_SEGMENTS)]
    candidates = index.candidates(_all(nearest, exact.values()))
    seen = _Seen(candidates)
    kept = [seen.without_crowds(row) for row in nearest]
    shared = {segment: seen.without_crowded(hits) for segment, hits in exact.items()}
    crowded = [number for number, row in enumerate(nearest) if len(kept[number]) < len(row)]
    if not crowded and shared == exact:
        return candidates, exact
    for number, row in zip(crowded, _searched_wider(vectors[crowded], index, seen), strict=True):
        kept[number] = row
    return index.candidates(_all(kept, shared.values())), shared


def _searched_wider(vectors: Vectors, index: SourceIndex, seen: _Seen) -> list[Integers]:
    """For each vector, those `NEAREST_SEGMENTS` of `CROWD_SEARCHED_MAX` neighbours that are neither crowd nor copy."""
    nearest = index.nearest(vectors, CROWD_SEARCHED_MAX)
    seen.look_at(nearest, index)
    found = [row[row >= 0] for row in nearest]
    kept = [seen.without_crowds(row) for row in found]
    left = [seen.texts(np.setdiff1d(row, stay)) for row, stay in zip(found, kept, strict=True)]
    copies = late_copies(zip(left, map(seen.texts, kept), strict=True))
    return [seen.without_texts(row, copies)[:NEAREST_SEGMENTS] for row in kept]


class _Seen:
    """Text and vector of every segment that was looked at."""

    def __init__(self, candidates: Candidates) -> None:
        self._revisions: dict[int, str] = {}
        self._vectors: dict[int, Vectors] = {}
        self._learn(candidates)

    def look_at(self, found: Integers, index: SourceIndex) -> None:
        """Read those of ``found`` that weren't seen yet."""
        new = {int(o) for o in np.unique(found) if o >= 0} - self._revisions.keys()
        if new:
            self._learn(index.candidates(new))

    def without_crowds(self, ordinals: Integers) -> Integers:
        """See `crowding.without_crowds`; all of ``ordinals`` must have been seen."""
        each = ordinals.tolist()
        if not each:
            return ordinals
        vectors = np.stack([self._vectors[o] for o in each])
        return without_crowds(ordinals, [self._revisions[o] for o in each], vectors)

    def without_crowded(self, ordinals: Set[int]) -> Set[int]:
        """The same for a set."""
        return set(self.without_crowds(np.array(sorted(ordinals), np.int64)).tolist())

    def texts(self, ordinals: Integers) -> set[str]:
        """The texts of these segments."""
        return {self._revisions[o] for o in ordinals.tolist()}

    def without_texts(self, ordinals: Integers, texts: Set[str]) -> Integers:
        """The segments of other texts, in their order."""
        return np.array([o for o in ordinals.tolist() if self._revisions[o] not in texts], np.int64)

    def _learn(self, candidates: Candidates) -> None:
        for segment, vector in zip(candidates.segments, candidates.vectors, strict=True):
            self._revisions[segment.ordinal] = segment.revision
            self._vectors[segment.ordinal] = vector


def _all(rows: Iterable[Integers], sets: Iterable[Set[int]]) -> set[int]:
    return {int(o) for row in rows for o in row}.union(*sets)
