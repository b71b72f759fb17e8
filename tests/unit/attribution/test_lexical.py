"""Word mass that a segment shares with a passage, weighed by rarity."""

from __future__ import annotations

import pytest

from provenance.attribution.lexical import TELLING, Overlap, overlap, stem

WEIGHTS = {"of": 1.0, "bad": 3.0, "cup": 4.0, "dragon": 8.0, "zebra": 2.0}


def compare(words: str, passage: str, around: str = "") -> Overlap:
    return overlap(words.split(), passage.split(), set(around.split()), WEIGHTS.__getitem__)


def test_found_is_the_part_of_the_word_mass_that_the_passage_has() -> None:
    # 1 + 3 + 4 + 8 = 16, of which bad (3) and dragon (8) are there; telling are cup and dragon, 12 together.
    # The passage weighs 3 + 8 + 2 = 13.
    assert compare("of bad cup dragon", "bad dragon zebra") == Overlap(
        found=11 / 16, telling_found=8 / 12, covered=11 / 13
    )


def test_words_of_the_neighbours_count_as_found_and_not_as_covered() -> None:
    assert compare("of bad cup dragon", "bad dragon zebra", around="cup bad") == Overlap(
        found=15 / 16, telling_found=12 / 12, covered=11 / 13
    )


def test_a_word_of_weight_four_is_telling_and_one_below_is_not() -> None:
    assert TELLING == 4.0
    assert compare("bad cup", "bad").telling_found == 0.0
    assert compare("bad cup", "cup").telling_found == 1.0
    assert overlap(["a"], [], set(), lambda _: 3.999).telling_found == 0.5


def test_where_no_word_is_telling_nothing_is_told() -> None:
    assert compare("of bad", "of").telling_found == 0.5
    assert compare("of bad", "zebra").telling_found == 0.5


def test_order_and_repetition_make_no_difference() -> None:
    once = compare("of bad cup", "cup of zebra")
    assert compare("cup cup bad of of", "zebra of cup zebra cup") == once


def test_no_words_share_nothing() -> None:
    assert compare("", "bad cup") == Overlap(found=0.0, telling_found=0.5, covered=0.0)
    assert compare("bad cup", "") == Overlap(found=0.0, telling_found=0.0, covered=0.0)
    assert compare("", "") == Overlap(found=0.0, telling_found=0.5, covered=0.0)


def test_words_without_weight_share_nothing() -> None:
    assert overlap(["the"], ["the"], set(), lambda _: 0.0) == Overlap(found=0.0, telling_found=0.5, covered=0.0)


def test_endings_are_cut_on_all_sides_before_words_meet() -> None:
    weigh = {"measur": 5.0, "walk": 5.0}.__getitem__
    assert overlap(["measured", "walking"], ["measures"], {"walks"}, weigh) == Overlap(
        found=1.0, telling_found=1.0, covered=1.0
    )


def test_words_are_weighed_in_one_order_in_every_process() -> None:
    asked: list[str] = []

    def weigh(word: str) -> float:
        asked.append(word)
        return 1.0

    mine, theirs = [f"m{i}" for i in range(40)], [f"t{i}" for i in range(40)]
    overlap(mine, theirs, set(), weigh)
    assert asked == sorted(mine) + sorted(theirs)


@pytest.mark.parametrize(
    ("word", "cut"),
    [
        ("walking", "walk"),
        ("seeing", "seeing"),
        ("berries", "berr"),
        ("armies", "armi"),
        ("headed", "head"),
        ("speed", "speed"),
        ("measures", "measur"),
        ("boxes", "boxe"),
        ("quickly", "quick"),
        ("early", "early"),
        ("birds", "bird"),
        ("cats", "cats"),
        ("dragon", "dragon"),
        ("", ""),
    ],
)
def test_an_ending_is_cut_where_more_than_three_letters_stay(word: str, cut: str) -> None:
    assert stem(word) == cut


def test_only_one_ending_is_cut() -> None:
    assert stem("meetings") == "meeting"
    assert stem("blessedly") == "blessed"
