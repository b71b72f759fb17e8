"""Runs of words that a segment of a part has in common with the passages around its nearest source segments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.agreement import PassageWords
from provenance.attribution.lexical import stem_keys
from provenance.attribution.passages import Candidates, PartText
from provenance.fingerprints.exact import Run, shared_runs
from provenance.fingerprints.words import Words, fold_words, folded_words
from provenance.kernel.span import Span

RUN_WORDS_MIN = 3

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualWords:
    """The longest run of equal words of a pair: how many, from which word of the segment on, and where they stand."""

    words: int
    first: int
    part_span: Span
    source_span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRuns:
    """For each pair, all runs of `RUN_WORDS_MIN` words or more (or of all words of a shorter segment); the longest."""

    found: Sequence[Sequence[Run]]
    longest: Sequence[EqualWords | None]


def shared_with_passages(
    part: PartText, candidates: Candidates, segment: Integers, candidate: Integers, words: PassageWords
) -> SharedRuns:
    """The runs of each pair: row ``segment[n]`` of the part and ``candidate[n]`` with its direct neighbours.

    Passages are read only where enough of the segment's words in a row stand in them at all, which ``words`` knows.
    """
    passages = _Passages(candidates)
    found: list[Sequence[Run]] = [()] * len(segment)
    longest: list[EqualWords | None] = [None] * len(segment)
    for pair in _worth_reading(part, segment, words):
        row = int(segment[pair])
        mine, there = part.words[row], int(candidate[pair])
        runs = shared_runs(mine.folded, passages.folded(there), shortest=_shortest(mine))
        if runs:
            found[pair], run = runs, max(runs, key=lambda r: (r.length, -r.left))
            longest[pair] = EqualWords(
                words=run.length,
                first=run.left,
                part_span=mine.span(run.left, run.left + run.length - 1).shifted(part.spans[row].start),
                source_span=passages.span(there, run.right, run.right + run.length - 1),
            )
    return SharedRuns(found=found, longest=longest)


def run_figures(runs: Sequence[Run], words: int) -> tuple[float, float, float]:
    """The figures ``run``, ``run_part`` and ``runs_part`` of a pair whose segment has so many ``words``."""
    if not runs:
        return 0.0, 0.0, 0.0
    longest = max((r.length for r in runs), default=0)
    covered, end = 0, 0
    for run in sorted(runs):
        covered += max(0, run.left + run.length - max(run.left, end))
        end = max(end, run.left + run.length)
    return math.log1p(longest), longest / max(1, words), covered / max(1, words)


def _shortest(words: Words) -> int:
    return min(RUN_WORDS_MIN, max(1, len(words)))


def _worth_reading(part: PartText, segment: Integers, words: PassageWords) -> Iterator[int]:
    """The pairs whose segment has a run of words each of which stands somewhere in the passage."""
    starts = np.searchsorted(segment, np.arange(len(part.spans) + 1)).tolist()
    for row, mine in enumerate(part.words):
        first, end = starts[row], starts[row + 1]
        if first == end or not len(mine):
            continue
        place = np.searchsorted(words.hashes, stem_keys(mine.folded))
        stands = words.present[first:end][:, place]  # (pairs of the segment, words in their order)
        run, count = stands.copy(), len(mine)
        shortest = _shortest(mine)
        for step in range(1, shortest):
            run[:, : count - step] &= stands[:, step:]
        for pair in np.flatnonzero(run[:, : count - shortest + 1].any(axis=1)).tolist():
            yield first + pair


class _Passages:
    """The passages around candidate segments: each with its direct neighbours, where these are of the same revision."""

    def __init__(self, candidates: Candidates) -> None:
        columns = candidates.columns
        self._text, self._starts = columns.text, columns.starts
        self._owner, self._ordinals = columns.owner.tolist(), columns.ordinals.tolist()
        self._texts: dict[int, str] = {}
        self._segments: dict[int, list[str]] = {}
        self._folded: dict[int, list[str]] = {}

    def folded(self, candidate: int) -> list[str]:
        """The folded words of a candidate's passage; each segment is folded once."""
        if candidate not in self._folded:
            self._folded[candidate] = [word for index in self._around(candidate) for word in self._segment(index)]
        return self._folded[candidate]

    def span(self, candidate: int, first: int, last: int) -> Span:
        """Characters of the revision from the start of word ``first`` of a passage to the end of word ``last``.

        Places are found where they are asked for: few passages share a run, and it stands in few of their segments.
        """
        return Span(self._place(candidate, first).start, self._place(candidate, last).end)

    def _place(self, candidate: int, word: int) -> Span:
        for index in self._around(candidate):
            if word < len(self._segment(index)):
                return fold_words(self._texts[index]).span(word, word).shifted(int(self._starts[index]))
            word -= len(self._segment(index))
        raise AssertionError("a run lies in its passage")

    def _around(self, candidate: int) -> list[int]:
        near = range(max(0, candidate - 1), min(len(self._ordinals), candidate + 2))
        owner, ordinal = self._owner[candidate], self._ordinals[candidate]
        return [n for n in near if self._owner[n] == owner and abs(self._ordinals[n] - ordinal) <= 1]

    def _segment(self, index: int) -> list[str]:
        if index not in self._segments:
            self._texts[index] = self._text(index)
            self._segments[index] = folded_words(self._texts[index])
        return self._segments[index]
