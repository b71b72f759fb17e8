"""From scored pairs to a confidence for each source, and from evidence to a decision in one go."""

from __future__ import annotations

import math

import numpy as np
import pytest

from provenance.attribution.calibration import SUPPORT_FIGURES, Calibration
from provenance.attribution.decision import decide, settle, source_confidences, support_rows
from provenance.attribution.evidence import FEATURES, Pair
from provenance.attribution.lexical import Overlap
from provenance.attribution.passages import Candidates, SourceSegment, part_text
from provenance.attribution.scoring import LogisticModel
from provenance.kernel.span import Span


def model(names: tuple[str, ...], only: str) -> LogisticModel:
    """Sigmoid of one figure, as it is."""
    n = len(names)
    return LogisticModel(
        names=names, weights=tuple(float(name == only) for name in names), centre=(0.0,) * n, scale=(1.0,) * n, bias=0.0
    )


CALIBRATION = Calibration(
    encoder="tiny",
    segment_model=model(FEATURES, "margin"),
    source_model=model(SUPPORT_FIGURES, "best"),
    segment_min=0.5,
    source_min=0.7,
    trained_on={},
)


def pair(segment: int, work: str, preference: float, margin: float = 0.0) -> Pair:
    figures = {"document_preference": preference, "margin": margin}
    return Pair(
        segment=segment,
        work=work,
        candidate="abc".index(work),
        dense=0.0,
        overlap=Overlap(found=0.0, telling_found=0.0, covered=0.0),
        run=None,
        figures=tuple(figures.get(name, 0.0) for name in FEATURES),
    )


PAIRS = [
    pair(0, "a", 0.6),
    pair(0, "b", 0.3),
    pair(0, "c", 0.1),
    pair(1, "a", 0.6),
    pair(1, "b", 0.3),
    pair(1, "c", 0.1),
]
PROBABILITIES = [0.9, 0.4, 0.25, 0.3, 0.6, 0.2]
LENGTHS = [10, 20]
NONE = math.log(1e-6 / (1 - 1e-6))


def test_a_source_is_supported_by_the_segments_where_it_is_the_best() -> None:
    rows = support_rows(PAIRS, PROBABILITIES, LENGTHS)
    assert list(rows) == ["a", "b", "c"]
    assert rows["a"] == pytest.approx((math.log(9), math.log(9), math.log(11 / 31), math.log(2), 0.6))
    assert rows["b"] == pytest.approx((math.log(1.5), math.log(1.5), math.log(21 / 31), math.log(2), 0.3))


def test_a_source_that_is_best_nowhere_is_supported_by_its_strongest_pair_without_characters() -> None:
    rows = support_rows(PAIRS, PROBABILITIES, LENGTHS)
    assert rows["c"] == pytest.approx((math.log(1 / 3), NONE, math.log(1 / 31), math.log(2), 0.1))
    later = support_rows(PAIRS[::-1], PROBABILITIES[::-1], LENGTHS)
    assert later == rows


def test_a_source_that_is_best_in_two_segments_has_their_mean_by_characters() -> None:
    row = support_rows([pair(0, "a", 0.5), pair(1, "a", 0.5)], [0.5, 0.8], LENGTHS)["a"]
    assert row == pytest.approx((math.log(4), math.log(0.7 / 0.3), math.log(31 / 31), math.log(3), 0.5))


def test_confidences_come_from_the_source_model_by_work() -> None:
    confidences = source_confidences(PAIRS[::-1], PROBABILITIES[::-1], LENGTHS, CALIBRATION)
    assert list(confidences) == ["a", "b", "c"]
    assert confidences == pytest.approx({"a": 0.9, "b": 0.6, "c": 0.25})
    assert source_confidences([], [], [], CALIBRATION) == {}


def test_pairs_and_probabilities_come_in_equal_number() -> None:
    with pytest.raises(ValueError, match="zip"):
        support_rows(PAIRS, PROBABILITIES[:-1], LENGTHS)


def test_a_decision_scores_settles_and_keeps_the_calibrations_thresholds() -> None:
    part = part_text("x" * 30, [Span(0, 10), Span(10, 30)], np.zeros((2, 1), np.float32))
    candidates = Candidates(
        segments=[
            SourceSegment(ordinal=i, work=w, revision=f"r{w}", span=Span(0, 1), text="x") for i, w in enumerate("abc")
        ],
        vectors=np.zeros((3, 1), np.float32),
    )
    # Probabilities of the margins' sigmoids: a 0.731 in the first segment, b 0.622 in the second, which is below 0.7.
    pairs = [pair(0, "a", 0.6, 1.0), pair(0, "b", 0.3, -1.0), pair(1, "a", 0.6, -9.0), pair(1, "b", 0.3, 0.5)]
    decision = decide(part, candidates, pairs, CALIBRATION)
    assert [(f.work, f.spans, f.chars) for f in decision.findings] == [("a", (Span(0, 10),), 10)]
    assert decision.findings[0].confidence == pytest.approx(0.7310585786)
    assert decision.findings[0].matches[0].probability_ppm == 731_059
    assert dict(decision.considered) == pytest.approx({"a": 0.7310585786, "b": 0.6224593312})
    probabilities = CALIBRATION.segment_model.probabilities([p.figures for p in pairs])
    sure = source_confidences(pairs, probabilities, [10, 20], CALIBRATION)
    assert decision == settle(part, candidates, pairs, probabilities, sure, segment_min=0.5, source_min=0.7)


def test_a_part_without_candidates_is_decided_as_nobodys() -> None:
    part = part_text("x" * 30, [Span(0, 10)], np.zeros((1, 1), np.float32))
    nothing = Candidates(segments=[], vectors=np.zeros((0, 1), np.float32))
    decision = decide(part, nothing, [], CALIBRATION)
    assert (decision.chars, decision.findings, decision.considered) == (10, (), ())
