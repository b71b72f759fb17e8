"""Telling words: distinct stems with their rarity in sixteenths, and which of them are names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.lexical import CONTENT, TELLING, WordTable, content_words, stem, word_table
from provenance.fingerprints.exact import word_hash
from provenance.fingerprints.words import fold_words

RARITY = {"the": 0.3, "cow": 4.0, "hessary": 8.0, "42": 5.0}


def rarity(word: str) -> float:
    return RARITY.get(word, 1.0)


def told(text: str) -> dict[str, tuple[float, bool]]:
    """Rarity of each stem of a text, and whether it is a name."""
    records = content_words(text, fold_words(text), rarity)
    by_hash = {word_hash(stem(w)) & 0xFFFFFFFF: stem(w) for w in fold_words(text).folded}
    return {by_hash[int(r["hash"])]: (int(r["sixteenths"]) / 16, bool(r["name"])) for r in records}


def test_a_word_counts_once_with_its_rarity_in_sixteenths() -> None:
    assert told("the cow, the cow") == {"the": (5 / 16, False), "cow": (4.0, False)}


def test_a_name_has_a_digit_or_a_capital_and_is_not_the_first_word() -> None:
    assert told("Cow at Hessary with I and 42") == {
        "cow": (4.0, False),
        "at": (1.0, False),
        "hessary": (8.0, True),
        "with": (1.0, False),
        "i": (1.0, False),
        "and": (1.0, False),
        "42": (5.0, True),
    }
    assert told("42")["42"] == (5.0, True)


def test_a_word_that_is_a_name_anywhere_is_one() -> None:
    assert told("Hessary, he said")["hessary"] == (8.0, False)
    assert told("Hessary and Hessary")["hessary"] == (8.0, True)
    assert told("at Hessary or hessary")["hessary"] == (8.0, True)


def test_endings_are_cut_before_words_meet_and_the_rarer_form_counts() -> None:
    text, rarities = "measured measures", {"measured": 2.0, "measures": 3.0}
    found = content_words(text, fold_words(text), rarities.__getitem__)
    assert [(int(r["sixteenths"]), bool(r["name"])) for r in found] == [(48, False)]


def test_a_rarity_beyond_what_is_stored_is_the_highest() -> None:
    assert content_words("x", fold_words("x"), lambda _: 99.0)["sixteenths"].tolist() == [255]
    assert content_words("x", fold_words("x"), lambda _: 0.03)["sixteenths"].tolist() == [0]


@given(st.text(max_size=80))
def test_records_come_by_their_hashes_each_once_and_any_text_has_some(text: str) -> None:
    words = fold_words(text)
    hashes = content_words(text, words, rarity)["hash"].tolist()
    assert hashes == sorted(set(hashes))
    assert (len(hashes) > 0) == (len(words) > 0)


def test_a_table_knows_the_row_and_the_mass_of_each_word() -> None:
    records = [content_words(t, fold_words(t), rarity) for t in ("cow", "...", "the Cow of Hessary")]
    table = word_table(records)
    assert (table.ordinals.tolist(), table.texts.tolist(), table.bounds.tolist()) == ([0, 1, 2], [0] * 3, [0, 1, 1, 5])
    assert table.rows().tolist() == [0, 2, 2, 2, 2]
    assert table.mass()[0] == 4.0
    assert sorted(table.mass()[1:].tolist()) == [5 / 16, 1.0, 4.0, 8.0]
    assert TELLING == 4.0


def test_a_table_of_nothing_is_empty() -> None:
    table = word_table([])
    assert (len(table.ordinals), table.bounds.tolist(), len(table.rows()), len(table.mass())) == (0, [0], 0, 0)


@pytest.mark.parametrize(("texts", "bounds"), [([0], [0, 1]), ([0, 0], [0, 1]), ([0, 0], [0, 0, 1, 1])])
def test_a_table_has_one_text_and_two_bounds_a_row(texts: list[int], bounds: list[int]) -> None:
    with pytest.raises(AssertionError, match="one text and two bounds a row"):
        WordTable(ordinals=np.arange(2), texts=np.array(texts), bounds=np.array(bounds), words=np.zeros(1, CONTENT))


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
