"""How many of a part's telling words its candidate sources have, and how many of theirs it has.

A source is looked at in three widths: the passage (a segment and its neighbours), the passage as the neighbouring
segments of the part see it (the alignment), and the region (about two pages around). None of them grows with the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import CONTENT, SIXTEENTHS, TELLING, WordTable
from provenance.attribution.passages import REGION_SEGMENTS
from provenance.attribution.similarity import Floats, Integers

_FEW_BITS = 0xFFFF  # the lowest of a hash, which a record of `CONTENT` begins with
_MASS, _TELLING, _NAMES, _NAMED = range(4)  # columns of what words weigh
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
    presence = vocabulary.presence(part)
    wide = _widened(presence)
    ours, near = presence[segment], wide[segment]
    our_sums, near_sums = vocabulary.sums(presence)[segment], vocabulary.sums(wide)[segment]
    passage = theirs.present(*theirs.around(rows, 1))
    aligned = theirs.aligned(rows, ordinals, segment, column)
    in_aligned = theirs.counts(*aligned)
    region, number = theirs.different(theirs.around(rows, REGION_SEGMENTS))
    in_region = theirs.present(*region)
    own_found = vocabulary.sums(theirs.present(rows, rows + 1) & ours)
    passage_found = vocabulary.sums(passage & ours)
    region_found = vocabulary.sums(in_region[number] & ours)
    aligned_found = vocabulary.sums((in_aligned > 0) & near)
    covered = _ratio(vocabulary.sums(in_aligned * near), theirs.sums(*aligned))
    shared = _ratio(vocabulary.sums(in_region), np.minimum(vocabulary.weights.sum(axis=0), theirs.sums(*region)))[
        number
    ]
    agreement = Agreement(
        found=_part(passage_found, our_sums, _MASS),
        telling_found=_part(passage_found, our_sums, _TELLING, otherwise=0.5),
        covered=_ratio(own_found, theirs.sums(rows, rows + 1))[:, _MASS],
        region_found=_part(region_found, our_sums, _MASS),
        region_telling_found=_part(region_found, our_sums, _TELLING, otherwise=0.5),
        names_missing=our_sums[:, _NAMED] - region_found[:, _NAMED],
        names_found=region_found[:, _NAMED],
        aligned_found=_part(aligned_found, near_sums, _MASS),
        aligned_covered=covered[:, _MASS],
        aligned_names_covered=covered[:, _NAMES],
        shared=shared[:, _MASS],
        telling_shared=shared[:, _TELLING],
        names_shared=shared[:, _NAMES],
    )
    return agreement, PassageWords(hashes=vocabulary.hashes, present=passage)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vocabulary:
    """The part's distinct words by their hashes, and what each weighs.

    ``weights`` has shape (words, 4): rarity, that where telling, that where the word is a name anywhere in the part,
    and 1 where it is one.
    """

    hashes: NDArray[np.uint32]
    weights: Floats

    @classmethod
    def of(cls, part: WordTable) -> _Vocabulary:
        hashes, place = np.unique(part.words["hash"], return_inverse=True)
        mass, name = np.zeros(len(hashes)), np.zeros(len(hashes), np.bool_)
        np.maximum.at(mass, place, part.mass())
        np.logical_or.at(name, place, part.words["name"])
        return cls(hashes=hashes, weights=np.stack([mass, mass * (mass >= TELLING), mass * name, name], axis=1))

    def sums(self, times: NDArray[Any]) -> Floats:
        """What the words weigh that each row has, as often as it has them: (rows, words) -> (rows, weights)."""
        return times.astype(np.float64) @ self.weights

    def find(self, words: NDArray[np.void]) -> tuple[Integers, Integers]:
        """Which of some ``words`` are in the vocabulary: their numbers, ascending, and the place of each in it."""
        if not len(self.hashes):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        # Most words of a source aren't in it: some bits of theirs tell nearly all of these, and where the others are.
        by_bits = np.full(_FEW_BITS + 1, -1, np.int32)
        by_bits[self.hashes & _FEW_BITS] = np.arange(len(self.hashes))
        likely = by_bits[np.ascontiguousarray(words).view(np.uint16)[:: CONTENT.itemsize // 2]]
        numbers = np.flatnonzero(likely >= 0)
        places, hashes = likely[numbers].astype(np.int64), words["hash"][numbers]
        # Two words of the vocabulary may have these bits, or one that isn't in it.
        unsure = np.flatnonzero(self.hashes[places] != hashes)
        at = np.minimum(np.searchsorted(self.hashes, hashes[unsure]), len(self.hashes) - 1)
        places[unsure] = np.where(self.hashes[at] == hashes[unsure], at, -1)
        known = places >= 0
        return numbers[known], places[known]

    def presence(self, table: WordTable) -> NDArray[np.bool_]:
        """Which words each row of a table has: shape (rows, words)."""
        numbers, places = self.find(table.words)
        present = np.zeros((len(table.ordinals), len(self.hashes)), np.bool_)
        present[table.rows()[numbers], places] = True
        return present


class _Source:
    """The source side: which of the part's words stand in any width of it, and what its own words weigh.

    A width is a first row and an end row of the table.
    """

    def __init__(self, vocabulary: _Vocabulary, table: WordTable) -> None:
        numbers, self._places = vocabulary.find(table.words)
        self._vocabulary, size = len(vocabulary.hashes), len(table.ordinals)
        self._bounds = np.searchsorted(numbers, table.bounds)
        mass = np.ascontiguousarray(table.words["sixteenths"])
        weights = (mass, mass * (mass >= TELLING * SIXTEENTHS), mass * table.words["name"])
        sums = np.zeros((len(weights) + 1, len(mass) + 1), np.int64)
        for running, each in zip(sums, weights, strict=False):
            np.cumsum(each, out=running[1:])
        self._sums = sums.T[table.bounds] / SIXTEENTHS
        self._ordinals = table.ordinals
        # Rows of one text that follow each other without a gap: no width reaches beyond them.
        steps = np.flatnonzero((np.diff(table.ordinals) != 1) | (np.diff(table.texts) != 0)) + 1
        self._first = np.zeros(size, np.int64)
        self._first[steps] = steps
        self._first = np.maximum.accumulate(self._first)
        ends = np.append(steps, size)
        self._end = ends[np.searchsorted(ends, np.arange(size), "right")]

    def sums(self, first: Integers, end: Integers) -> Floats:
        """What the words of each width weigh, as `_Vocabulary.weights` has it; the last column isn't known, and 0."""
        return self._sums[end] - self._sums[first]

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
        found = np.bincount(self._flat(first, end), minlength=len(first) * self._vocabulary)
        return found.reshape(len(first), self._vocabulary)

    def present(self, first: Integers, end: Integers) -> NDArray[np.bool_]:
        """Which of the part's words stand in each width: shape (widths, vocabulary)."""
        found = np.zeros(len(first) * self._vocabulary, np.bool_)
        found[self._flat(first, end)] = True
        return found.reshape(len(first), self._vocabulary)

    def _flat(self, first: Integers, end: Integers) -> Integers:
        """For each of the part's words that stands in a width, its place in a flat (widths, vocabulary) array."""
        starts, sizes = self._bounds[first], self._bounds[end] - self._bounds[first]
        width = np.repeat(np.arange(len(first)), sizes)
        place = np.arange(len(width)) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
        return np.asarray(width * self._vocabulary + self._places[place])


def _widened(ours: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which words each segment of the part has together with its `ALIGNED_SEGMENTS` neighbours on either side."""
    counts = _running(ours.astype(np.int32))
    rows = np.arange(len(ours))
    low, high = np.maximum(rows - ALIGNED_SEGMENTS, 0), np.minimum(rows + ALIGNED_SEGMENTS + 1, len(ours))
    return np.asarray(counts[high] > counts[low])


def _running(values: NDArray[Any]) -> NDArray[Any]:
    """Sums of the first rows, from none to all."""
    return np.concatenate([np.zeros((1, *values.shape[1:]), values.dtype), np.cumsum(values, axis=0)])


def _part(found: Floats, total: Floats, weight: int, *, otherwise: float = 0.0) -> Floats:
    """The part of the ``total`` that was ``found``, by one of the weights; both have shape (pairs, weights)."""
    whole = total[:, weight]
    return np.where(whole > 0, found[:, weight] / np.maximum(whole, 1e-9), otherwise)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, np.minimum(part / np.maximum(whole, 1e-9), 1.0), 0.0)
