"""Shares of a generation: every part by its characters, exactly one in all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.decision import Match, MatchKind, PartDecision, SourceFinding
from provenance.attribution.shares import Attribution, GenerationShares, roll_up
from provenance.kernel.parts import WHOLE_PPB
from provenance.kernel.span import Span


def match(start: int) -> Match:
    return Match(
        part_span=Span(start, start + 1),
        work="any",
        revision="r",
        source_span=Span(0, 1),
        kind=MatchKind.NEAR,
        probability_ppm=1,
        dense_ppm=2,
        lexical_ppm=3,
        run_words=4,
    )


def decided(chars: int, *found: tuple[str, int, float]) -> PartDecision:
    """A part of so many characters, with (work, characters, confidence) for each finding, each with one match."""
    return PartDecision(
        chars=chars,
        findings=tuple(
            SourceFinding(work=w, confidence=c, spans=(Span(0, n),), chars=n, matches=(match(n),)) for w, n, c in found
        ),
        considered=(),
    )


def shares(*decisions: PartDecision) -> dict[str, int]:
    rolled = roll_up(decisions)
    return {**{a.work: a.share_ppb for a in rolled.attributions}, "": rolled.unattributed_ppb}


def test_a_share_is_a_works_part_of_the_characters() -> None:
    assert shares(decided(100, ("a", 30, 0.9), ("b", 50, 0.8))) == {"a": 300_000_000, "b": 500_000_000, "": 200_000_000}


def test_parts_weigh_by_their_characters_and_a_works_parts_add_up() -> None:
    rolled = shares(decided(100, ("a", 50, 0.9)), decided(300, ("b", 60, 0.9), ("a", 10, 0.9)))
    assert rolled == {"a": 150_000_000, "b": 150_000_000, "": 700_000_000}


def test_a_unit_left_over_goes_to_the_first_work_id_and_to_nobody_last() -> None:
    assert shares(decided(3, ("b", 1, 1.0), ("a", 1, 1.0))) == {"a": 333_333_334, "b": 333_333_333, "": 333_333_333}
    assert shares(decided(7, ("a", 6, 1.0))) == {"a": 857_142_857, "": 142_857_143}


def test_a_work_that_has_everything_leaves_nothing_to_nobody() -> None:
    assert shares(decided(10, ("a", 10, 1.0))) == {"a": WHOLE_PPB, "": 0}


@pytest.mark.parametrize("decisions", [[], [decided(0)], [decided(10)], [decided(0), decided(5)]])
def test_where_nothing_is_found_all_of_it_is_nobodys(decisions: list[PartDecision]) -> None:
    assert roll_up(decisions) == GenerationShares(attributions=(), unattributed_ppb=WHOLE_PPB)


def test_a_work_found_in_several_parts_has_the_highest_of_their_confidences() -> None:
    for confidences in [(0.6, 0.91, 0.7), (0.91, 0.6, 0.7)]:
        rolled = roll_up([decided(10, ("a", 5, c)) for c in confidences])
        assert [a.confidence_ppm for a in rolled.attributions] == [910_000]


def test_matches_name_the_part_that_they_lie_in() -> None:
    rolled = roll_up([decided(10, ("a", 5, 1.0)), decided(10), decided(10, ("b", 3, 1.0), ("a", 2, 1.0))])
    assert [(a.work, a.matches) for a in rolled.attributions] == [
        ("a", ((0, match(5)), (2, match(2)))),
        ("b", ((2, match(3)),)),
    ]


def test_attributions_come_by_work_id() -> None:
    rolled = roll_up([decided(9, ("c", 1, 1.0), ("a", 1, 1.0)), decided(9, ("b", 1, 1.0))])
    assert [a.work for a in rolled.attributions] == ["a", "b", "c"]


@pytest.mark.parametrize("unattributed", [WHOLE_PPB - 6, WHOLE_PPB - 4])
def test_shares_that_are_not_one_together_cannot_be_made(unattributed: int) -> None:
    one = Attribution(work="a", share_ppb=5, confidence_ppm=1, matches=())
    with pytest.raises(AssertionError, match=f"add up to {unattributed + 5}"):
        GenerationShares(attributions=(one,), unattributed_ppb=unattributed)
    assert GenerationShares(attributions=(one,), unattributed_ppb=WHOLE_PPB - 5).attributions == (one,)


FINDINGS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 10**6), st.floats(0, 1)), max_size=6)


@given(st.lists(st.tuples(FINDINGS, st.integers(0, 10**6)), max_size=5))
def test_shares_and_the_unattributed_share_are_exactly_one(
    parts: list[tuple[list[tuple[str, int, float]], int]],
) -> None:
    decisions = [decided(sum(n for _, n, _ in found) + nobody, *found) for found, nobody in parts]
    rolled = roll_up(decisions)
    assert sum(a.share_ppb for a in rolled.attributions) + rolled.unattributed_ppb == WHOLE_PPB
    total = sum(d.chars for d in decisions)
    for attribution in rolled.attributions:
        chars = sum(f.chars for d in decisions for f in d.findings if f.work == attribution.work)
        assert total == 0 or abs(attribution.share_ppb - WHOLE_PPB * chars / total) <= 1
