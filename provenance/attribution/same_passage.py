"""Which candidates hold one passage, and which works look like copies of one another around it.

Only candidates that share a telling part of their words can hold one passage, so that few vectors need comparing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import WordTable
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

PAIRS_TOGETHER = 1_024  # compared at once, to bound memory

_RARITY = np.uint64(0xFF)
# Where the number of its holders and its row stand in a number that begins with a word's key.
_HOLDERS_AT, _ROW_AT = np.uint64(40), np.uint64(52)
_HOLDERS, _FEW_BITS = np.uint64(0xFFF), np.uint32(0xFFFF)
_WORD, _NO_WORD = np.uint64((1 << 40) - 1), np.uint64(1 << 40)
_MEMBER_BITS = np.uint64(SAME_PASSAGE_CANDIDATES_MAX.bit_length())
_MEMBER = (np.uint64(1) << _MEMBER_BITS) - np.uint64(1)
_LOWEST_AND_HIGHEST = (np.minimum.reduceat, np.maximum.reduceat)


def same_passages(candidates: Candidates, of: Integers) -> Integers:
    """For each candidate, the first candidate that holds the same passage (itself, where no other work does).

    ``of`` numbers the work of each. Where there are more than `SAME_PASSAGE_CANDIDATES_MAX`, the rest stand for
    themselves.
    """
    first = np.arange(len(of))
    count = min(len(of), SAME_PASSAGE_CANDIDATES_MAX)
    content = candidates.content.around(candidates.columns.ordinals[:count], 0)
    keys, bounds = _keys(content.words), content.bounds.tolist()
    left, right = _sharing_rare_words(content, of, SAME_PASSAGE_WORDS)
    for start in range(0, len(left), PAIRS_TOGETHER):
        ones, others = left[start : start + PAIRS_TOGETHER], right[start : start + PAIRS_TOGETHER]
        alone = first[others] == others
        ones, others = ones[alone], others[alone]
        vectors = (candidates.vectors[some].astype(np.float64) for some in (ones, others))
        near = np.einsum("pd,pd->p", *vectors) >= SAME_PASSAGE_COSINE
        for one, other in zip(ones[near].tolist(), others[near].tolist(), strict=True):
            sets = (keys[bounds[n] : bounds[n + 1]] for n in (one, other))
            if first[other] == other and _alike(*sets, least=SAME_PASSAGE_WORDS):
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


def _sharing_rare_words(content: WordTable, of: Integers, least: float) -> tuple[Integers, Integers]:
    """All pairs of rows (the lower number first, in order) that can have ``least`` of their mass in common; some more.

    Two that do have one of those words in common that come first where the rarest among all rows lead, up to the mass
    that the rest falls short of (the prefix filter of Chaudhuri, Ganti and Kaushik 2006; any order of all words does).
    Rows without mass share that. Of two rows of one work (row ``n`` is of work ``of[n]``) nothing is asked.
    """
    # How many rows have a word, by some bits of its hash: with those that share these, and never too few.
    low = content.words["hash"] & _FEW_BITS
    holders = np.minimum(np.bincount(low, minlength=1), _HOLDERS).astype(np.uint64)[low]
    rows = content.rows().astype(np.uint64)
    words = np.sort(rows << _ROW_AT | holders << _HOLDERS_AT | _keys(content.words))
    row, mass = (words >> _ROW_AT).astype(np.int64), (words & _RARITY).astype(np.int64)
    total = np.bincount(row, mass, len(content.ordinals)).astype(np.int64)
    before = np.cumsum(mass) - mass - (np.cumsum(total) - total)[row]
    leads = (before <= (1 - least) * total[row]) & (mass > 0) & (words >> _HOLDERS_AT & _HOLDERS > 1)
    massless = np.flatnonzero(total == 0)
    keys = np.concatenate([words[leads] & _WORD, np.full(len(massless), _NO_WORD)])
    left, right = _pairs_with_one_key(keys, np.concatenate([row[leads], massless]), of)
    # No more is in common than the lighter one has, and the heavier one's mass is the least that both have together.
    enough = np.minimum(total[left], total[right]) >= least * np.maximum(total[left], total[right])
    return left[enough], right[enough]


def _pairs_with_one_key(keys: Keys, members: Integers, of: Integers) -> tuple[Integers, Integers]:
    """All pairs of members of two works that have a key in common: the lower number first, in order, each once."""
    entries = np.sort(keys << _MEMBER_BITS | members.astype(np.uint64))
    keys, members = entries >> _MEMBER_BITS, (entries & _MEMBER).astype(np.int64)
    # Most keys are words of one work alone, which has many rows: these are left out first.
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    works = of[members]
    lowest, highest = (reduce(works, starts) if len(starts) else works for reduce in _LOWEST_AND_HIGHEST)
    several = np.repeat(lowest < highest, np.diff(starts, append=len(keys)))
    keys, members, works = keys[several], members[several], works[several]
    pairs = [np.empty(0, np.int64)]
    apart = 1
    while len(alike := np.flatnonzero(keys[apart:] == keys[:-apart])):
        left = alike[works[alike] != works[alike + apart]]
        pairs.append(members[left] * SAME_PASSAGE_CANDIDATES_MAX + members[left + apart])
        apart += 1
    each = np.unique(np.concatenate(pairs))
    return each // SAME_PASSAGE_CANDIDATES_MAX, each % SAME_PASSAGE_CANDIDATES_MAX


def _alike(left: Keys, right: Keys, *, least: float) -> bool:
    """Whether two sets of words (sorted, each once) have that part of their mass in common: weighted Jaccard."""
    common = _mass(np.intersect1d(left, right, assume_unique=True))
    return common >= least * (_mass(left) + _mass(right) - common)


def _mass(words: Keys) -> int:
    return int((words & _RARITY).sum())


def _keys(found: NDArray[np.void]) -> Keys:
    return (found["hash"].astype(np.uint64) << np.uint64(8)) | found["sixteenths"].astype(np.uint64)
