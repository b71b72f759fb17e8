"""What a match says: its kind, its two spans, its scores as integers."""

from __future__ import annotations

import pytest

from provenance.attribution.decision import EXACT_RUN_WORDS, NEAR_FOUND_MIN, Match, MatchKind, settle
from provenance.attribution.evidence import EqualWords
from provenance.attribution.passages import part_text
from provenance.kernel.span import Span

from .evidence_values import axes, one, pair, source

NUMBERS = "one two three four five six seven eight nine"
MIDDLE = source(7, "w", f"zero {NUMBERS}", 100)


def run(words: int) -> EqualWords:
    """So many equal words; where they stand is told by their spans alone."""
    return EqualWords(words=words, first=1, part_span=Span(9, 30), source_span=Span(95, 120))


def match(
    text: str, words: EqualWords | None = None, *, found: float = 0.0, probability: float = 0.9, dense: float = 0.5
) -> Match:
    """The match of ``text``, at the fifth character of its part, with the segment in the middle of a work."""
    part = part_text(f"Yes. {text}", [Span(5, 5 + len(text))], axes(1), one)
    only = pair(0, "w", segment_of_work=MIDDLE, run=words, dense=dense, found=found)
    decision = settle(part, [only], [probability], {"w": 1.0}, segment_min=0.0, source_min=0.0)
    [finding] = decision.findings
    [made] = finding.matches
    return made


def test_a_run_of_eight_words_is_an_exact_match_of_those_words() -> None:
    found = match(NUMBERS, run(8))
    assert EXACT_RUN_WORDS == 8
    assert found.kind is MatchKind.EXACT
    assert (found.part_span, found.source_span) == (Span(9, 30), Span(95, 120))
    assert found.run_words == 8


def test_a_run_of_seven_words_in_a_longer_segment_is_no_exact_match() -> None:
    found = match(NUMBERS, run(7))
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
    assert match(text, run(length)).kind is kind


@pytest.mark.parametrize(
    ("found", "kind"), [(1.0, MatchKind.NEAR), (0.6, MatchKind.NEAR), (0.5999, MatchKind.SEMANTIC)]
)
def test_most_of_the_words_make_a_near_match_of_the_whole_segments(found: float, kind: MatchKind) -> None:
    assert NEAR_FOUND_MIN == 0.6
    near = match(NUMBERS, run(3), found=found)
    assert near.kind is kind
    assert (near.part_span, near.source_span, near.run_words) == (Span(5, 49), Span(100, 149), 3)


def test_an_exact_match_stays_one_where_most_words_are_found_too() -> None:
    assert match(NUMBERS, run(8), found=1.0).kind is MatchKind.EXACT


def test_without_a_run_no_words_are_counted() -> None:
    assert match(NUMBERS).run_words == 0
    assert match(NUMBERS).kind is MatchKind.SEMANTIC


def test_a_match_names_its_source_and_has_its_scores_in_millionths() -> None:
    found = match(NUMBERS, found=0.25, probability=0.1234567, dense=-0.2)
    assert (found.work, found.revision) == ("w", "rw")
    assert (found.probability_ppm, found.dense_ppm, found.lexical_ppm) == (123_457, 0, 250_000)
    assert match(NUMBERS, dense=0.7654321).dense_ppm == 765_432


def test_kinds_have_the_names_that_facts_are_written_with() -> None:
    assert [str(kind) for kind in MatchKind] == ["exact", "near", "semantic"]
