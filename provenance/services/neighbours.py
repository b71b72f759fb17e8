"""The source segments that a stretch of a part is compared with: nearest by vector, and those that share words.

Where copies of one passage crowd out the rest, it is searched wider, and of the copies those that were registered first
are kept. Where nothing is crowded, it costs a look at vectors that were read anyway.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.crowding import COPIES_KEPT, late_copies, may_be_crowded, without_crowds
from provenance.attribution.passages import Candidates
from provenance.attribution.similarity import Integers
from provenance.fingerprints.vector import Vectors
from provenance.services.ports import SourceIndex

NEAREST_SEGMENTS = 16
# A crowded segment's neighbours are looked through up to this many; a passage that more texts hold fills them still.
CROWD_SEARCHED_MAX = 512
# Neighbours that are looked through for crowds at once, to bound memory.
VECTORS_TOGETHER = 4_096


def neighbours(
    vectors: Vectors, exact: Mapping[int, Set[int]], index: SourceIndex
) -> tuple[Candidates, Mapping[int, Set[int]]]:
    """Candidates for segments with these ``vectors``, and of each segment those that share a k-gram with it.

    ``exact`` maps a segment to the ordinals that do; what crowds these is taken out as well.
    """
    nearest = [row[row >= 0] for row in index.nearest(vectors, NEAREST_SEGMENTS)]
    candidates = index.candidates(_all(nearest, exact.values()))
    seen = _Seen(candidates)
    kept = seen.each_without_crowds(nearest)
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
    kept = seen.each_without_crowds(found)
    left = [seen.texts(np.setdiff1d(row, stay)) for row, stay in zip(found, kept, strict=True)]
    copies = late_copies(zip(left, map(seen.texts, kept), strict=True))
    return [seen.without_texts(row, copies)[:NEAREST_SEGMENTS] for row in kept]


class _Seen:
    """Text and vector of every segment that was looked at, in the order of their ordinals."""

    def __init__(self, candidates: Candidates) -> None:
        self._ordinals, self._vectors = candidates.columns.ordinals, candidates.vectors
        self._revisions = _revisions(candidates)

    def look_at(self, found: Integers, index: SourceIndex) -> None:
        """Read those of ``found`` that weren't seen yet."""
        new = np.setdiff1d(found[found >= 0], self._ordinals)
        if len(new):
            self._learn(index.candidates(set(new.tolist())))

    def each_without_crowds(self, rows: Sequence[Integers]) -> list[Integers]:
        """See `crowding.without_crowds`, for several rows; all of their ordinals must have been seen."""
        kept = list(rows)
        by_size: dict[int, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            if len(row) > COPIES_KEPT:
                by_size[len(row)].append(number)
        for size, numbers in by_size.items():
            together = max(1, VECTORS_TOGETHER // size)
            for start in range(0, len(numbers), together):
                some = numbers[start : start + together]
                places = self._places(np.stack([rows[n] for n in some]))
                for n in np.flatnonzero(may_be_crowded(self._vectors[places])).tolist():
                    kept[some[n]] = self._without_crowds(rows[some[n]])
        return kept

    def without_crowded(self, ordinals: Set[int]) -> Set[int]:
        """The same for a set."""
        [kept] = self.each_without_crowds([np.array(sorted(ordinals), np.int64)])
        return set(kept.tolist())

    def texts(self, ordinals: Integers) -> set[str]:
        """The texts of these segments."""
        return set(self._revisions[self._places(ordinals)].tolist())

    def without_texts(self, ordinals: Integers, texts: Set[str]) -> Integers:
        """The segments of other texts, in their order."""
        revisions = self._revisions[self._places(ordinals)].tolist()
        return ordinals[np.array([revision not in texts for revision in revisions], np.bool_)]

    def _without_crowds(self, ordinals: Integers) -> Integers:
        places = self._places(ordinals)
        return without_crowds(ordinals, self._revisions[places].tolist(), self._vectors[places])

    def _places(self, ordinals: Integers) -> Integers:
        return np.searchsorted(self._ordinals, ordinals)

    def _learn(self, candidates: Candidates) -> None:
        ordinals = np.concatenate([self._ordinals, candidates.columns.ordinals])
        self._ordinals, first = np.unique(ordinals, return_index=True)
        self._revisions = np.concatenate([self._revisions, _revisions(candidates)])[first]
        self._vectors = np.concatenate([self._vectors, candidates.vectors])[first]


def _revisions(candidates: Candidates) -> NDArray[np.object_]:
    """The text of each candidate."""
    columns = candidates.columns
    return np.array([revision for _, revision in columns.owners], np.object_)[columns.owner]


def _all(rows: Iterable[Integers], sets: Iterable[Set[int]]) -> set[int]:
    return {ordinal for row in rows for ordinal in row.tolist()}.union(*sets)
