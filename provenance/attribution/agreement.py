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

_FEW_BITS = 0xFFFF
ALIGNED_SEGMENTS = 2  # how many segments of the part before and after belong to an alignment
ALIGNED_STEP_MAX = 6  # how far from a segment's passage those of its neighbours may lie


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Parts of word mass, 0 to 1, one array over the pairs each; ``names_missing`` counts words."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageWords:
    """Which of the part's words stand in the passage of each pair: ``present`` has shape (pairs, vocabulary).

    ``hashes`` are those of the vocabulary's stems, ascending.
    """

    hashes: NDArray[np.uint32]
    present: NDArray[np.bool_]


def agree(
    part: WordTable, source: WordTable, ordinals: Integers, segment: Integers, column: Integers
) -> tuple[Agreement, PassageWords]:
    """Compare the words of a part with those around the nearest source segments of some pairs.

    ``ordinals`` has shape (segments, sources): the nearest source segment of each. Pair ``n`` is that of row
    ``segment[n]`` and column ``column[n]``; ``source`` must hold what lies within `REGION_SEGMENTS` of its ordinal.
    All sums are of sixteenths, and so exact.
    """
    vocabulary = _Vocabulary.of(part)
    theirs = _Source(vocabulary, source)
    rows = np.searchsorted(source.ordinals, ordinals[segment, column])
    own = theirs.counts(rows, rows + 1)
    passage = theirs.counts(*theirs.around(rows, 1)) > 0
    aligned = theirs.aligned(rows, ordinals, segment, column)
    in_aligned = theirs.counts(*aligned)
    region, near_region = theirs.different(theirs.around(rows, REGION_SEGMENTS))
    in_region = theirs.counts(*region) > 0
    shared = [
        theirs.overlap(in_region, *region, mass, running)[near_region]
        for mass, running in (
            (vocabulary.mass, theirs.mass),
            (vocabulary.telling, theirs.telling),
            (vocabulary.names, theirs.names),
        )
    ]
    presence = vocabulary.presence(part)
    ours, near = presence[segment], _widened(presence)[segment]
    our_names = ours & vocabulary.name
    names_found = np.count_nonzero(our_names & in_region[near_region], axis=1)
    agreement = Agreement(
        found=_part(passage, ours, vocabulary.mass),
        telling_found=_part(passage, ours, vocabulary.telling, otherwise=0.5),
        covered=_ratio((own * ours) @ vocabulary.mass, theirs.mass[rows + 1] - theirs.mass[rows]),
        region_found=_part(in_region[near_region], ours, vocabulary.mass),
        region_telling_found=_part(in_region[near_region], ours, vocabulary.telling, otherwise=0.5),
        names_missing=(np.count_nonzero(our_names, axis=1) - names_found).astype(np.float64),
        names_found=names_found.astype(np.float64),
        aligned_found=_part(in_aligned > 0, near, vocabulary.mass),
        aligned_covered=theirs.covered(in_aligned * near, *aligned, vocabulary.mass, theirs.mass),
        aligned_names_covered=theirs.covered(in_aligned * near, *aligned, vocabulary.names, theirs.names),
        shared=shared[0],
        telling_shared=shared[1],
        names_shared=shared[2],
    )
    return agreement, PassageWords(hashes=vocabulary.hashes, present=passage)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vocabulary:
    """The part's distinct words: hash, rarity, and that where telling, or where the word is a name anywhere in it."""

    hashes: NDArray[np.uint32]
    mass: Floats
    telling: Floats
    names: Floats
    name: NDArray[np.bool_]

    @classmethod
    def of(cls, part: WordTable) -> _Vocabulary:
        hashes, place = np.unique(part.words["hash"], return_inverse=True)
        mass, name = np.zeros(len(hashes)), np.zeros(len(hashes), np.bool_)
        np.maximum.at(mass, place, part.mass())
        np.logical_or.at(name, place, part.words["name"])
        telling = np.where(mass >= TELLING, mass, 0.0)
        return cls(hashes=hashes, mass=mass, telling=telling, names=mass * name, name=name)

    def places(self, table: WordTable) -> Integers:
        """For each word of a table its place in the vocabulary, -1 where it isn't in it."""
        if not len(self.hashes):
            return np.full(len(table.words), -1, np.int64)
        hashes = np.ascontiguousarray(table.words["hash"])
        # Most words of a source aren't in it: a look at some bits of theirs tells nearly all of these.
        seen = np.zeros(_FEW_BITS + 1, np.bool_)
        seen[self.hashes & _FEW_BITS] = True
        likely = np.flatnonzero(seen[hashes & _FEW_BITS])
        place = np.minimum(np.searchsorted(self.hashes, hashes[likely]), len(self.hashes) - 1)
        places = np.full(len(hashes), -1, np.int64)
        places[likely] = np.where(self.hashes[place] == hashes[likely], place, -1)
        return places

    def presence(self, table: WordTable) -> NDArray[np.bool_]:
        """Which words each row of a table has: shape (rows, words)."""
        places, rows = self.places(table), table.rows()
        known = places >= 0
        present = np.zeros((len(table.ordinals), len(self.hashes)), np.bool_)
        present[rows[known], places[known]] = True
        return present


