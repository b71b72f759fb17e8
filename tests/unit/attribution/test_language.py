"""Languages that the encoder wasn't made for are told; English, code and tables are never taken for one."""

from __future__ import annotations

import pytest

from provenance.attribution.language import other_language
from provenance.fingerprints.words import fold_words


def told(text: str) -> str | None:
    return other_language(text, fold_words(text).folded)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le chat est sur la table et il ne veut pas descendre avec les autres.", "French"),
        ("Der Hund ist nicht mit dem Kind auf die lange Straße gegangen.", "German"),
        ("El perro que vive en la casa de los vecinos no es muy grande.", "Spanish"),
        ("Il gatto che dorme nel giardino della casa non è più giovane.", "Italian"),
        ("Привет, как дела у вас сегодня?", "another script"),
        ("昨日は雨が降って、猫は家の中で眠っていました。", "another script"),
        ("كان القط نائما في البيت طوال النهار", "another script"),
    ],
)
def test_a_foreign_sentence_is_told(text: str, language: str) -> None:
    assert told(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "The cat sat on the mat and would not come down with the others.",
        "I'm really surprised at how mad I am.",
        "Can Peter reach her before the cannibals make her their next meal?",
        "def add(a, b):\n    return a + b\nfor i in range(10):\n    print(add(i, i))",
        "| year | sold | left |\n|---|---|---|\n| 1901 | 12 | 7 |\n| 1902 | 31 | 2 |",
        "He said au revoir, and left.",
        "🙂🙂🙂 🎉🎉 👍👍👍👍",
        "aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlIHNpeHR5IGZvdXIgdGV4dCB0aGF0",
        "Привет",
        "",
    ],
)
def test_english_code_tables_and_what_is_too_short_are_not_foreign(text: str) -> None:
    assert told(text) is None


def test_a_million_characters_take_linear_time() -> None:
    assert told("les " * 250_000) is None  # one word, however often, is no language
