"""How right decisions are: each figure by hand, and by the definition that counts characters one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.decision import PartDecision, SourceFinding
from provenance.attribution.reliability import (
    BINS,
    SpanCount,
    Truth,
    calibration_error,
    figures,
    judge,
    reliability_bins,
    wilson,
)
from provenance.kernel.span import Span, merge

CONSIDERED = st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=80)


def decided(chars: int, *found: tuple[str, Span], considered: tuple[tuple[str, float], ...] = ()) -> PartDecision:
    findings = tuple(SourceFinding(work=w, confidence=0.9, spans=(s,), chars=len(s), matches=()) for w, s in found)
    return PartDecision(chars=chars, findings=findings, considered=considered)


def truth(unattributed: float = 0.0, **shares: float) -> Truth:
    return Truth(shares=shares, unattributed=unattributed, spans=None)


def test_money_that_goes_to_the_right_source_isnt_astray() -> None:
    judged = judge(decided(100, ("a", Span(0, 100))), truth(a=1.0))
    assert (judged.share_tv, judged.misdirected, judged.missed, judged.paid) == (0, 0, 0, 1)


def test_money_for_the_wrong_source_is_misdirected_and_missed() -> None:
    judged = judge(decided(100, ("a", Span(0, 30)), ("b", Span(30, 50))), truth(0.5, a=0.5))
    assert judged.misdirected == pytest.approx(0.2)
    assert judged.missed == pytest.approx(0.2)
    assert judged.share_tv == pytest.approx((0.2 + 0.2 + 0) / 2)
    assert judged.paid == pytest.approx(0.5)
    assert not judged.from_nothing


def test_an_output_from_nothing_that_pays_is_a_false_payout() -> None:
    nothing = truth(1.0)
    rows = [judge(decided(100, ("a", Span(0, 25))), nothing), judge(decided(100), nothing)]
    found = figures([*rows, judge(decided(100, ("a", Span(0, 100))), truth(a=1.0))])
    assert found.from_nothing == 2
    assert found.false_payouts is not None
    assert found.false_payouts.part == 0.5
    assert found.false_payout_money == pytest.approx(0.125)


def test_confidence_is_judged_by_whether_the_source_was_used() -> None:
    judged = judge(decided(10, considered=(("a", 0.8), ("b", 0.1))), truth(0.5, a=0.5))
    assert judged.considered == ((0.8, True), (0.1, False))


def test_without_outputs_every_figure_is_unknown_and_none_is_zero() -> None:
    empty = figures([])
    assert (empty.outputs, empty.from_nothing, empty.considered) == (0, 0, 0)
    assert [empty.share_tv, empty.misdirected, empty.missed, empty.false_payouts, empty.span_f1] == [None] * 5
    assert (empty.ece, empty.brier) == (None, None)


def test_spans_are_left_out_where_a_label_has_none() -> None:
    judged = judge(decided(10, ("a", Span(0, 5))), truth(a=1.0))
    assert judged.spans is None
    assert figures([judged]).span_f1 is None


def test_span_figures_are_of_all_characters_together() -> None:
    known = Truth(shares={"a": 1.0}, unattributed=0.0, spans={"a": (Span(0, 10),)})
    first, second = judge(decided(10, ("a", Span(0, 10))), known), judge(decided(10, ("b", Span(0, 5))), known)
    assert (first.spans, second.spans) == (SpanCount(hit=10, said=10, true=10), SpanCount(hit=0, said=5, true=10))
    found = figures([first, second])
    assert (found.span_precision, found.span_recall) == (pytest.approx(10 / 15), pytest.approx(10 / 20))
    assert found.span_f1 == pytest.approx(2 * 10 / (15 + 20))


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda p: Span(min(p), max(p))), max_size=8)


@given(SPANS, SPANS)
def test_characters_are_counted_as_if_one_by_one(said: list[Span], true: list[Span]) -> None:
    spans = merge(said)
    finding = SourceFinding(work="a", confidence=1.0, spans=spans, chars=sum(map(len, spans)), matches=())
    decision = PartDecision(chars=60, findings=(finding,), considered=())
    counted = judge(decision, Truth(shares={"a": 1.0}, unattributed=0.0, spans={"a": tuple(true)})).spans
    mine, theirs = ({c for s in spans for c in range(s.start, s.end)} for spans in (said, true))
    assert counted == SpanCount(hit=len(mine & theirs), said=len(mine), true=len(theirs))


@given(CONSIDERED)
def test_bins_have_equal_mass_and_hold_everything_once(considered: list[tuple[float, bool]]) -> None:
    bins = reliability_bins(considered)
    counts = [b.count for b in bins]
    assert sum(counts) == len(considered)
    assert max(counts) - min(counts) <= 1
    assert len(bins) == min(BINS, len(considered))
    assert [b.confidence for b in bins] == sorted(b.confidence for b in bins)
    assert sum(b.count * b.right.part for b in bins) == pytest.approx(sum(right for _, right in considered))


@given(CONSIDERED)
def test_the_calibration_error_follows_its_definition(considered: list[tuple[float, bool]]) -> None:
    ece, brier = calibration_error(considered)
    confidence = np.array([c for c, _ in considered])
    right = np.array([r for _, r in considered], float)
    parts = [p for p in np.array_split(np.argsort(confidence, kind="stable"), 15) if len(p)]
    gaps = [len(p) * abs(confidence[p].mean() - right[p].mean()) for p in parts]
    assert ece == pytest.approx(sum(gaps) / len(considered))
    assert brier == pytest.approx(float(np.mean((confidence - right) ** 2)))


def test_perfect_confidence_has_no_error() -> None:
    assert calibration_error([(1.0, True), (0.0, False)]) == (0.0, 0.0)
    assert calibration_error([(1.0, False)]) == (1.0, 1.0)


@given(st.integers(1, 10_000), st.data())
def test_wilsons_interval_holds_the_part_and_lies_within_0_and_1(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    found = wilson(successes, trials)
    assert 0 <= found.low <= found.part <= found.high <= 1
    assert found.part == successes / trials
    assert found.low < found.high


def test_wilsons_interval_is_the_published_one() -> None:
    # Wilson's interval solves |part - p| = z * sqrt(p (1 - p) / n) for p.
    found = wilson(7, 20)
    for bound in (found.low, found.high):
        assert abs(0.35 - bound) == pytest.approx(1.959963984540054 * math.sqrt(bound * (1 - bound) / 20))
