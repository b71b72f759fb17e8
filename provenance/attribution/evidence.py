"""Evidence that a segment of a part resembles a source: one row of figures for each (segment, source) pair.

Nothing here depends on the size of the index: similarity is compared among the candidates, words are weighed against
a fixed background. Nothing grows with the length of a work: words are looked up in regions of one size. What a row's
columns mean stands in `FEATURES`, in their order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from provenance.attribution.agreement import Agreement, agree
from provenance.attribution.context import Context, Support
from provenance.attribution.passages import Candidates, PartText, SourceSegment
from provenance.attribution.similarity import CopyGroups, Similarity, compare
from provenance.fingerprints.exact import Run, shared_runs
from provenance.fingerprints.words import Words, fold_words
from provenance.kernel.span import Span

FEATURES = (
    "dense",  # cosine of the segment and the source's nearest segment, mean of both views
    "dense_window",  # the same where both are seen in their context
    "dense_alone",  # the same where both stand alone
    "margin",  # dense, less that of the next source with another passage
    "margin_window",
    "margin_alone",
    "preference",  # softmax of similarity over the candidate sources
    "preference_window",
    "preference_alone",
    "neighbour_preference",  # at the segment before or after, whichever is larger
    "neighbour_preference_mean",
    "paragraph_preference",  # mean over the paragraph, by characters
    "document_preference",  # mean over the stretch, by characters
    "document_preference_alone",
    "document_rank",  # how many sources have a higher document preference
    "document_dense_max",
    "document_dense_mean",
    "neighbour_dense_max",
    "neighbour_dense_mean",
    "in_order",  # 1 where a neighbour's nearest source segment lies within two of this one's
    "forward",  # 1 where a neighbour's nearest source segment lies on the side that the neighbour is on
    "found",  # see `Agreement` for this and the next twelve
    "telling_found",
    "covered",
    "region_found",
    "region_telling_found",
    "names_missing",
    "names_found",
    "aligned_found",
    "aligned_covered",
    "aligned_names_covered",
    "shared",
    "telling_shared",
    "names_shared",
    "run",  # log(1 + words of the longest shared run)
    "run_part",  # that run, as a part of the segment
    "runs_part",  # all shared runs of three words or more, as a part of the segment
    "margin_supported",  # dense, less that of the next source that the stretch as a whole supports
    "preference_supported",  # softmax over this source and those
    "neighbour_preference_supported",
    "document_preference_supported",
    "rival_document_preference",  # of the nearest source with another passage: whether the stretch supports it
    "rival_document_rank",
    "length",  # log(1 + words of the segment)
    "segments",  # log(segments of the stretch)
)
EVIDENCE_IDENTITY = "evidence-2"

STRETCH_SEGMENTS = 64
SOURCES_PER_SEGMENT = 5
RUN_WORDS_MIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualWords:
    """The longest run of equal words of a pair: how many, from which word of the segment on, and where they stand."""

    words: int
    first: int
    part_span: Span
    source_span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One (segment, source) pair: a segment of the part, the source's nearest segment, and what was found.

    ``passage`` is equal for those pairs of a segment whose sources hold the same passage; ``copies`` for those where
    the pages around it are the same too, so that one work looks like a copy of the other.
    """

    segment: int
    source: SourceSegment
    passage: int
    copies: int
    dense: float
    found: float
    run: EqualWords | None
    figures: tuple[float, ...]

    @property
    def work(self) -> str:
        """The source's work."""
        return self.source.work


