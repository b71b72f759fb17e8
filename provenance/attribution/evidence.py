"""Evidence that a segment of a part resembles a source: one row of figures for each (segment, source) pair.

Nothing here depends on the size of the index: similarity is compared among the candidates, words are weighed against
a fixed background. What a row's columns mean stands in `FEATURES`, in their order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import Overlap, Rarity, overlap
from provenance.attribution.passages import Candidates, PartText
from provenance.fingerprints.exact import Run, shared_runs
from provenance.fingerprints.words import Words, fold_words

FEATURES = (
    "dense",  # cosine of the segment and the source's nearest segment
    "margin",  # that, less the next source's
    "found",  # part of the segment's word mass that the passage has
    "telling_found",  # the same for rare words and numbers
    "covered",  # part of the passage's word mass that the segment repeats
    "run",  # log(1 + words of the longest shared run)
    "run_part",  # that run, as a part of the segment
    "preference",  # softmax of similarity over the candidate sources
    "neighbour_preference",  # the same at the segment before or after, whichever is larger
    "paragraph_preference",  # mean over the paragraph, by characters
    "document_preference",  # mean over the part, by characters
    "neighbour_dense_max",
    "neighbour_dense_mean",
    "in_order",  # 1 where a neighbour's nearest source segment lies within two of this one's
    "length",  # log(1 + words of the segment)
    "document_dense_max",
)
EVIDENCE_IDENTITY = "evidence-1"

SOURCES_PER_SEGMENT = 4
SOURCES_PER_PART = 3
PREFERENCE_TEMPERATURE = 0.05
RUN_WORDS_MIN = 3
NO_SIMILARITY = -1.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One (segment, source) pair: indexes into the part's segments and the candidates, and what was found."""

    segment: int
    work: str
    candidate: int  # index of the source's nearest candidate segment
    dense: float
    overlap: Overlap
    run: Run | None  # longest shared run; its words count from the start of the passage around the candidate
    figures: tuple[float, ...]


def gather_evidence(
    part: PartText, candidates: Candidates, exact: Mapping[int, Set[int]], rarity: Rarity
) -> list[Pair]:
    """All pairs worth scoring, ordered by segment and work.

    ``exact`` maps a segment of the part to the ordinals of candidate segments that share a k-gram with it.
    """
    if not part.spans or not candidates.segments:
        return []
    field = _Field.over(part, candidates, exact)
    texts = _PassageWords(candidates)
    pairs = []
    for segment in range(len(part.spans)):
        for source in field.worth_scoring(segment):
            candidate = int(field.nearest[segment, source])
            passage = texts.around(candidate)
            words = part.words[segment].folded
            runs = shared_runs(words, passage.folded, shortest=min(RUN_WORDS_MIN, max(1, len(words))))
            run = max(runs, key=lambda r: (r.length, -r.left), default=None)
            found = overlap(words, texts.of(candidate).folded, set(passage.folded), rarity)
            pairs.append(
                Pair(
                    segment=segment,
                    work=field.works[source],
                    candidate=candidate,
                    dense=float(field.dense[segment, source]),
                    overlap=found,
                    run=run,
                    figures=_figures(field, segment, source, found, run, len(words)),
                )
            )
    return pairs


