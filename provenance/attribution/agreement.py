"""How many of a part's telling words its candidate sources have, and how many of theirs it has.

A source is looked at in three widths: the passage (a segment and its neighbours), the passage as the neighbouring
segments of the part see it (the alignment), and the region (about two pages around). None of them grows with the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import TELLING, WordTable
from provenance.attribution.passages import REGION_SEGMENTS
from provenance.attribution.similarity import Floats, Integers

ALIGNED_SEGMENTS = 2  # how many segments of the part before and after belong to an alignment
ALIGNED_STEP_MAX = 6  # how far from a segment's passage those of its neighbours may lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Parts of word mass, 0 to 1, one array over (segments, sources) each; ``names_missing`` counts words."""

    found: Floats  # of the segment's words, in the passage
    telling_found: Floats  # the same of its rare words and numbers; one half where it has none
    covered: Floats  # of the passage's own segment, repeated by the segment
    region_found: Floats
    region_telling_found: Floats
    names_missing: Floats  # names and numbers of the segment that the region lacks
    names_found: Floats  # those that it has
    aligned_found: Floats  # of the words of the segment and its neighbours, in their alignment
    aligned_covered: Floats  # of the alignment's words, repeated by them
    aligned_names_covered: Floats
    shared: Floats  # words that region and part have in common, of the smaller of the two
    telling_shared: Floats
    names_shared: Floats


