"""What a match says: its kind, its two spans, its scores as integers."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.attribution.decision import EXACT_RUN_WORDS, NEAR_FOUND_MIN, Match, MatchKind, settle
from provenance.attribution.evidence import FEATURES, Pair
from provenance.attribution.lexical import Overlap
from provenance.attribution.passages import Candidates, SourceSegment, part_text
from provenance.fingerprints.exact import Run
from provenance.kernel.span import Span

NUMBERS = "one two three four five six seven eight nine"
CANDIDATES = Candidates(
    segments=[
        SourceSegment(ordinal=6, work="w", revision="rev", span=Span(77, 87), text="Minus one."),
        SourceSegment(ordinal=7, work="w", revision="rev", span=Span(100, 149), text=f"zero {NUMBERS}"),
        SourceSegment(ordinal=8, work="w", revision="rev", span=Span(150, 161), text="Ten eleven."),
    ],
    vectors=np.zeros((3, 1), np.float32),
)


def match(
    text: str, run: Run | None = None, *, found: float = 0.0, probability: float = 0.9, dense: float = 0.5
) -> Match:
    """The match of ``text``, at the fifth character of its part, with the middle candidate."""
    part = part_text(f"Yes. {text}", [Span(5, 5 + len(text))], np.zeros((1, 1), np.float32))
    pair = Pair(
        segment=0,
        work="w",
        candidate=1,
        dense=dense,
        overlap=Overlap(found=found, telling_found=0.0, covered=0.0),
        run=run,
        figures=(0.0,) * len(FEATURES),
    )
    decision = settle(part, CANDIDATES, [pair], [probability], {"w": 1.0}, segment_min=0.0, source_min=0.0)
    [finding] = decision.findings
    [only] = finding.matches
    return only


def test_a_run_of_eight_words_is_an_exact_match_of_those_words() -> None:
    # Words of the passage: minus one zero one two ... so "two" is number 4.
    found = match(NUMBERS, Run(1, 4, 8))
    assert EXACT_RUN_WORDS == 8
    assert found.kind is MatchKind.EXACT
    assert found.part_span == Span(5 + 4, 5 + 44)
    assert found.source_span == Span(109, 149)
    assert found.run_words == 8


def test_an_exact_match_may_run_over_the_borders_of_source_segments() -> None:
    text = "one zero one two three four five six seven eight nine ten"
    found = match(text, Run(0, 1, 12))
    assert (found.part_span, found.source_span) == (Span(5, 5 + len(text)), Span(83, 153))


def test_a_run_of_seven_words_in_a_longer_segment_is_no_exact_match() -> None:
    found = match(NUMBERS, Run(1, 4, 7))
    assert found.kind is MatchKind.SEMANTIC
    assert (found.part_span, found.source_span) == (Span(5, 49), Span(100, 149))
    assert found.run_words == 7


@pytest.mark.parametrize(
    ("text", "length", "kind"),
    [
        ("one two three four five", 5, MatchKind.EXACT),
        ("one two three four five", 4, MatchKind.SEMANTIC),
        ("one two three four", 4, MatchKind.EXACT),
        ("one two three four", 3, MatchKind.SEMANTIC),
        ("one two three", 3, MatchKind.SEMANTIC),
        ("one two three four five six seven", 7, MatchKind.EXACT),
        ("one two three four five six seven eight", 7, MatchKind.SEMANTIC),
    ],
)
def test_a_short_segment_is_exact_where_all_of_it_is_found_and_has_four_words(
    text: str, length: int, kind: MatchKind
) -> None:
    assert match(text, Run(0, 3, length)).kind is kind


@pytest.mark.parametrize(
    ("found", "kind"), [(1.0, MatchKind.NEAR), (0.6, MatchKind.NEAR), (0.5999, MatchKind.SEMANTIC)]
)
def test_most_of_the_words_make_a_near_match_of_the_whole_segments(found: float, kind: MatchKind) -> None:
    assert NEAR_FOUND_MIN == 0.6
    near = match(NUMBERS, Run(0, 3, 3), found=found)
    assert near.kind is kind
    assert (near.part_span, near.source_span, near.run_words) == (Span(5, 49), Span(100, 149), 3)


def test_an_exact_match_stays_one_where_most_words_are_found_too() -> None:
    assert match(NUMBERS, Run(1, 4, 8), found=1.0).kind is MatchKind.EXACT


def test_without_a_run_no_words_are_counted() -> None:
    assert match(NUMBERS).run_words == 0
    assert match(NUMBERS).kind is MatchKind.SEMANTIC


def test_a_match_names_its_source_and_has_its_scores_in_millionths() -> None:
    found = match(NUMBERS, found=0.25, probability=0.1234567, dense=-0.2)
    assert (found.work, found.revision) == ("w", "rev")
    assert (found.probability_ppm, found.dense_ppm, found.lexical_ppm) == (123_457, 0, 250_000)
    assert match(NUMBERS, dense=0.7654321).dense_ppm == 765_432


def test_kinds_have_the_names_that_facts_are_written_with() -> None:
    assert [str(kind) for kind in MatchKind] == ["exact", "near", "semantic"]
