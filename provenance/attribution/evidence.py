"""Evidence that a segment of a part resembles a source: one row of figures for each (segment, source) pair.

Nothing here depends on the size of the index: similarity is compared among the candidates, words are weighed against
a fixed background. Nothing grows with the length of a work: words are looked up in regions of one size. What a row's
columns mean stands in `FEATURES`, in their order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

import numpy as np

from provenance.attribution.agreement import agree
from provenance.attribution.context import Context, Support
from provenance.attribution.equal_words import EqualWords, run_figures, shared_with_passages
from provenance.attribution.passages import REGION_SEGMENTS, Candidates, PartText, SourceSegment
from provenance.attribution.same_passage import CopyGroups
from provenance.attribution.similarity import Floats, Integers, Similarity, compare

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
IN_WINDOW = 2  # sources that are nearest in the window alone


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


def gather_evidence(
    part: PartText, candidates: Candidates, exact: Mapping[int, Set[int]], *, first: int = 0
) -> list[Pair]:
    """All pairs worth scoring on a stretch of at most `STRETCH_SEGMENTS` segments, ordered by segment and work.

    ``exact`` maps a segment of the stretch to the ordinals of candidate segments that share a k-gram with it. Pairs
    count the segments from ``first``: the number that the stretch's first one has in the whole part.
    """
    if not part.spans or not len(candidates.segments):
        return []
    assert len(part.spans) <= STRETCH_SEGMENTS, "a longer part is cut into stretches"
    similarity = compare(part, candidates, exact)
    context = Context.of(part, similarity)
    support = Support.of(part, similarity, context)
    segment, column = _worth_scoring(similarity, context)
    candidate = similarity.nearest[segment, column]
    around = candidates.content.around(np.unique(similarity.ordinals[segment, column]), REGION_SEGMENTS)
    agreement, words = agree(part.content, around, similarity.ordinals, segment, column)
    runs = shared_with_passages(part, candidates, segment, candidate, words)
    lengths = [len(w) for w in part.words]
    figures = np.column_stack(
        [
            *_similarity_figures(similarity, segment, column),
            context.figures(segment, column),
            *(getattr(agreement, name) for name in _AGREEMENT),
            [run_figures(found, lengths[s]) for found, s in zip(runs.found, segment.tolist(), strict=True)],
            support.figures(segment, column),
            np.array([math.log1p(n) for n in lengths])[segment],
            np.full(len(segment), math.log(len(part.spans))),
        ]
    )
    passage, copies = similarity.passage[segment, column].tolist(), CopyGroups(candidates)
    each = np.unique(candidate)
    sources = dict(zip(each.tolist(), candidates.columns.taken(each), strict=True))
    rows = zip(
        segment.tolist(),
        candidate.tolist(),
        passage,
        agreement.found.tolist(),
        runs.longest,
        figures.tolist(),
        strict=True,
    )
    return [
        Pair(
            segment=first + s,
            source=sources[n],
            passage=same,
            copies=copies.number(same, n),
            dense=row[0],
            found=found,
            run=run,
            figures=tuple(row),
        )
        for s, n, same, found, run, row in rows
    ]


def _worth_scoring(similarity: Similarity, context: Context) -> tuple[Integers, Integers]:
    """Segment and source of each pair that is worth scoring, in their order."""
    worth = np.tile(context.supported, (len(similarity.nearest), 1))
    rows = np.arange(len(worth))[:, None]
    for cosine, most in ((similarity.both.cosine, SOURCES_PER_SEGMENT), (similarity.window.cosine, IN_WINDOW)):
        worth[rows, np.argsort(-cosine, axis=1, kind="stable")[:, :most]] = True
    for row, sources in similarity.exact.items():
        worth[row, sorted(sources)] = True
    segment, column = np.nonzero(worth)
    return segment, column


def _similarity_figures(similarity: Similarity, segment: Integers, column: Integers) -> Iterator[Floats]:
    views = (similarity.both, similarity.window, similarity.alone)
    for name in ("cosine", "margin", "preference"):
        for view in views:
            yield getattr(view, name)[segment, column]


_AGREEMENT = FEATURES[FEATURES.index("found") : FEATURES.index("names_shared") + 1]
