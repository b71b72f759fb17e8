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

from provenance.attribution.passages import Candidates, PartText, SegmentColumns
from provenance.attribution.same_passage import same_passages

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PREFERENCE_TEMPERATURE = 0.05


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
    works, of = _works(candidates.columns)
    ordinals = candidates.columns.ordinals
    window, alone = _cosines(part, candidates)
    both = (window + alone) / 2
    columns = _Columns.of(of)
    nearest = columns.nearest(both)
    shared = _prefer_exact(nearest, of, ordinals, exact)
    passage = same_passages(candidates, of)[nearest]
    groups = _Groups.of_passages(passage)
    return Similarity(
        works=works,
        nearest=nearest,
        ordinals=ordinals[nearest],
        passage=passage,
        both=groups.view(columns.highest(both)),
        window=groups.view(columns.highest(window)),
        alone=groups.view(columns.highest(alone)),
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
    shared: dict[int, set[int]] = {}
    for segment, hits in exact.items():
        wanted = np.array(sorted(hits, reverse=True), np.int64)
        places = np.minimum(np.searchsorted(ordinals, wanted), len(ordinals) - 1)
        for place in places[ordinals[places] == wanted].tolist():
            nearest[segment, of[place]] = place
            shared.setdefault(segment, set()).add(int(of[place]))
    return shared


def _works(segments: SegmentColumns) -> tuple[list[str], Integers]:
    """The works in the order of their first segments, and the number of each segment's work among them."""
    owners, first, owner = np.unique(segments.owner, return_index=True, return_inverse=True)
    numbers: dict[str, int] = {}
    number = np.empty(len(owners), np.int64)
    for place in np.argsort(first).tolist():
        number[place] = numbers.setdefault(segments.owners[owners[place]][0], len(numbers))
    return list(numbers), number[owner]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Candidates in the order of their sources: ``order[starts[n]:]`` begins with those of source ``n``."""

    order: Integers
    starts: Integers

    @classmethod
    def of(cls, source: Integers) -> _Columns:
        order = np.argsort(source, kind="stable")
        return cls(order=order, starts=np.flatnonzero(np.diff(source[order], prepend=-1)))

    def highest(self, cosine: Floats) -> Floats:
        """The highest cosine of each source: (segments, candidates) -> (segments, sources)."""
        return np.maximum.reduceat(cosine[:, self.order], self.starts, axis=1)

    def nearest(self, cosine: Floats) -> Integers:
        """The first candidate of each source that has its highest cosine."""
        ordered = cosine[:, self.order]
        highest = np.maximum.reduceat(ordered, self.starts, axis=1)
        sizes = np.diff(self.starts, append=len(self.order))
        candidate = np.where(ordered == np.repeat(highest, sizes, axis=1), self.order, len(self.order))
        return np.minimum.reduceat(candidate, self.starts, axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """The sources of each segment by the passage that they hold, as one list over all segments.

    ``order`` lists the places of a flat (segments, sources) array group by group, ``starts`` are where each group
    begins there, ``of`` the group of each segment and source. Segment ``n`` has the ``counts[n]`` groups from
    ``first[n]`` on.
    """

    order: Integers
    starts: Integers
    of: Integers
    first: Integers
    counts: Integers

    @classmethod
    def of_passages(cls, passage: Integers) -> _Groups:
        """Groups of equal passages of a segment: ``passage`` has shape (segments, sources)."""
        segments, sources = passage.shape
        within = np.argsort(passage, axis=1, kind="stable")
        ordered = np.take_along_axis(passage, within, axis=1)
        begins = np.diff(ordered, axis=1, prepend=-1) != 0
        of = np.empty_like(passage)
        np.put_along_axis(of, within, (np.cumsum(begins) - 1).reshape(segments, sources), axis=1)
        counts = begins.sum(axis=1)
        return cls(
            order=(within + sources * np.arange(segments)[:, None]).ravel(),
            starts=np.flatnonzero(begins),
            of=of,
            first=np.cumsum(counts) - counts,
            counts=counts,
        )

    def view(self, cosine: Floats) -> View:
        """Margin and preference of each source, where those that hold one passage count as one."""
        best = np.maximum(np.maximum.reduceat(cosine.ravel()[self.order], self.starts), -1.0)
        highest = np.maximum.reduceat(best, self.first)
        segment = np.repeat(np.arange(len(self.counts)), self.counts)
        groups = np.arange(len(best))
        leader = np.minimum.reduceat(np.where(best == highest[segment], groups, len(best)), self.first)
        others = best.copy()
        others[leader] = -np.inf
        second = np.where(self.counts > 1, np.maximum.reduceat(others, self.first), 0.0)
        rival = np.where(self.of == leader[:, None], second[:, None], highest[:, None])
        raised = np.exp((best - highest[segment]) / PREFERENCE_TEMPERATURE)
        mine = np.exp((cosine - highest[:, None]) / PREFERENCE_TEMPERATURE)
        return View(cosine=cosine, margin=cosine - rival, preference=mine / self._sums(raised)[:, None])

    def _sums(self, values: Floats) -> Floats:
        """The sum over each segment's groups. Segments of as many groups are summed together, each in one order."""
        sums = np.empty(len(self.counts))
        for count in np.unique(self.counts).tolist():
            segments = np.flatnonzero(self.counts == count)
            sums[segments] = values[self.first[segments][:, None] + np.arange(count)].sum(axis=1)
        return sums