def gather_evidence(part: PartText, candidates: Candidates, exact: Mapping[int, Set[int]]) -> list[Pair]:
    """All pairs worth scoring on a stretch of at most `STRETCH_SEGMENTS` segments, ordered by segment and work.

    ``exact`` maps a segment of the part to the ordinals of candidate segments that share a k-gram with it.
    """
    if not part.spans or not candidates.segments:
        return []
    assert len(part.spans) <= STRETCH_SEGMENTS, "a longer part is cut into stretches"
    similarity = compare(part, candidates, exact)
    agreement = agree(part.content, candidates.content, similarity.ordinals)
    context = Context.of(part, similarity)
    support = Support.of(part, similarity, context)
    passages = _PassageWords(candidates)
    copies = CopyGroups(candidates)
    pairs = []
    for segment, sources in enumerate(_worth_scoring(similarity, context)):
        words = part.words[segment]
        for source in sources:
            candidate = int(similarity.nearest[segment, source])
            passage = passages.around(candidate)
            runs = shared_runs(words.folded, passage.folded, shortest=min(RUN_WORDS_MIN, max(1, len(words))))
            pairs.append(
                Pair(
                    segment=segment,
                    source=candidates.segments[candidate],
                    passage=int(similarity.passage[segment, source]),
                    copies=copies.number(int(similarity.passage[segment, source]), candidate),
                    dense=float(similarity.both.cosine[segment, source]),
                    found=float(agreement.found[segment, source]),
                    run=_longest(runs, words, passage, part.spans[segment].start),
                    figures=(
                        *_similarity_figures(similarity, segment, source),
                        *context.figures(segment, source),
                        *_agreement_figures(agreement, segment, source),
                        *_run_figures(runs, len(words)),
                        *support.figures(segment, source),
                        math.log1p(len(words)),
                        math.log(len(part.spans)),
                    ),
                )
            )
    return pairs


def _longest(runs: Sequence[Run], words: Words, passage: Words, start: int) -> EqualWords | None:
    if not runs:
        return None
    run = max(runs, key=lambda r: (r.length, -r.left))
    return EqualWords(
        words=run.length,
        first=run.left,
        part_span=words.span(run.left, run.left + run.length - 1).shifted(start),
        source_span=passage.span(run.right, run.right + run.length - 1),
    )


def _worth_scoring(similarity: Similarity, context: Context) -> list[list[int]]:
    by_stretch = np.flatnonzero(context.supported).tolist()
    both = np.argsort(-similarity.both.cosine, axis=1, kind="stable")[:, :SOURCES_PER_SEGMENT].tolist()
    window = np.argsort(-similarity.window.cosine, axis=1, kind="stable")[:, :2].tolist()
    return [
        sorted({*by_stretch, *both[segment], *window[segment], *similarity.exact.get(segment, ())})
        for segment in range(len(both))
    ]


def _similarity_figures(similarity: Similarity, segment: int, source: int) -> tuple[float, ...]:
    views = (similarity.both, similarity.window, similarity.alone)
    return tuple(
        float(getattr(view, name)[segment, source]) for name in ("cosine", "margin", "preference") for view in views
    )


def _agreement_figures(agreement: Agreement, segment: int, source: int) -> tuple[float, ...]:
    return tuple(float(getattr(agreement, name)[segment, source]) for name in _AGREEMENT)


def _run_figures(runs: Sequence[Run], words: int) -> tuple[float, ...]:
    longest = max((r.length for r in runs), default=0)
    covered, end = 0, 0
    for run in sorted(runs):
        covered += max(0, run.left + run.length - max(run.left, end))
        end = max(end, run.left + run.length)
    return math.log1p(longest), longest / max(1, words), covered / max(1, words)


_AGREEMENT = FEATURES[FEATURES.index("found") : FEATURES.index("names_shared") + 1]


class _PassageWords:
    """Folded words of the passages around candidate segments, each segment folded once."""

    def __init__(self, candidates: Candidates) -> None:
        self._segments = candidates.segments
        self._folded: dict[int, Words] = {}
        self._around: dict[int, Words] = {}

    def around(self, candidate: int) -> Words:
        """Words of the candidate and of its direct neighbours, where these are candidates of the same revision."""
        if candidate not in self._around:
            self._around[candidate] = self._joined(candidate)
        return self._around[candidate]

    def _joined(self, candidate: int) -> Words:
        mine = self._segments[candidate]
        folded: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for index in range(max(0, candidate - 1), min(len(self._segments), candidate + 2)):
            other = self._segments[index]
            if other.revision == mine.revision and abs(other.ordinal - mine.ordinal) <= 1:
                if index not in self._folded:
                    self._folded[index] = fold_words(other.text)
                words = self._folded[index]
                folded += words.folded
                starts += [other.span.start + s for s in words.starts]
                ends += [other.span.start + e for e in words.ends]
        return Words(folded, starts, ends)
