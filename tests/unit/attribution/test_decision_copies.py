"""Works that hold the same passage: the first claim on it is paid, once, however many copies there are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.calibration import Calibration
from provenance.attribution.decision import PartDecision, best_by_segment, decide, settle
from provenance.attribution.evidence import FEATURES, Pair
from provenance.attribution.passages import PartText
from provenance.attribution.support import SOURCE_FIGURES, SUPPORT_FIGURES

from .evidence_values import lines_part, pair, single_figure, source, stump

TEN = lines_part(["x" * 10, "y" * 30])
PASSAGE, OTHER = 70, 80
Held = tuple[int, str, int, int, float]  # segment, work, ordinal, passage, probability


def held(segment: int, work: str, ordinal: int, passage: int) -> Pair:
    return pair(segment, work, passage=passage, segment_of_work=source(ordinal, work))


def paid(*rows: Held, segment_min: float = 0.5) -> dict[int, str]:
    """The work that each segment is given to."""
    pairs = [held(s, w, o, p) for s, w, o, p, _ in rows]
    best = best_by_segment(pairs, [p for *_, p in rows], segment_min=segment_min)
    return {s: found.work for s, (found, _) in best.items()}


def test_the_first_registered_of_works_that_hold_the_same_passage_is_paid() -> None:
    assert paid((0, "z", 5, PASSAGE, 0.8), (0, "a", 9, PASSAGE, 0.8)) == {0: "z"}, "whatever their ids"
    assert paid((0, "z", 5, PASSAGE, 0.6), (0, "a", 9, PASSAGE, 0.9)) == {0: "z"}, "though the copy is likelier"
    assert paid((0, "a", 9, PASSAGE, 0.9), (0, "z", 5, PASSAGE, 0.6)) == {0: "z"}, "in whatever order they come"


def test_a_work_that_is_unlikely_itself_does_not_take_the_passage_of_a_later_one() -> None:
    assert paid((0, "z", 5, PASSAGE, 0.49), (0, "a", 9, PASSAGE, 0.9)) == {0: "a"}
    assert paid((0, "z", 5, PASSAGE, 0.5), (0, "a", 9, PASSAGE, 0.9)) == {0: "z"}


def test_below_the_threshold_the_likeliest_stands_and_equals_go_to_the_first() -> None:
    assert paid((0, "z", 5, PASSAGE, 0.2), (0, "a", 9, PASSAGE, 0.3)) == {0: "a"}
    assert paid((0, "z", 5, PASSAGE, 0.3), (0, "a", 9, PASSAGE, 0.3)) == {0: "z"}


def test_an_earlier_work_with_another_passage_gains_nothing() -> None:
    assert paid((0, "z", 5, OTHER, 0.8), (0, "a", 9, PASSAGE, 0.9)) == {0: "a"}


def test_a_passage_of_one_segment_says_nothing_of_another_segment() -> None:
    rows = ((0, "z", 5, PASSAGE, 0.8), (0, "a", 9, PASSAGE, 0.9), (1, "z", 6, OTHER, 0.7), (1, "a", 10, PASSAGE, 0.9))
    assert paid(*rows) == {0: "z", 1: "a"}


def settled(pairs: Sequence[Pair], probabilities: Sequence[float]) -> PartDecision:
    confidences = dict.fromkeys((p.work for p in pairs), 0.9)
    return settle(TEN, pairs, probabilities, confidences, segment_min=0.5, source_min=0.5)


def test_a_hundred_copies_take_nothing_and_add_nothing() -> None:
    alone = settled([held(0, "first", 0, PASSAGE), held(1, "other", 5, OTHER)], [0.8, 0.7])
    copies = [held(0, f"a{n}", 100 + n, PASSAGE) for n in range(100)]
    copied = settled([held(0, "first", 0, PASSAGE), *copies, held(1, "other", 5, OTHER)], [0.8, *[0.99] * 100, 0.7])
    assert copied.findings == alone.findings
    assert copied.chars == alone.chars


CALIBRATION = Calibration(
    encoder="tiny",
    segment_model=stump(FEATURES, "dense", at_most=0.5, low=-2.0, high=2.0),
    support_model=stump(SUPPORT_FIGURES, "first_look", low=-3.0, high=3.0),
    source_model=single_figure(SOURCE_FIGURES, "best"),
    segment_min=0.5,
    source_min=0.5,
    trained_on={},
)


def like(segment: int, work: str, ordinal: int, passage: int, dense: float) -> Pair:
    found = pair(segment, work, passage=passage, segment_of_work=source(ordinal, work), figures={"dense": dense})
    assert found.figures[0] == dense
    return found


@given(st.integers(0, 100), st.lists(st.booleans(), min_size=2, max_size=2))
def test_what_is_paid_in_total_does_not_depend_on_the_number_of_copies(copies: int, near: list[bool]) -> None:
    pairs: list[Pair] = []
    for segment, is_near in enumerate(near):
        dense = 0.9 if is_near else 0.1
        pairs.append(like(segment, "first", segment, PASSAGE, dense))
        pairs += [like(segment, f"c{n}", 10 + 2 * n + segment, PASSAGE, dense) for n in range(copies)]
    decision = decide(TEN, pairs, CALIBRATION)
    lengths = [len(span) for span in TEN.spans]
    given_away = sum(n for n, is_near in zip(lengths, near, strict=True) if is_near)
    assert sum(f.chars for f in decision.findings) == given_away
    assert {f.work for f in decision.findings} <= {"first"}


def test_a_decision_scores_settles_and_keeps_the_calibrations_thresholds() -> None:
    part: PartText = TEN
    pairs = [like(0, "a", 0, 1, 0.9), like(0, "b", 5, 2, 0.1), like(1, "b", 6, 3, 0.1)]
    decision = decide(part, pairs, CALIBRATION)
    assert [(f.work, f.chars) for f in decision.findings] == [("a", 10)]
    assert decision.findings[0].confidence == pytest.approx(0.9525741268)
    assert decision.findings[0].matches[0].probability_ppm == 952_574
    assert dict(decision.considered) == pytest.approx({"a": 0.9525741268}), "b has 0.047, less than is considered"


def test_a_part_without_pairs_is_decided_as_nobodys() -> None:
    decision = decide(TEN, [], CALIBRATION)
    assert (decision.chars, decision.findings, decision.considered) == (40, (), ())
