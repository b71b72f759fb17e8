"""Words compare equal however they were typed, and know where they stand in the original."""

from __future__ import annotations

import unicodedata

import pytest

from provenance.fingerprints.words import FOLDING, Words, fold_words
from provenance.kernel.span import Span


def folded(text: str) -> list[str]:
    return fold_words(text).folded


def test_the_rules_have_a_name_that_changes_with_them() -> None:
    assert FOLDING == "words-1"


@pytest.mark.parametrize("text", ["", "  \n", "... -- !?", "\u00ad\u200b\ufeff", "½ ² ① ™ € 🙂"])
def test_a_text_without_letters_or_digits_has_no_words(text: str) -> None:
    words = fold_words(text)
    assert len(words) == 0
    assert words == Words([], [], [])


def test_words_lose_case_punctuation_and_white_space() -> None:
    assert folded('"Call me ISHMAEL," he said -- in 1851;\tthat\nwas (all).') == (
        "call me ishmael he said in 1851 that was all".split()
    )


def test_every_letter_and_digit_of_ascii_belongs_to_its_word() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert folded(f"{letters}{letters.upper()}0123456789_") == [f"{letters}{letters}0123456789_"]


@pytest.mark.parametrize("mark", "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~")
def test_every_other_sign_of_ascii_parts_words(mark: str) -> None:
    assert folded(f"{mark}a{mark}漢{mark}B{mark}") == ["a", "漢", "b"]


def test_both_apostrophes_part_a_word_alike() -> None:
    assert folded("don't") == folded("don’t") == ["don", "t"]


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("STRASSE", "Straße"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("ſ", "S"),
        ("Café", "CAFE\u0301"),
        ("ﬁne", "fine"),
        ("Ｔｈｅ　Ｃａｔ　９", "the cat 9"),
        ("\u212bngström", "ångstro\u0308m"),
        ("İx", "i\u0307x"),
        ("ｶﾞﾗｽ ﾊﾟﾝ", "ガラス パン"),
        ("か\u3099", "が"),
        ("한글", unicodedata.normalize("NFD", "한글")),
        ("ǆ", "Ǆ"),
    ],
    ids=ascii,
)
def test_letters_that_mean_the_same_fold_alike(typed: str, plain: str) -> None:
    assert folded(typed) == folded(plain) != []


@pytest.mark.parametrize(
    "invisible",
    list("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u202e\ufe0f\u034f\u3164\U000e0101"),
    ids=ascii,
)
def test_an_invisible_character_is_folded_away_inside_beside_and_without_a_word(invisible: str) -> None:
    assert folded(f"mea{invisible}sure") == ["measure"]
    assert folded(f"{invisible}measure{invisible}") == ["measure"]
    assert folded(f"né{invisible}e") == ["née"]
    assert folded(f"a {invisible} b") == ["a", "b"]
    assert folded(f"❤{invisible} b") == ["b"]


def test_an_invisible_character_that_only_appears_by_folding_is_folded_away_too() -> None:
    assert folded("\uffa0measure\uffa0") == ["measure"]


def test_each_character_of_a_script_without_spaces_is_a_word() -> None:
    assert folded("漢字かなカナ") == ["漢", "字", "か", "な", "カ", "ナ"]
    assert folded("ไทย ລາວ ខ្មែរ မြန်မာ")[:3] == ["ไ", "ท", "ย"]
    assert folded("used漢字everywhere") == ["used", "漢", "字", "everywhere"]
    assert folded("漢\u200b字") == ["漢", "字"]
    assert folded("か\u200b\u3099") == ["が"]
    assert folded("漢\x00字\x07") == ["漢", "字"]


def test_a_mark_stays_with_its_character() -> None:
    assert folded("กำ่ลัง")[-2:] == ["ลั", "ง"]
    assert folded("हिन्दी में") == ["हिन्दी", "में"]


def test_korean_and_arabic_words_stay_whole() -> None:
    assert folded("데이터 السَّلام") == ["데이터", "السَّلام"]


def test_words_know_their_original_characters() -> None:
    text = " Ein\u00adzel-Ｗort, 漢字!"
    words = fold_words(text)
    assert words == Words(["einzel", "wort", "漢", "字"], [1, 9, 15, 16], [8, 13, 16, 17])
    assert len(words) == 4
    assert [text[a:b] for a, b in zip(words.starts, words.ends, strict=True)] == ["Ein\u00adzel", "Ｗort", "漢", "字"]


def test_a_span_of_words_runs_from_the_first_to_the_end_of_the_last() -> None:
    text = "one, two; three"
    words = fold_words(text)
    assert words.span(0, 0) == Span(0, 3)
    assert words.span(0, 1).of(text) == "one, two"
    assert words.span(1, 2).of(text) == "two; three"
