"""Every figure of a pair, against one small example that was worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from provenance.attribution.agreement import agree
from provenance.attribution.equal_words import EqualWords
from provenance.attribution.evidence import EVIDENCE_IDENTITY, FEATURES, Pair, gather_evidence
from provenance.attribution.passages import Candidates, PartText, part_text
from provenance.kernel.span import Span

from .evidence_values import axes, candidates_of, cosines, lines_part, source

LN3, LN4 = 0.05 * math.log(3), 0.05 * math.log(4)  # steps of similarity that make odds of 3 and 4
E2 = math.exp(2)  # the odds that a step of a tenth makes


def weight(word: str) -> float:
    return {"theta": 5.0, "kappa": 15.0}.get(word, 1.0)


# Segments of 10, 20 and 30 characters; a line break parts the last from the others.
PART = part_text(
    "alpha beta gamma delta epsilon!\nzeta eta theta iota kappa one.",
    [Span(0, 10), Span(11, 31), Span(32, 62)],
    axes(3),
    weight,
)
# In its window b is a tenth nearer, alone a tenth farther: the mean of both is as it is in the comments.
BOTH = np.array([[0.9, 0.1, 0.4], [0.2, 0.5, 0.3], [0.9 - LN3, 0.5, 0.4 + LN4]])
TENTH = np.array([[0.0], [0.0], [0.1]])
CANDIDATES = candidates_of(
    [
        source(4, "a", "Alpha beta gamma.", 100),
        source(5, "a", "Delta epsilon.", 118),
        source(9, "b", "Zeta eta theta, iota."),
    ],
    cosines((BOTH + TENTH).tolist(), (BOTH - TENTH).tolist()),
    weight,
)
# Preference of the segments for a: odds of 3 to 1, 1 to 1, 1 to 4. By characters, the first paragraph prefers a with
# (0.75 x 10 + 0.5 x 20) / 30 = 7/12, the second with 1/5; the whole part with (7.5 + 10 + 6) / 60 = 47/120.
A, B = 47 / 120, 73 / 120
ALONE = [3 * E2 / (1 + 3 * E2), E2 / (1 + E2), E2 / (4 + E2)]
A_ALONE = (10 * ALONE[0] + 20 * ALONE[1] + 30 * ALONE[2]) / 60
B_MEAN = (10 * (0.9 - LN3) + 20 * 0.5 + 30 * (0.4 + LN4)) / 60

PAIRS = ((0, "a"), (0, "b"), (1, "a"), (1, "b"), (2, "a"), (2, "b"))
EXPECTED = {
    "dense": (0.9, 0.9 - LN3, 0.5, 0.5, 0.4, 0.4 + LN4),
    "dense_window": (0.9, 1 - LN3, 0.5, 0.6, 0.4, 0.5 + LN4),
    "dense_alone": (0.9, 0.8 - LN3, 0.5, 0.4, 0.4, 0.3 + LN4),
    "margin": (LN3, -LN3, 0, 0, -LN4, LN4),
    "margin_window": (LN3 - 0.1, 0.1 - LN3, -0.1, 0.1, -LN4 - 0.1, LN4 + 0.1),
    "margin_alone": (LN3 + 0.1, -0.1 - LN3, 0.1, -0.1, 0.1 - LN4, LN4 - 0.1),
    "preference": (0.75, 0.25, 0.5, 0.5, 0.2, 0.8),
    "preference_window": (
        3 / (3 + E2),
        E2 / (3 + E2),
        1 / (1 + E2),
        E2 / (1 + E2),
        1 / (1 + 4 * E2),
        4 * E2 / (1 + 4 * E2),
    ),
    "preference_alone": (ALONE[0], 1 - ALONE[0], ALONE[1], 1 - ALONE[1], ALONE[2], 1 - ALONE[2]),
    "neighbour_preference": (0.5, 0.5, 0.75, 0.8, 0.5, 0.5),
    "neighbour_preference_mean": (0.25, 0.25, 0.475, 0.525, 0.25, 0.25),
    "paragraph_preference": (7 / 12, 5 / 12, 7 / 12, 5 / 12, 1 / 5, 4 / 5),
    "document_preference": (A, B, A, B, A, B),
    "document_preference_alone": (A_ALONE, 1 - A_ALONE) * 3,
    "document_rank": (1, 0, 1, 0, 1, 0),
    "document_dense_max": (0.9, 0.9 - LN3) * 3,
    "document_dense_mean": (31 / 60, B_MEAN) * 3,
    "neighbour_dense_max": (0.5, 0.5, 0.9, 0.9 - LN3, 0.5, 0.5),
    "neighbour_dense_mean": (0.25, 0.25, 0.65, 0.65 - LN3 / 2 + LN4 / 2, 0.25, 0.25),
    "in_order": (1, 1, 1, 1, 1, 1),
    "forward": (1, 0, 1, 0, 0, 0),  # the nearest of a are its segments 4, 5 and 4 again; b has one
    "run": (math.log(3), 0, math.log(4), 0, 0, math.log(5)),
    "run_part": (1, 0, 1, 0, 0, 4 / 6),
    "runs_part": (1, 0, 1, 0, 0, 4 / 6),
    "margin_supported": (LN3, -LN3, 0, 0, -LN4, LN4),
    "preference_supported": (0.75, 0.25, 0.5, 0.5, 0.2, 0.8),
    "neighbour_preference_supported": (0.5, 0.5, 0.75, 0.8, 0.5, 0.5),
    "document_preference_supported": (A, B, A, B, A, B),
    "rival_document_preference": (B, A, B, A, B, A),
    "rival_document_rank": (0, 1, 0, 1, 0, 1),
    "length": (math.log(3), math.log(3), math.log(4), math.log(4), math.log(7), math.log(7)),
    "segments": (math.log(3),) * 6,
}
OF_AGREEMENT = FEATURES[FEATURES.index("found") : FEATURES.index("run")]


def pairs_of(part: PartText = PART, candidates: Candidates = CANDIDATES) -> list[Pair]:
    return gather_evidence(part, candidates, {})


def named(pair: Pair) -> dict[str, float]:
    return dict(zip(FEATURES, pair.figures, strict=True))


def test_every_figure_is_looked_at_here() -> None:
    assert EVIDENCE_IDENTITY == "evidence-2"
    assert sorted([*EXPECTED, *OF_AGREEMENT]) == sorted(FEATURES)
    assert len(OF_AGREEMENT) == 13


def test_pairs_come_by_segment_and_work() -> None:
    assert tuple((p.segment, p.work) for p in pairs_of()) == PAIRS


@pytest.mark.parametrize("name", EXPECTED)
def test_figures_are_those_worked_out_by_hand(name: str) -> None:
    assert [named(p)[name] for p in pairs_of()] == pytest.approx(EXPECTED[name], abs=1e-5)


@pytest.mark.parametrize("name", OF_AGREEMENT)
def test_figures_of_words_are_those_of_the_agreement_with_the_nearest_segments(name: str) -> None:
    nearest = np.array([[4, 9], [5, 9], [4, 9]])
    agreement, _ = agree(PART.content, CANDIDATES.content, nearest, *np.nonzero(np.ones(nearest.shape)))
    assert [named(p)[name] for p in pairs_of()] == getattr(agreement, name).tolist()


def test_a_row_has_one_figure_for_each_name() -> None:
    assert {len(p.figures) for p in pairs_of()} == {len(FEATURES)}


def test_a_pair_names_its_nearest_candidate_and_what_was_found() -> None:
    by_place = {(p.segment, p.work): p for p in pairs_of()}
    assert [p.source.ordinal for p in by_place.values()] == [4, 9, 5, 9, 4, 9]
    assert by_place[2, "a"].run is None
    last = by_place[2, "b"]
    assert (last.dense, last.found) == (named(last)["dense"], named(last)["found"])
    # Zeta, eta, iota and theta, of these and kappa and one.
    assert last.found == (1 + 1 + 5 + 1) / 24


def test_a_run_says_where_its_words_stand_in_the_part_and_in_the_revision() -> None:
    by_place = {(p.segment, p.work): p.run for p in pairs_of()}
    # "gamma delta epsilon", from the end of one source segment into the next.
    assert by_place[1, "a"] == EqualWords(words=3, first=0, part_span=Span(11, 30), source_span=Span(111, 131))
    assert by_place[2, "b"] == EqualWords(words=4, first=0, part_span=Span(32, 51), source_span=Span(0, 20))


def test_nothing_comes_of_an_empty_part_or_an_empty_index() -> None:
    no_part = part_text("", [], np.empty((0, 6), np.float32), weight)
    no_candidates = candidates_of([], np.empty((0, 6), np.float32))
    assert pairs_of(part=no_part) == []
    assert pairs_of(candidates=no_candidates) == []


def test_a_part_of_more_than_a_stretch_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="cut into stretches"):
        pairs_of(part=lines_part(["x"] * 65))


@pytest.mark.parametrize(("ordinal", "in_order"), [(5, 1.0), (6, 1.0), (7, 0.0)])
def test_segments_are_in_order_where_their_nearest_lie_within_two(ordinal: int, in_order: float) -> None:
    sources = [source(4, "a"), source(ordinal, "a")]
    pairs = pairs_of(lines_part(["one", "two"]), candidates_of(sources, cosines([(0.9, 0.1), (0.2, 0.8)])))
    assert [named(p)["in_order"] for p in pairs] == [in_order] * 2
    assert [named(p)["forward"] for p in pairs] == [1.0] * 2


def test_segments_in_reverse_order_do_not_go_forward() -> None:
    sources = [source(4, "a"), source(5, "a")]
    pairs = pairs_of(lines_part(["one", "two"]), candidates_of(sources, cosines([(0.1, 0.9), (0.8, 0.2)])))
    assert [(named(p)["in_order"], named(p)["forward"]) for p in pairs] == [(1.0, 0.0)] * 2


def test_a_segment_alone_has_no_neighbours_and_a_source_alone_no_rival() -> None:
    [only] = pairs_of(lines_part(["one"]), candidates_of([source(0, "a", "two")], cosines([(0.5,)])))
    found = named(only)
    assert found["margin"] == found["margin_supported"] == 0.5
    assert found["preference"] == found["paragraph_preference"] == found["document_preference"] == 1.0
    assert [v for k, v in found.items() if k.startswith(("neighbour", "in_order", "forward"))] == [0.0] * 7
    assert (found["rival_document_preference"], found["rival_document_rank"]) == (0.0, 99.0)
    assert found["segments"] == 0.0


def test_a_line_break_parts_paragraphs_and_the_segments_after_it_stay_together() -> None:
    part = part_text("one\ntwo three", [Span(0, 3), Span(4, 7), Span(8, 13)], axes(3), weight)
    sources = [source(i, w) for i, w in enumerate("ab")]
    pairs = pairs_of(part, candidates_of(sources, cosines([(0.5, 0.5, 0.5), (0.5, 0.5 - LN3, 0.5)])))
    together = (3 * 0.75 + 5 * 0.5) / 8
    preferences = [named(p)["paragraph_preference"] for p in pairs if p.work == "a"]
    assert preferences == pytest.approx([0.5, together, together], abs=1e-5)


def test_similarity_below_zero_is_taken_as_it_is() -> None:
    sources = [source(i, w, "two") for i, w in enumerate("ab")]
    pairs = pairs_of(lines_part(["one"]), candidates_of(sources, cosines([(-0.5,), (-0.25,)])))
    assert [p.dense for p in pairs] == [-0.5, -0.25]
    assert [named(p)["margin"] for p in pairs] == [-0.25, 0.25]
