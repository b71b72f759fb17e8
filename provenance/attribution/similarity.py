"""How near each segment of a part is to each candidate source, in two views and compared with the other sources.

A vector holds two halves of equal weight: the segment as its window shows it, and the segment alone. Works that hold
the same passage don't compete with one another here: a copy must neither starve the original nor gain by being many.

Stored vectors are half precision: multiples of 2**-24. Products of two are multiples of 2**-48, and no sum of them
exceeds 2, so that 64-bit sums are exact in whatever order threads and libraries take them: same input, same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import WordTable
from provenance.attribution.passages import Candidates, PartText

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PREFERENCE_TEMPERATURE = 0.05
# One passage, though a few words were changed: nearly the same direction, and nearly the same words.
SAME_PASSAGE_COSINE = 0.9
SAME_PASSAGE_WORDS = 0.75
SAME_PASSAGE_CANDIDATES_MAX = 2_000
# Copies of a short work with some words changed still have most of its pages; works that share a paragraph do not.
SAME_PAGES_WORDS = 0.5
PAGES_SEGMENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Cosines of one view; rows are segments, columns are sources.

    ``margin`` is the cosine less that of the next source with another passage; ``preference`` a softmax over the
    sources, in which those that share a passage count as one.
    """

    cosine: Floats
    margin: Floats
    preference: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """All views of a part on its candidate sources.

    ``works`` names the columns, in the order of registration. ``nearest`` is the index of each source's nearest
    candidate, ``passage`` the number of the passage that this is: equal for works that hold the same one. ``exact``
    maps a segment to the columns that share a k-gram with it.
    """

    works: Sequence[str]
    nearest: Integers
    ordinals: Integers
    passage: Integers
    both: View
    window: View
    alone: View
    exact: Mapping[int, Set[int]]


def compare(part: PartText, candidates: Candidates, exact: Mapping[int, Set[int]]) -> Similarity:
    """Compare a part of at least one segment with at least one candidate.

    ``exact`` maps a segment of the part to the ordinals of candidate segments that share a k-gram with it.
    """
    works = list(dict.fromkeys(s.work for s in candidates.segments))
    column = {work: i for i, work in enumerate(works)}
    of = np.array([column[s.work] for s in candidates.segments])
    ordinals = np.array([s.ordinal for s in candidates.segments], np.int64)
    window, alone = _cosines(part, candidates)
    both = (window + alone) / 2
    nearest = np.empty((len(part.spans), len(works)), np.int64)
    for source in range(len(works)):
        members = np.flatnonzero(of == source)
        nearest[:, source] = members[both[:, members].argmax(axis=1)]
    shared = _prefer_exact(nearest, of, ordinals, exact)
    passage = _passages(candidates, of)[nearest]
    return Similarity(
        works=works,
        nearest=nearest,
        ordinals=ordinals[nearest],
        passage=passage,
        both=_view(both, of, len(works), passage),
        window=_view(window, of, len(works), passage),
        alone=_view(alone, of, len(works), passage),
        exact=shared,
    )


def paragraphs(part: PartText) -> Integers:
    """The number of the paragraph that each segment stands in; a line break between two segments parts them."""
    breaks = [int("\n" in part.text[left.end : right.start]) for left, right in pairwise(part.spans)]
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(breaks, dtype=np.int64)])


def _cosines(part: PartText, candidates: Candidates) -> tuple[Floats, Floats]:
    ours, theirs = part.vectors.astype(np.float64), candidates.vectors.astype(np.float64)
    half = ours.shape[1] // 2
    return 2 * (ours[:, :half] @ theirs[:, :half].T), 2 * (ours[:, half:] @ theirs[:, half:].T)


def _prefer_exact(
    nearest: Integers, of: Integers, ordinals: Integers, exact: Mapping[int, Set[int]]
) -> Mapping[int, Set[int]]:
    """Let a candidate with a shared k-gram stand for its source, the first where several have one."""
    at = {int(o): i for i, o in enumerate(ordinals)}
    shared: dict[int, set[int]] = {}
    for segment, hits in exact.items():
        for ordinal in sorted(hits & at.keys(), reverse=True):
            nearest[segment, of[at[ordinal]]] = at[ordinal]
            shared.setdefault(segment, set()).add(int(of[at[ordinal]]))
    return shared


