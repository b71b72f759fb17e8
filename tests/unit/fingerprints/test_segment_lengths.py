"""How long a segment may be: short ones join the next, long ones are cut, and a hostile text takes linear time."""

from __future__ import annotations

import time

import pytest

from provenance.fingerprints.segment import SEGMENT_CHARS_MAX, SEGMENT_CHARS_MIN, segment

SECONDS_MAX = 5.0


def spans(text: str) -> list[tuple[int, int]]:
    return [(s.start, s.end) for s in segment(text)]


def cut(text: str) -> list[str]:
    return [span.of(text) for span in segment(text)]


def test_the_bounds_are_part_of_the_rules() -> None:
    assert (SEGMENT_CHARS_MIN, SEGMENT_CHARS_MAX) == (24, 600)


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\t \r\n\u2003\u3000", "\x1c\x1d\x1e\x1f\x85"])
def test_nothing_but_white_space_has_no_segments(text: str) -> None:
    assert segment(text) == []


def test_a_sentence_of_24_characters_stands_for_itself_and_one_of_23_joins_the_next() -> None:
    stands, joins, rest = "A" * 23 + ".", "A" * 22 + ".", "The rest is a longer sentence."
    assert cut(f"{stands} {rest}") == [stands, rest]
    assert cut(f"{joins} {rest}") == [f"{joins} {rest}"]


def test_short_sentences_join_until_they_are_long_enough() -> None:
    assert cut("Yes. No. Perhaps. Who could say. Nobody of them all could say.") == [
        "Yes. No. Perhaps. Who could say.",
        "Nobody of them all could say.",
    ]


def test_a_heading_joins_the_first_item_below_it() -> None:
    assert cut("# Tools\n- a hammer of the heavy kind\n- a saw with fine teeth in it") == [
        "# Tools\n- a hammer of the heavy kind",
        "- a saw with fine teeth in it",
    ]


def test_a_short_last_sentence_of_a_paragraph_has_no_next_to_join() -> None:
    assert cut("Nobody of them all could say. Yes.\n\nNo. Somebody of them all could say.") == [
        "Nobody of them all could say.",
        "Yes.",
        "No. Somebody of them all could say.",
    ]


def test_white_space_at_both_ends_is_left_out() -> None:
    assert spans(" \n one sentence without a stop \t\n") == [(3, 30)]


def test_control_characters_are_kept_and_those_that_are_space_are_trimmed() -> None:
    assert spans("\x1c\x00one\x01sentence\x1b[0m with controls in it\x1f\x85") == [(1, 38)]


def test_a_sentence_of_600_characters_stays_whole() -> None:
    assert spans("x" * 600) == [(0, 600)]
    assert spans("x" * 400 + ", " + "y" * 198) == [(0, 600)]


def test_a_longer_word_is_cut_after_600_characters() -> None:
    assert spans("x" * 601) == [(0, 600), (600, 601)]
    assert spans("x" * 1500) == [(0, 600), (600, 1200), (1200, 1500)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 350 + ", " + "x" * 100 + " " + "y" * 300, [(0, 351), (352, 753)]),
        ("x" * 350 + "; " + "x" * 100 + " " + "y" * 300, [(0, 351), (352, 753)]),
        ("x" * 350 + ":\n" + "x" * 100 + "\n" + "y" * 300, [(0, 351), (352, 753)]),
        ("x" * 350 + " — " + "x" * 100 + " " + "y" * 300, [(0, 352), (353, 754)]),
        ("x" * 350 + " – " + "x" * 100 + " " + "y" * 300, [(0, 352), (353, 754)]),
        ("x" * 350 + " - " + "x" * 100 + " " + "y" * 300, [(0, 352), (353, 754)]),
        ("x" * 350 + ", " + "x" * 100 + "; " + "y" * 300, [(0, 453), (454, 754)]),
        ("x" * 350 + " " + "x" * 100 + " " + "y" * 300, [(0, 451), (452, 752)]),
        ("x" * 400 + ",y-z" + "y" * 300, [(0, 600), (600, 704)]),
    ],
    ids="comma semicolon colon em_dash en_dash hyphen last_soft_break last_space inside_words".split(),
)
def test_a_long_sentence_is_cut_at_the_last_soft_break_else_at_the_last_space(
    text: str, expected: list[tuple[int, int]]
) -> None:
    assert spans(text) == expected


@pytest.mark.parametrize(
    ("text", "first_end"),
    [
        ("x" * 300 + ", " + "y" * 200 + " " + "z" * 300, 301),
        ("x" * 299 + ", " + "y" * 200 + " " + "z" * 300, 501),
        ("x" * 300 + " " + "y" * 500, 300),
        ("x" * 299 + " " + "y" * 500, 600),
        ("x" * 400 + " " + "y" * 197 + ", " + "z" * 100, 599),
        ("x" * 400 + " " + "y" * 198 + ", " + "z" * 100, 400),
        ("x" * 599 + " " + "y" * 100, 599),
        ("x" * 300 + " " + "y" * 299 + " " + "z" * 100, 300),
    ],
)
def test_a_break_counts_in_the_second_half_of_what_may_stand(text: str, first_end: int) -> None:
    assert spans(text)[0] == (0, first_end)


def test_cuts_after_the_first_are_counted_from_where_the_last_one_fell() -> None:
    text = "x" * 400 + ", " + "y" * 310 + " " + "z" * 400
    assert spans(text) == [(0, 401), (402, 712), (713, 1113)]


@pytest.mark.parametrize(
    "line",
    [
        "word " * 400_000,
        "x" * 2_000_000,
        "漢" * 2_000_000,
        "Somebody of them all could say. " * 62_500,
        "." + " " * 1_999_998 + "X",
        "\u00ad" * 2_000_000,
    ],
    ids=["words", "one word", "chinese", "sentences", "spaces", "soft hyphens"],
)
def test_a_line_of_two_million_characters_takes_seconds_at_most(line: str) -> None:
    begun = time.perf_counter()
    found = segment(line)
    assert time.perf_counter() - begun < SECONDS_MAX
    assert all(0 < len(s) <= SEGMENT_CHARS_MAX for s in found)
    assert sum(map(len, found)) >= len(line.replace(" ", ""))


@pytest.mark.parametrize("run", [".", "!?", '."', ".)", "…"])
def test_a_run_of_stops_that_ends_no_sentence_takes_linear_time(run: str) -> None:
    begun = time.perf_counter()
    found = segment(run * 150_000 + "x")
    assert time.perf_counter() - begun < SECONDS_MAX
    assert sum(map(len, found)) == len(run) * 150_000 + 1