class _Source:
    """The source side: which of the part's words stand in any width of it, and what its own words weigh.

    A width is a first row and an end row of the table.
    """

    def __init__(self, vocabulary: _Vocabulary, table: WordTable) -> None:
        places, rows = vocabulary.places(table), table.rows()
        known = places >= 0
        self._vocabulary, self._places = len(vocabulary.hashes), places[known]
        self._bounds = _running(np.bincount(rows[known], minlength=len(table.ordinals)))
        mass, size = table.mass(), len(table.ordinals)
        self.mass = _running(np.bincount(rows, mass, size))
        self.telling = _running(np.bincount(rows, np.where(mass >= TELLING, mass, 0.0), size))
        self.names = _running(np.bincount(rows, np.where(table.words["name"], mass, 0.0), size))
        self._ordinals = table.ordinals
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

    def aligned(
        self, rows: Integers, ordinals: Integers, segment: Integers, column: Integers
    ) -> tuple[Integers, Integers]:
        """First and end row of what a segment's passage and those of its neighbours span, where they lie close."""
        here = ordinals[segment, column]
        first, last = here.copy(), here.copy()
        for step in range(-ALIGNED_SEGMENTS, ALIGNED_SEGMENTS + 1):
            beside = segment + step
            exists = (beside >= 0) & (beside < len(ordinals))
            there = ordinals[np.where(exists, beside, segment), column]
            close = np.abs(there - here) <= ALIGNED_STEP_MAX
            first = np.where(close, np.minimum(first, there), first)
            last = np.where(close, np.maximum(last, there), last)
        low = np.maximum(np.searchsorted(self._ordinals, first), self._first[rows])
        return low, np.minimum(np.searchsorted(self._ordinals, last) + 1, self._end[rows])

    def different(self, width: tuple[Integers, Integers]) -> tuple[tuple[Integers, Integers], Integers]:
        """Each width once, and for each pair the number of its width: pages around are shared by many pairs."""
        base = len(self._ordinals) + 1
        each, number = np.unique(width[0] * base + width[1], return_inverse=True)
        return (each // base, each % base), number

    def counts(self, first: Integers, end: Integers) -> Integers:
        """In how many rows of each width each of the part's words stands: shape (widths, vocabulary)."""
        starts, sizes = self._bounds[first], self._bounds[end] - self._bounds[first]
        width = np.repeat(np.arange(len(first)), sizes)
        place = np.arange(len(width)) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
        flat = width * self._vocabulary + self._places[place]
        found = np.bincount(flat, minlength=len(first) * self._vocabulary)
        return found.reshape(len(first), self._vocabulary)

    def covered(self, repeated: Integers, first: Integers, end: Integers, mass: Floats, theirs: Floats) -> Floats:
        """The part of each width's own mass (``theirs``, running) that the ``repeated`` words come to."""
        return _ratio(repeated @ mass, theirs[end] - theirs[first])

    def overlap(
        self, present: NDArray[np.bool_], first: Integers, end: Integers, mass: Floats, theirs: Floats
    ) -> Floats:
        """The mass that each width and the whole part have in common, of the smaller of the two."""
        return _ratio(present @ mass, np.minimum(mass.sum(), theirs[end] - theirs[first]))


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
    """The part of the mass of each pair's words that is present; both sides have shape (pairs, vocabulary)."""
    total = ours @ mass
    return np.where(total > 0, ((present & ours) @ mass) / np.maximum(total, 1e-9), otherwise)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, np.minimum(part / np.maximum(whole, 1e-9), 1.0), 0.0)