def _view(cosine: Floats, of: Integers, sources: int, passage: Integers) -> View:
    by_source = np.stack([cosine[:, of == source].max(axis=1) for source in range(sources)], axis=1)
    margin, preference = np.empty_like(by_source), np.empty_like(by_source)
    for row, (values, passages) in enumerate(zip(by_source, passage, strict=True)):
        _, group = np.unique(passages, return_inverse=True)
        best = np.full(group.max() + 1, -1.0)
        np.maximum.at(best, group, values)
        order = np.argsort(-best, kind="stable")
        first, second = best[order[0]], best[order[1]] if len(best) > 1 else 0.0
        margin[row] = values - np.where(group == order[0], second, first)
        raised = np.exp((best - first) / PREFERENCE_TEMPERATURE)
        preference[row] = np.exp((values - first) / PREFERENCE_TEMPERATURE) / raised.sum()
    return View(cosine=by_source, margin=margin, preference=preference)


def _passages(candidates: Candidates, of: Integers) -> Integers:
    """For each candidate, the first candidate that holds the same passage (itself, where no other work does).

    Where there are more than `SAME_PASSAGE_CANDIDATES_MAX`, the rest stand for themselves.
    """
    first = np.arange(len(of))
    count = min(len(of), SAME_PASSAGE_CANDIDATES_MAX)
    vectors = candidates.vectors[:count].astype(np.float64)
    alike = np.triu(vectors @ vectors.T >= SAME_PASSAGE_COSINE, 1)
    for left, right in zip(*np.nonzero(alike), strict=True):
        if of[left] != of[right] and first[right] == right and _same_words(candidates, left, right):
            first[right] = first[left]
    return first


class CopyGroups:
    """Numbers for works that hold the same passage: equal where the pages around it are the same as well.

    A paragraph that stands in many different works is everybody's; a work that was copied many times is its author's.
    """

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates
        self._first: dict[int, list[int]] = {}  # passage -> one candidate of each group

    def number(self, passage: int, candidate: int) -> int:
        """The group of a candidate that holds ``passage``: the first of its candidates that was asked for."""
        groups = self._first.setdefault(passage, [])
        for first in groups:
            if first == candidate or self._same_pages(first, candidate):
                return first
        groups.append(candidate)
        return candidate

    def _same_pages(self, left: int, right: int) -> bool:
        content, segments = self._candidates.content, self._candidates.segments
        pages = [_pages(content, segments[i].ordinal) for i in (left, right)]
        return _alike(*pages, least=SAME_PAGES_WORDS)


def _same_words(candidates: Candidates, left: int, right: int) -> bool:
    """Whether two candidates have nearly all of their word mass in common (weighted Jaccard)."""
    content, segments = candidates.content, candidates.segments
    rows = (int(np.searchsorted(content.ordinals, segments[i].ordinal)) for i in (left, right))
    return _alike(*(_words(content, row, row + 1) for row in rows), least=SAME_PASSAGE_WORDS)


def _alike(left: NDArray[np.uint64], right: NDArray[np.uint64], *, least: float) -> bool:
    """Whether two sets of words (a hash and its rarity in one number) have that part of their mass in common."""
    together, common = np.union1d(left, right), np.intersect1d(left, right)
    return bool(_mass(common) >= least * _mass(together))


def _mass(words: NDArray[np.uint64]) -> int:
    return int((words & np.uint64(0xFF)).sum())


def _pages(content: WordTable, ordinal: int) -> NDArray[np.uint64]:
    """The words within `PAGES_SEGMENTS` of a segment, in the same text."""
    row = int(np.searchsorted(content.ordinals, ordinal))
    inside = (np.abs(content.ordinals - ordinal) <= PAGES_SEGMENTS) & (content.texts == content.texts[row])
    rows = np.flatnonzero(inside)
    return np.unique(_words(content, int(rows[0]), int(rows[-1]) + 1))


def _words(content: WordTable, first: int, end: int) -> NDArray[np.uint64]:
    """Hash and rarity of each word of these rows in one number, so that sets of them are sets of numbers."""
    found = content.words[content.bounds[first] : content.bounds[end]]
    return (found["hash"].astype(np.uint64) << np.uint64(8)) | found["sixteenths"].astype(np.uint64)