def agree(part: WordTable, source: WordTable, ordinals: Integers) -> Agreement:
    """Compare the words of a part with those around its nearest source segments.

    ``ordinals`` has shape (segments, sources): the nearest source segment of each, which ``source`` must hold.
    """
    vocabulary = _Vocabulary.of(part)
    ours = vocabulary.presence(part)
    theirs = _Source(vocabulary, source)
    rows = np.searchsorted(source.ordinals, ordinals)
    passage = theirs.around(rows, 1)
    region = theirs.around(rows, REGION_SEGMENTS)
    aligned = theirs.aligned(rows, ordinals, source.ordinals)
    near = _widened(ours)
    return Agreement(
        found=_part(theirs.present(passage), ours, vocabulary.mass),
        telling_found=_part(theirs.present(passage), ours, vocabulary.telling, otherwise=0.5),
        covered=theirs.covered(rows, rows + 1, ours, vocabulary.mass, theirs.mass),
        region_found=_part(theirs.present(region), ours, vocabulary.mass),
        region_telling_found=_part(theirs.present(region), ours, vocabulary.telling, otherwise=0.5),
        names_missing=_count(~theirs.present(region), ours, vocabulary.name),
        names_found=_count(theirs.present(region), ours, vocabulary.name),
        aligned_found=_part(theirs.present(aligned), near, vocabulary.mass),
        aligned_covered=theirs.covered(*aligned, near, vocabulary.mass, theirs.mass),
        aligned_names_covered=theirs.covered(*aligned, near, vocabulary.mass * vocabulary.name, theirs.names),
        shared=theirs.overlap(region, vocabulary.mass, theirs.mass),
        telling_shared=theirs.overlap(region, vocabulary.telling, theirs.telling),
        names_shared=theirs.overlap(region, vocabulary.mass * vocabulary.name, theirs.names),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vocabulary:
    """The part's distinct words: hash, rarity, rarity where telling, and whether each is a name anywhere in it."""

    hashes: NDArray[np.uint32]
    mass: Floats
    telling: Floats
    name: NDArray[np.bool_]

    @classmethod
    def of(cls, part: WordTable) -> _Vocabulary:
        hashes, place = np.unique(part.words["hash"], return_inverse=True)
        mass, name = np.zeros(len(hashes)), np.zeros(len(hashes), np.bool_)
        np.maximum.at(mass, place, part.mass())
        np.logical_or.at(name, place, part.words["name"])
        return cls(hashes=hashes, mass=mass, telling=np.where(mass >= TELLING, mass, 0.0), name=name)

    def places(self, table: WordTable) -> Integers:
        """For each word of a table its place in the vocabulary, -1 where it isn't in it."""
        if not len(self.hashes):
            return np.full(len(table.words), -1, np.int64)
        place = np.minimum(np.searchsorted(self.hashes, table.words["hash"]), len(self.hashes) - 1)
        return np.where(self.hashes[place] == table.words["hash"], place, -1)

    def presence(self, table: WordTable) -> NDArray[np.bool_]:
        """Which words each row of a table has: shape (rows, words)."""
        places, rows = self.places(table), table.rows()
        known = places >= 0
        present = np.zeros((len(table.ordinals), len(self.hashes)), np.bool_)
        present[rows[known], places[known]] = True
        return present


class _Source:
    """The source side: which of the part's words stand in any width of it, and what its own words weigh."""

    def __init__(self, vocabulary: _Vocabulary, table: WordTable) -> None:
        self._presence = vocabulary.presence(table)
        self._counts = _running(self._presence.astype(np.int32))
        rows, mass = table.rows(), table.mass()
        size = len(table.ordinals)
        self.mass = _running(np.bincount(rows, mass, size))
        self.telling = _running(np.bincount(rows, np.where(mass >= TELLING, mass, 0.0), size))
        self.names = _running(np.bincount(rows, np.where(table.words["name"], mass, 0.0), size))
        # Rows of one text that follow each other without a gap: no width reaches beyond them.
        steps = np.flatnonzero((np.diff(table.ordinals) != 1) | (np.diff(table.texts) != 0)) + 1
        self._first = np.zeros(size, np.int64)
        self._first[steps] = steps
        self._first = np.maximum.accumulate(self._first)
        ends = np.append(steps, size)
        self._end = ends[np.searchsorted(ends, np.arange(size), "right")]

    def around(self, rows: Integers, reach: int) -> tuple[Integers, Integers]:
        """First row and end row of what lies within ``reach`` rows."""
        return np.maximum(rows - reach, self._first[rows]), np.minimum(rows + reach + 1, self._end[rows])

    def aligned(self, rows: Integers, ordinals: Integers, all_ordinals: Integers) -> tuple[Integers, Integers]:
        """First and end row of what a segment's passage and those of its neighbours span, where they lie close."""
        first, last = ordinals.copy(), ordinals.copy()
        count = len(ordinals)
        for step in range(1, ALIGNED_SEGMENTS + 1):
            later, earlier = slice(step, count), slice(0, count - step)
            for here, there in ((later, earlier), (earlier, later)):
                close = np.abs(ordinals[there] - ordinals[here]) <= ALIGNED_STEP_MAX
                first[here] = np.where(close, np.minimum(first[here], ordinals[there]), first[here])
                last[here] = np.where(close, np.maximum(last[here], ordinals[there]), last[here])
        low = np.maximum(np.searchsorted(all_ordinals, first), self._first[rows])
        return low, np.minimum(np.searchsorted(all_ordinals, last) + 1, self._end[rows])

    def present(self, width: tuple[Integers, Integers]) -> NDArray[np.bool_]:
        """Which of the part's words stand in each width: shape (segments, sources, words)."""
        first, end = width
        return np.asarray(self._counts[end] > self._counts[first])

    def covered(self, first: Integers, end: Integers, ours: NDArray[np.bool_], mass: Floats, theirs: Floats) -> Floats:
        """The part of each width's own mass (``theirs``, running) that the words of that row of ``ours`` repeat."""
        repeated = _running(self._presence @ (ours * mass).T)
        each = np.arange(len(ours))[:, None]
        return _ratio(repeated[end, each] - repeated[first, each], theirs[end] - theirs[first])

    def overlap(self, width: tuple[Integers, Integers], mass: Floats, theirs: Floats) -> Floats:
        """The mass that each width and the whole part have in common, of the smaller of the two."""
        first, end = width
        common = self.present(width) @ mass
        return _ratio(common, np.minimum(mass.sum(), theirs[end] - theirs[first]))


def _widened(ours: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which words each segment of the part has together with its `ALIGNED_SEGMENTS` neighbours on either side."""
    counts = _running(ours.astype(np.int32))
    rows = np.arange(len(ours))
    low, high = np.maximum(rows - ALIGNED_SEGMENTS, 0), np.minimum(rows + ALIGNED_SEGMENTS + 1, len(ours))
    return np.asarray(counts[high] > counts[low])


def _running(values: NDArray[Any]) -> NDArray[Any]:
    """Sums of the first rows, from none to all."""
    return np.concatenate([np.zeros((1, *values.shape[1:]), values.dtype), np.cumsum(values, axis=0)])


def _part(present: NDArray[np.bool_], ours: NDArray[np.bool_], mass: Floats, *, otherwise: float = 0.0) -> Floats:
    weights = ours * mass
    total = weights.sum(axis=1)[:, None]
    found = _summed(present, weights)
    return np.where(total > 0, found / np.maximum(total, 1e-9), otherwise)


def _count(present: NDArray[np.bool_], ours: NDArray[np.bool_], kind: NDArray[np.bool_]) -> Floats:
    return _summed(present, (ours & kind).astype(np.float64))


def _summed(present: NDArray[np.bool_], weights: Floats) -> Floats:
    """For each segment and source, the weights of the words that are present. Sixteenths: exact also in 32 bits."""
    found = np.matmul(present.astype(np.float32), weights.astype(np.float32)[:, :, None])
    return np.asarray(found[:, :, 0], np.float64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, np.minimum(part / np.maximum(whole, 1e-9), 1.0), 0.0)