def _figures(
    field: _Field, segment: int, source: int, found: Overlap, run: Run | None, words: int
) -> tuple[float, ...]:
    around = [n for n in (segment - 1, segment + 1) if 0 <= n < len(field.dense)]
    before_after = [float(field.dense[n, source]) for n in around]
    here = field.nearest[segment, source]
    steps = [abs(int(field.ordinals[field.nearest[n, source]]) - int(field.ordinals[here])) for n in around]
    length = run.length if run else 0
    return (
        float(field.dense[segment, source]),
        float(field.dense[segment, source] - field.next_best(segment, source)),
        found.found,
        found.telling_found,
        found.covered,
        math.log1p(length),
        length / max(1, words),
        float(field.preference[segment, source]),
        max((float(field.preference[n, source]) for n in around), default=0.0),
        float(field.by_paragraph[field.paragraph[segment], source]),
        float(field.by_document[source]),
        max(before_after, default=0.0),
        sum(before_after) / 2,
        float(any(step <= 2 for step in steps)),
        math.log1p(words),
        float(field.dense[:, source].max()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """Similarities of a whole part to its candidate sources; rows are segments, columns are sources."""

    works: list[str]
    ordinals: NDArray[np.int64]
    dense: Floats
    nearest: NDArray[np.int64]
    preference: Floats
    paragraph: NDArray[np.int64]
    by_paragraph: Floats
    by_document: Floats
    exact_sources: Mapping[int, Set[int]]

    @classmethod
    def over(cls, part: PartText, candidates: Candidates, exact: Mapping[int, Set[int]]) -> _Field:
        works = sorted({s.work for s in candidates.segments})
        column = {work: i for i, work in enumerate(works)}
        of = np.array([column[s.work] for s in candidates.segments])
        ordinals = np.array([s.ordinal for s in candidates.segments], np.int64)
        dense, nearest = _nearest_by_source(part, candidates, of, len(works))
        at = {int(o): i for i, o in enumerate(ordinals)}
        exact_sources: dict[int, set[int]] = {}
        for segment, hits in exact.items():
            for ordinal in sorted(hits & at.keys(), reverse=True):  # the first hit of a source wins
                nearest[segment, of[at[ordinal]]] = at[ordinal]
                exact_sources.setdefault(segment, set()).add(int(of[at[ordinal]]))
        lengths = np.array([len(s) for s in part.spans], np.float64)
        raised = np.exp((dense - dense.max(axis=1, keepdims=True)) / PREFERENCE_TEMPERATURE)
        preference = raised / raised.sum(axis=1, keepdims=True)
        paragraph = _paragraphs(part)
        weighted = preference * lengths[:, None]
        by_paragraph = np.zeros((int(paragraph.max()) + 1, len(works)))
        np.add.at(by_paragraph, paragraph, weighted)
        by_paragraph /= np.bincount(paragraph, lengths)[:, None]
        return cls(
            works=works,
            ordinals=ordinals,
            dense=dense,
            nearest=nearest,
            preference=preference,
            paragraph=paragraph,
            by_paragraph=by_paragraph,
            by_document=weighted.sum(axis=0) / lengths.sum(),
            exact_sources=exact_sources,
        )

    def worth_scoring(self, segment: int) -> list[int]:
        by_segment = np.argsort(-self.dense[segment], kind="stable")[:SOURCES_PER_SEGMENT]
        by_part = np.argsort(-self.by_document, kind="stable")[:SOURCES_PER_PART]
        return sorted({*map(int, by_segment), *map(int, by_part), *self.exact_sources.get(segment, ())})

    def next_best(self, segment: int, source: int) -> float:
        others = np.delete(self.dense[segment], source)
        return float(others.max()) if len(others) else 0.0


def _nearest_by_source(
    part: PartText, candidates: Candidates, of: NDArray[np.int64], sources: int
) -> tuple[Floats, NDArray[np.int64]]:
    """For each segment and source: the highest cosine, and the candidate that has it (the first, where several do)."""
    similarity = part.vectors.astype(np.float64) @ candidates.vectors.astype(np.float64).T
    dense = np.full((len(part.spans), sources), NO_SIMILARITY)
    nearest = np.zeros((len(part.spans), sources), np.int64)
    rows = np.arange(len(part.spans))
    for source in range(sources):
        members = np.flatnonzero(of == source)
        best = similarity[:, members].argmax(axis=1)
        nearest[:, source] = members[best]
        dense[:, source] = similarity[rows, members[best]]
    return dense, nearest


def _paragraphs(part: PartText) -> NDArray[np.int64]:
    """The number of the paragraph that each segment stands in; a line break between two segments parts them."""
    breaks = [int("\n" in part.text[left.end : right.start]) for left, right in pairwise(part.spans)]
    return np.concatenate([[0], np.cumsum(breaks, dtype=np.int64)]) if breaks else np.zeros(1, np.int64)


class _PassageWords:
    """Folded words of candidate segments and of the passages around them, each folded once."""

    def __init__(self, candidates: Candidates) -> None:
        self._segments = candidates.segments
        self._folded: dict[int, Words] = {}

    def of(self, candidate: int) -> Words:
        if candidate not in self._folded:
            self._folded[candidate] = fold_words(self._segments[candidate].text)
        return self._folded[candidate]

    def around(self, candidate: int) -> Words:
        """Words of the candidate and of its direct neighbours, where these are candidates of the same revision."""
        mine = self._segments[candidate]
        folded: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for index in range(max(0, candidate - 1), min(len(self._segments), candidate + 2)):
            other = self._segments[index]
            if other.revision == mine.revision and abs(other.ordinal - mine.ordinal) <= 1:
                words = self.of(index)
                folded += words.folded
                starts += [other.span.start + s for s in words.starts]
                ends += [other.span.start + e for e in words.ends]
        return Words(folded, starts, ends)


def passage_words(candidates: Candidates, candidate: int) -> Words:
    """Folded words of a candidate with its neighbours; offsets are those of the source revision's whole text."""
    return _PassageWords(candidates).around(candidate)
