"""Explanations: plain English that says what the figures say, and nothing that they don't."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.decision import Match, MatchKind
from provenance.attribution.explain import (
    KIND_WORDS,
    explain_attribution,
    explain_match,
    explain_share,
    explain_unattributed,
)
from provenance.attribution.shares import Attribution
from provenance.kernel.span import Span

EXACT, NEAR, SEMANTIC = MatchKind.EXACT, MatchKind.NEAR, MatchKind.SEMANTIC
SURE = 990_000


def match(kind: MatchKind, *, start: int = 0, end: int = 40, **scores: int) -> Match:
    figures: dict[str, Any] = {"probability_ppm": SURE, "dense_ppm": 780_000, "lexical_ppm": 800_000, "run_words": 0}
    return Match(
        part_span=Span(start, end),
        work="w",
        revision="r",
        source_span=Span(0, 40),
        kind=kind,
        **figures | scores,
    )


def alone(kind: MatchKind, **scores: int) -> str:
    return explain_match(match(kind, **scores), before=False, after=False)


def attribution(
    *matches: tuple[int, Match], share_ppb: int = 420_000_000, confidence_ppm: int = 971_000
) -> Attribution:
    return Attribution(work="w", share_ppb=share_ppb, confidence_ppm=confidence_ppm, matches=matches)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (0, "The same words stand in a row."),
        (1, "One word in a row is the same."),
        (11, "Eleven words in a row are the same."),
        (12, "Twelve words in a row are the same."),
        (13, "13 words in a row are the same."),
        (1_234_567, "1,234,567 words in a row are the same."),
    ],
)
def test_an_exact_match_tells_its_run_of_words(run: int, words: str) -> None:
    assert alone(EXACT, run_words=run) == words


@pytest.mark.parametrize(
    ("lexical", "part"),
    [
        (0, "hardly any"),
        (49_999, "hardly any"),
        (50_000, "about 1 in 10"),
        (500_000, "about 1 in 2"),
        (800_000, "about 4 in 5"),
        (740_000, "about 7 in 10"),
        (950_000, "nearly all"),
        (999_999, "nearly all"),
        (1_000_000, "all"),
    ],
)
def test_a_near_match_tells_the_part_of_its_words_that_was_found(lexical: int, part: str) -> None:
    told = f"Mostly the same words: {part} of them, rare ones counting more, stand in the source passage too."
    assert alone(NEAR, lexical_ppm=lexical) == told


def test_a_short_run_is_chance_and_isnt_told_in_a_near_match() -> None:
    assert "in a row" not in alone(NEAR, run_words=3)
    assert alone(NEAR, run_words=4).endswith("stand in the source passage too, four of them in a row.")


def test_a_semantic_match_tells_its_similarity_and_its_words() -> None:
    assert alone(SEMANTIC, lexical_ppm=400_000) == (
        "Similar in meaning, in other words (similarity 0.78 of 1); about 2 in 5 of its words, rare ones counting "
        "more, stand in the source passage too."
    )


def test_a_semantic_match_of_little_similarity_isnt_called_similar() -> None:
    assert alone(SEMANTIC, dense_ppm=499_999).startswith("Only loosely alike (similarity 0.49 of 1);")
    assert alone(SEMANTIC, dense_ppm=500_000).startswith("Similar in meaning")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (True, True, " The sentences before and after it point to the same work."),
        (True, False, " The sentence before it points to the same work."),
        (False, True, " The sentence after it points to the same work."),
        (False, False, ""),
    ],
)
def test_neighbours_are_told(before: bool, after: bool, words: str) -> None:
    assert explain_match(match(EXACT, run_words=9), before=before, after=after) == (
        f"Nine words in a row are the same.{words}"
    )


def test_a_match_that_is_unlikely_on_its_own_says_so() -> None:
    assert alone(EXACT, run_words=8, probability_ppm=749_999).endswith(" On its own this match is uncertain.")
    assert "uncertain" not in alone(EXACT, run_words=8, probability_ppm=750_000)
    both = explain_match(match(EXACT, run_words=8, probability_ppm=0), before=True, after=False)
    assert both.endswith(" The sentence before it points to the same work; on its own this match is uncertain.")


def test_neighbours_are_found_in_the_text_within_a_paragraph_alone() -> None:
    first, second, third = (
        "The first of the sentences.",
        "The second of the sentences.",
        "A third, in another paragraph.",
    )
    text = f"{first} {second}\n\n{third}"
    starts = [text.index(s) for s in (first, second, third)]
    matches = [(0, match(EXACT, start=s + 2, end=s + 9, run_words=8)) for s in starts]
    explained = explain_attribution(attribution(*matches), [text])
    assert [e.removeprefix("Eight words in a row are the same.").strip() for e in explained.matches] == [
        "The sentence after it points to the same work.",
        "The sentence before it points to the same work.",
        "",
    ]


def test_matches_of_different_parts_are_no_neighbours() -> None:
    text = "One sentence that stands alone. And its neighbour, of the same length."
    second = text.index("And")
    matches = (0, match(EXACT, start=0, end=10)), (1, match(EXACT, start=second, end=second + 10))
    explained = explain_attribution(attribution(*matches), [text, text])
    assert not [e for e in explained.matches if "same work" in e]


def test_a_share_tells_how_much_how_many_of_which_kind_and_how_sure() -> None:
    exact, near = (0, match(EXACT)), (0, match(NEAR))
    assert explain_share(attribution(exact, near, near)) == (
        "42.0 % of the output is attributed to this work, as evidence of reuse: three passages, one word for word and "
        "two mostly in the same words. Of attributions this sure, about 97 in 100 are expected to be right."
    )
    assert ": one passage word for word. " in explain_share(attribution(exact))
    assert ": 13 passages mostly in the same words. " in explain_share(attribution(*[near] * 13))
    mixed = explain_share(attribution(exact, near, (0, match(SEMANTIC))))
    assert "one word for word, one mostly in the same words and one in other words" in mixed
    assert ": no single passage is recorded. " in explain_share(attribution())


@pytest.mark.parametrize(
    ("ppb", "portion"),
    [
        (0, "Nothing"),
        (1, "Less than 0.1 %"),
        (499_999, "Less than 0.1 %"),
        (600_000, "0.1 %"),
        (333_333_333, "33.3 %"),
        (999_400_000, "99.9 %"),
        (999_999_999, "More than 99.9 %"),
        (1_000_000_000, "All"),
    ],
)
def test_a_share_is_rounded_neither_to_nothing_nor_to_all(ppb: int, portion: str) -> None:
    assert explain_share(attribution(share_ppb=ppb)).startswith(f"{portion} of the output is attributed")


@pytest.mark.parametrize(
    ("ppm", "words"),
    [
        (0, "fewer than 1 in 100"),
        (9_999, "fewer than 1 in 100"),
        (10_000, "about 1 in 100"),
        (989_999, "about 98 in 100"),
        (990_000, "at least 99 in 100"),
        (1_000_000, "at least 99 in 100"),
    ],
)
def test_no_confidence_is_certainty(ppm: int, words: str) -> None:
    assert f"Of attributions this sure, {words} are expected" in explain_share(attribution(confidence_ppm=ppm))


def test_the_unattributed_share_is_told() -> None:
    assert explain_unattributed(0) == "No part of the output is left without a source."
    assert explain_unattributed(1_000_000_000).startswith("For all of the output, no registered work was found")
    assert explain_unattributed(125_000_000).startswith("For 12.5 % of the output,")


def test_every_kind_has_its_words() -> None:
    assert set(KIND_WORDS) == set(MatchKind)


@given(
    st.sampled_from(MatchKind),
    st.tuples(*[st.integers(0, 1_000_000)] * 3),
    st.integers(0, 10**12),
    st.booleans(),
    st.booleans(),
)
def test_one_or_two_sentences_without_markup_or_a_claim_of_cause(
    kind: MatchKind, ppm: tuple[int, int, int], run: int, before: bool, after: bool
) -> None:
    probability, dense, lexical = ppm
    found = match(kind, probability_ppm=probability, dense_ppm=dense, lexical_ppm=lexical, run_words=run)
    text = explain_match(found, before=before, after=after)
    assert text == explain_match(found, before=before, after=after)
    assert 1 <= len(re.findall(r"[.](?:\s|$)", text)) <= 2
    assert re.fullmatch(r"[A-Za-z0-9 ,.:;()]+", text)
    assert not re.search(r"caus|influenc|copied|stole|deriv", text)
