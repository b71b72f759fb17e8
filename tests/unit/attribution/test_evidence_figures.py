"""Every figure of a pair, against one small example that was worked out by hand.

The part's vectors are the axes, so that a candidate's vector lists its similarity to each segment of the part.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from provenance.attribution.evidence import EVIDENCE_IDENTITY, FEATURES, Pair, gather_evidence
from provenance.attribution.passages import Candidates, PartText, SourceSegment, part_text
from provenance.fingerprints.exact import Run
from provenance.kernel.span import Span

LN3, LN4 = 0.05 * math.log(3), 0.05 * math.log(4)  # steps of similarity that make odds of 3 and 4

# Segments of 10, 20 and 30 characters; a line break parts the last from the others.
PART = part_text(
    "alpha beta gamma delta epsilon!\nzeta eta theta iota kappa one.",
    [Span(0, 10), Span(11, 31), Span(32, 62)],
    np.eye(3, dtype=np.float32),
)
CANDIDATES = Candidates(
    segments=[
        SourceSegment(ordinal=4, work="a", revision="ra", span=Span(100, 117), text="Alpha beta gamma."),
        SourceSegment(ordinal=5, work="a", revision="ra", span=Span(118, 132), text="Delta epsilon."),
        SourceSegment(ordinal=9, work="b", revision="rb", span=Span(0, 21), text="Zeta eta theta, iota."),
    ],
    vectors=np.array([[0.9, 0.1, 0.4], [0.2, 0.5, 0.3], [0.9 - LN3, 0.5, 0.4 + LN4]], np.float32),
)
# Preference of the segments for a: odds of 3 to 1, 1 to 1, 1 to 4. By characters, the first paragraph prefers a with
# (0.75 x 10 + 0.5 x 20) / 30 = 7/12, the second with 1/5; the whole part with (7.5 + 10 + 6) / 60 = 47/120.
# The words of the last segment weigh 1 + 1 + 5 + 1 + 15 + 1 = 24, those that tell 20.
WEIGHTS = {"theta": 5.0, "kappa": 15.0}

PAIRS = ((0, "a"), (0, "b"), (1, "a"), (1, "b"), (2, "a"), (2, "b"))
EXPECTED = {
    "dense": (0.9, 0.9 - LN3, 0.5, 0.5, 0.4, 0.4 + LN4),
    "margin": (LN3, -LN3, 0, 0, -LN4, LN4),
    "found": (1, 0, 1, 0, 0, 8 / 24),
    "telling_found": (0.5, 0.5, 0.5, 0.5, 0, 5 / 20),
    "covered": (2 / 3, 0, 1, 0, 0, 1),
    "run": (math.log(3), 0, math.log(4), 0, 0, math.log(5)),
    "run_part": (1, 0, 1, 0, 0, 4 / 6),
    "preference": (0.75, 0.25, 0.5, 0.5, 0.2, 0.8),
    "neighbour_preference": (0.5, 0.5, 0.75, 0.8, 0.5, 0.5),
    "paragraph_preference": (7 / 12, 5 / 12, 7 / 12, 5 / 12, 1 / 5, 4 / 5),
    "document_preference": (47 / 120, 73 / 120, 47 / 120, 73 / 120, 47 / 120, 73 / 120),
    "neighbour_dense_max": (0.5, 0.5, 0.9, 0.9 - LN3, 0.5, 0.5),
    "neighbour_dense_mean": (0.25, 0.25, 0.65, 0.65 - LN3 / 2 + LN4 / 2, 0.25, 0.25),
    "in_order": (1, 1, 1, 1, 1, 1),
    "length": (math.log(3), math.log(3), math.log(4), math.log(4), math.log(7), math.log(7)),
    "document_dense_max": (0.9, 0.9 - LN3, 0.9, 0.9 - LN3, 0.9, 0.9 - LN3),
}


def weight(word: str) -> float:
    return WEIGHTS.get(word, 1.0)


def pairs_of(part: PartText = PART, candidates: Candidates = CANDIDATES) -> list[Pair]:
    return gather_evidence(part, candidates, {}, weight)


def test_the_figures_have_these_names_in_this_order() -> None:
    assert EVIDENCE_IDENTITY == "evidence-1"
    assert tuple(EXPECTED) == FEATURES


def test_pairs_come_by_segment_and_work() -> None:
    assert tuple((p.segment, p.work) for p in pairs_of()) == PAIRS


@pytest.mark.parametrize("name", FEATURES)
def test_figures_are_those_worked_out_by_hand(name: str) -> None:
    column = FEATURES.index(name)
    assert [p.figures[column] for p in pairs_of()] == pytest.approx(EXPECTED[name], abs=1e-5)


def test_a_row_has_one_figure_for_each_name() -> None:
    assert {len(p.figures) for p in pairs_of()} == {len(FEATURES)}


def test_a_pair_names_its_nearest_candidate_and_what_was_found() -> None:
    by_place = {(p.segment, p.work): p for p in pairs_of()}
    assert [p.candidate for p in by_place.values()] == [0, 2, 1, 2, 0, 2]
    assert by_place[1, "a"].run == Run(0, 2, 3)
    assert by_place[2, "b"].run == Run(0, 0, 4)
    assert by_place[2, "a"].run is None
    last = by_place[2, "b"]
    assert last.dense == last.figures[0]
    assert (last.overlap.found, last.overlap.telling_found, last.overlap.covered) == last.figures[2:5]


def test_nothing_comes_of_an_empty_part_or_an_empty_index() -> None:
    no_part = part_text("", [], np.empty((0, 3), np.float32))
    no_candidates = Candidates(segments=[], vectors=np.empty((0, 3), np.float32))
    assert pairs_of(part=no_part) == []
    assert pairs_of(candidates=no_candidates) == []


@pytest.mark.parametrize(("ordinal", "in_order"), [(5, 1.0), (6, 1.0), (7, 0.0)])
def test_segments_are_in_order_where_their_nearest_lie_within_two(ordinal: int, in_order: float) -> None:
    part = part_text("one two", [Span(0, 3), Span(4, 7)], np.eye(2, dtype=np.float32))
    sources = [
        SourceSegment(ordinal=o, work="a", revision="ra", span=Span(0, 1), text="x") for o in sorted((4, ordinal))
    ]
    pairs = pairs_of(part, Candidates(segments=sources, vectors=np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)))
    assert [p.figures[FEATURES.index("in_order")] for p in pairs] == [in_order] * 2


def test_a_segment_alone_has_no_neighbours_and_a_source_alone_no_rival() -> None:
    part = part_text("one", [Span(0, 3)], np.ones((1, 1), np.float32))
    source = SourceSegment(ordinal=0, work="a", revision="ra", span=Span(0, 3), text="two")
    [pair] = pairs_of(part, Candidates(segments=[source], vectors=np.full((1, 1), 0.5, np.float32)))
    named = dict(zip(FEATURES, pair.figures, strict=True))
    assert named["margin"] == 0.5
    assert named["preference"] == named["paragraph_preference"] == named["document_preference"] == 1.0
    assert [v for k, v in named.items() if k.startswith(("neighbour", "in_order"))] == [0.0] * 4


def test_a_line_break_parts_paragraphs_and_the_segments_after_it_stay_together() -> None:
    part = part_text("one\ntwo three", [Span(0, 3), Span(4, 7), Span(8, 13)], np.eye(3, dtype=np.float32))
    sources = [SourceSegment(ordinal=i, work=w, revision=w, span=Span(0, 1), text="x") for i, w in enumerate("ab")]
    similarity = np.array([[0.5, 0.5, 0.5], [0.5, 0.5 - LN3, 0.5]], np.float32)
    pairs = pairs_of(part, Candidates(segments=sources, vectors=similarity))
    column = FEATURES.index("paragraph_preference")
    together = (3 * 0.75 + 5 * 0.5) / 8
    assert [p.figures[column] for p in pairs if p.work == "a"] == pytest.approx([0.5, together, together], abs=1e-5)


def test_similarity_below_zero_is_taken_as_it_is() -> None:
    part = part_text("one", [Span(0, 3)], np.ones((1, 1), np.float32))
    sources = [SourceSegment(ordinal=i, work=w, revision=w, span=Span(0, 3), text="two") for i, w in enumerate("ab")]
    pairs = pairs_of(part, Candidates(segments=sources, vectors=np.array([[-0.5], [-0.25]], np.float32)))
    assert [p.dense for p in pairs] == [-0.5, -0.25]
    assert [p.figures[1] for p in pairs] == [-0.25, 0.25]
