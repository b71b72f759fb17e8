"""Which candidates hold one passage, and which works look like copies of one another around it.

Only candidates that share a telling part of their words can hold one passage, so that few vectors need comparing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.passages import Candidates

Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]  # of words: hash and rarity in one number, so that sets of words are sets of numbers

# One passage, though a few words were changed: nearly the same direction, and nearly the same words.
SAME_PASSAGE_COSINE = 0.9
SAME_PASSAGE_WORDS = 0.75
SAME_PASSAGE_CANDIDATES_MAX = 2_000
# Copies of a short work with some words changed still have most of its pages; works that share a paragraph do not.
SAME_PAGES_WORDS = 0.5
PAGES_SEGMENTS = 8

_RARITY = np.uint64(0xFF)


def same_passages(candidates: Candidates, of: Integers) -> Integers:
    """For each candidate, the first candidate that holds the same passage (itself, where no other work does).

    ``of`` numbers the work of each. Where there are more than `SAME_PASSAGE_CANDIDATES_MAX`, the rest stand for
    themselves.
    """
    first = np.arange(len(of))
    count = min(len(of), SAME_PASSAGE_CANDIDATES_MAX)
    content = candidates.content.around(candidates.columns.ordinals[:count], 0)
    keys = _keys(content.words)
    sets = [keys[start:end] for start, end in pairwise(content.bounds.tolist())]
    left, right = _sharing_rare_words(sets, SAME_PASSAGE_WORDS)
    apart = of[left] != of[right]
    for one, all_others in _by_first(left[apart], right[apart]):
        others = all_others[first[all_others] == all_others]
        if not len(others):
            continue
        vectors = candidates.vectors[others].astype(np.float64)
        near = vectors @ candidates.vectors[one].astype(np.float64) >= SAME_PASSAGE_COSINE
        for other in others[near].tolist():
            if _alike(sets[one], sets[other], least=SAME_PASSAGE_WORDS):
                first[other] = first[one]
    return first


class CopyGroups:
    """Numbers for works that hold the same passage: equal where the pages around it are the same as well.

    A paragraph that stands in many different works is everybody's; a work that was copied many times is its author's.
    """

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates
        self._first: dict[int, list[int]] = {}  # passage -> one candidate of each group
        self._group: dict[tuple[int, int], int] = {}
        self._pages: dict[int, Keys] = {}

    def number(self, passage: int, candidate: int) -> int:
        """The group of a candidate that holds ``passage``: the first of its candidates that was asked for."""
        asked = passage, candidate
        if asked not in self._group:
            groups = self._first.setdefault(passage, [])
            same = (first for first in groups if self._same_pages(first, candidate))
            self._group[asked] = next(same, candidate)
            if self._group[asked] == candidate:
                groups.append(candidate)
        return self._group[asked]

    def _same_pages(self, left: int, right: int) -> bool:
        return _alike(self._pages_of(left), self._pages_of(right), least=SAME_PAGES_WORDS)

    def _pages_of(self, candidate: int) -> Keys:
        if candidate not in self._pages:
            ordinal = self._candidates.columns.ordinals[candidate : candidate + 1]
            around = self._candidates.content.around(ordinal, PAGES_SEGMENTS)
            self._pages[candidate] = np.unique(_keys(around.words))
        return self._pages[candidate]


def _sharing_rare_words(sets: list[Keys], least: float) -> tuple[Integers, Integers]:
    """All pairs of sets (the lower number first, in order) that can have ``least`` of their mass in common; some more.

    Two that do have one of those words in common that come first where the rarest among all sets lead, up to the mass
    that the rest falls short of (the prefix filter of Chaudhuri, Ganti and Kaushik 2006). Sets without mass share that.
    """
    words = np.concatenate([np.empty(0, np.uint64), *sets])
    each = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    mass = (words & _RARITY).astype(np.int64)
    total = np.bincount(each, mass, len(sets)).astype(np.int64)
    _, word, holders = np.unique(words, return_inverse=True, return_counts=True)
    order = np.lexsort((word, holders[word], each))
    before = np.cumsum(mass[order]) - mass[order]
    before -= (np.cumsum(total) - total)[each[order]]
    leads = order[(before <= (1 - least) * total[each[order]]) & (holders[word[order]] > 1) & (mass[order] > 0)]
    massless = np.flatnonzero(total == 0)
    keys = np.concatenate([word[leads], np.full(len(massless), -1)])
    members = np.concatenate([each[leads], massless])
    return _pairs_with_one_key(keys, members, len(sets))


def _pairs_with_one_key(keys: Integers, members: Integers, count: int) -> tuple[Integers, Integers]:
    order = np.lexsort((members, keys))
    keys, members = keys[order], members[order]
    pairs = [np.empty(0, np.int64)]
    apart = 1
    while len(alike := np.flatnonzero(keys[apart:] == keys[:-apart])):
        pairs.append(members[alike] * count + members[alike + apart])
        apart += 1
    each = np.unique(np.concatenate(pairs))
    return each // count, each % count


def _by_first(left: Integers, right: Integers) -> Iterator[tuple[int, Integers]]:
    """The pairs by their first number, ascending, each with all of its second ones."""
    bounds = [*np.flatnonzero(np.diff(left, prepend=-1)).tolist(), len(left)]
    for start, end in pairwise(bounds):
        yield int(left[start]), right[start:end]


def _alike(left: Keys, right: Keys, *, least: float) -> bool:
    """Whether two sets of words (sorted, each once) have that part of their mass in common: weighted Jaccard."""
    common = _mass(np.intersect1d(left, right, assume_unique=True))
    return common >= least * (_mass(left) + _mass(right) - common)


def _mass(words: Keys) -> int:
    return int((words & _RARITY).sum())


def _keys(found: NDArray[np.void]) -> Keys:
    return (found["hash"].astype(np.uint64) << np.uint64(8)) | found["sixteenths"].astype(np.uint64)
