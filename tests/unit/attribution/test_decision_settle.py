"""Which segments go to which work: the likeliest source, above both thresholds, and otherwise nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.decision import CONSIDERED_MIN, PartDecision, SourceFinding, best_by_segment, settle
from provenance.attribution.passages import PartText, part_text
from provenance.kernel.span import Span

from .evidence_values import axes, one, pair

WORKS = "abc"
Scored = tuple[int, str, float]  # segment, work, probability


def part_of(*spans: tuple[int, int]) -> PartText:
    return part_text("x" * spans[-1][1], [Span(*s) for s in spans], axes(len(spans)), one)


def settled(part: PartText, scored: Sequence[Scored], confidences: Mapping[str, float]) -> PartDecision:
    """Settle with a threshold of 0.5 for segments and of 0.75 for sources; each work has its own passages."""
    pairs, probabilities = [pair(s, w) for s, w, _ in scored], [p for _, _, p in scored]
    return settle(part, pairs, probabilities, confidences, segment_min=0.5, source_min=0.75)


def given_to(decision: PartDecision) -> dict[str, list[tuple[int, int]]]:
    return {f.work: [(s.start, s.end) for s in f.spans] for f in decision.findings}


THREE = part_of((0, 30), (31, 61), (70, 100))
SURE = {"a": 0.9, "b": 0.8, "c": 0.75}


def test_each_segment_goes_to_its_likeliest_source() -> None:
    decision = settled(THREE, [(0, "a", 0.6), (0, "b", 0.7), (1, "a", 0.9), (1, "b", 0.8), (2, "c", 0.5)], SURE)
    assert given_to(decision) == {"a": [(31, 61)], "b": [(0, 30)], "c": [(70, 100)]}
    assert [(f.work, f.confidence, f.chars) for f in decision.findings] == [
        ("a", 0.9, 30),
        ("b", 0.8, 30),
        ("c", 0.75, 30),
    ]
    assert decision.chars == 90


def test_a_segment_below_its_threshold_goes_to_nobody() -> None:
    decision = settled(THREE, [(0, "a", 0.4999), (1, "a", 0.5)], SURE)
    assert given_to(decision) == {"a": [(31, 61)]}
    assert decision.chars == 90


def test_a_source_below_its_threshold_gets_nothing() -> None:
    assert settled(THREE, [(0, "a", 1.0), (1, "a", 1.0)], {"a": 0.7499}).findings == ()
    assert given_to(settled(THREE, [(0, "a", 1.0)], {"a": 0.75})) == {"a": [(0, 30)]}


def test_what_an_unlikely_source_loses_goes_to_nobody_and_not_to_the_next() -> None:
    assert settled(THREE, [(0, "a", 0.9), (0, "b", 0.8)], {"a": 0.1, "b": 0.9}).findings == ()


def test_without_evidence_nothing_is_found() -> None:
    assert settled(THREE, [], {}) == PartDecision(chars=90, findings=(), considered=())


@pytest.mark.parametrize("scored", [[(0, "a", 0.6), (0, "b", 0.6)], [(0, "b", 0.6), (0, "a", 0.6)]])
def test_between_equally_likely_sources_the_one_that_was_registered_first_wins(scored: list[Scored]) -> None:
    assert given_to(settled(THREE, scored, SURE)) == {"a": [(0, 30)]}
    best = best_by_segment([pair(s, w) for s, w, _ in scored], [p for _, _, p in scored], segment_min=0.5)
    assert {s: (found.work, p) for s, (found, p) in best.items()} == {0: ("a", 0.6)}


def test_the_likelier_wins_in_whatever_order_the_pairs_come() -> None:
    scored = [(0, "c", 0.9), (0, "a", 0.6), (0, "b", 0.7)]
    for order in (scored, scored[::-1], scored[1:] + scored[:1]):
        assert given_to(settled(THREE, order, SURE)) == {"c": [(0, 30)]}


def test_pairs_and_probabilities_come_in_equal_number() -> None:
    with pytest.raises(ValueError, match="zip"):
        best_by_segment([pair(0, "a")], [], segment_min=0.5)


def test_findings_come_by_work_and_matches_by_segment() -> None:
    decision = settled(THREE, [(2, "b", 0.9), (1, "a", 0.8), (0, "b", 0.7)], SURE)
    assert [f.work for f in decision.findings] == ["a", "b"]
    assert [m.probability_ppm for m in decision.findings[1].matches] == [700_000, 900_000]


def test_neighbours_one_character_apart_become_one_span_of_their_own_characters() -> None:
    decision = settled(THREE, [(i, "a", 0.9) for i in range(3)], SURE)
    assert given_to(decision) == {"a": [(0, 61), (70, 100)]}
    assert [f.chars for f in decision.findings] == [90]


def test_neighbours_become_one_span_also_behind_another_span() -> None:
    decision = settled(part_of((0, 30), (40, 70), (71, 100)), [(i, "a", 0.9) for i in range(3)], SURE)
    assert given_to(decision) == {"a": [(0, 30), (40, 100)]}


@pytest.mark.parametrize(("gap", "spans"), [(0, 1), (1, 1), (2, 2)])
def test_two_characters_between_neighbours_keep_their_spans_apart(gap: int, spans: int) -> None:
    part = part_of((0, 30), (30 + gap, 70))
    [finding] = settled(part, [(0, "a", 0.9), (1, "a", 0.9)], SURE).findings
    assert len(finding.spans) == spans
    assert finding.chars == 70 - gap


def test_a_segment_of_one_character_between_two_others_is_not_given_away_with_them() -> None:
    part = part_of((0, 600), (600, 601), (601, 650))
    decision = settled(part, [(0, "a", 0.9), (1, "b", 0.9), (2, "a", 0.9)], SURE)
    assert given_to(decision) == {"a": [(0, 600), (601, 650)], "b": [(600, 601)]}


def test_every_source_from_a_confidence_of_five_percent_on_is_considered() -> None:
    assert CONSIDERED_MIN == 0.05
    confidences = {"c": 0.3, "a": 0.05, "b": 0.0499}
    assert settled(THREE, [], confidences).considered == (("a", 0.05), ("c", 0.3))


def test_more_characters_than_there_are_cannot_be_given_away() -> None:
    def finding(chars: int) -> SourceFinding:
        return SourceFinding(work="a", confidence=1.0, spans=(), chars=chars, matches=())

    assert PartDecision(chars=10, findings=(finding(4), finding(6)), considered=()).chars == 10
    with pytest.raises(AssertionError, match="given away twice"):
        PartDecision(chars=10, findings=(finding(5), finding(6)), considered=())


CHANCES = st.sampled_from([0.0, 0.3, 0.4999, 0.5, 0.7499, 0.75, 0.9, 1.0])


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 2)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(WORKS), CHANCES), max_size=30),
    st.fixed_dictionaries(dict.fromkeys(WORKS, CHANCES)),
)
def test_nobody_gets_a_character_twice_or_below_the_thresholds(
    layout: list[tuple[int, int]], scored: list[Scored], confidences: dict[str, float]
) -> None:
    spans, at = [], 0
    for length, gap in layout:
        spans.append((at, at + length))
        at += length + gap
    scored = [(s, w, p) for s, w, p in scored if s < len(spans)]
    decision = settled(part_of(*spans), scored, confidences)
    inside = {i: n for n, (a, b) in enumerate(spans) for i in range(a, b)}
    owner: dict[int, str] = {}
    for finding in decision.findings:
        assert finding.confidence == confidences[finding.work] >= 0.75
        own = [i for s in finding.spans for i in range(s.start, s.end) if i in inside]
        assert len(own) == finding.chars
        assert not owner.keys() & own
        owner.update(dict.fromkeys(own, finding.work))
    for number in range(len(spans)):
        found = {owner.get(i) for i, n in inside.items() if n == number}
        best = max((p for s, _, p in scored if s == number), default=0.0)
        assert len(found) == 1
        assert found == {None} or best >= 0.5
