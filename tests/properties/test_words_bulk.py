"""What is found in a whole book at once is what is found word by word and segment by segment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.attribution import lexical_bulk
from provenance.attribution.lexical import CONTENT, content_words
from provenance.attribution.lexical_bulk import Lexicon
from provenance.fingerprints import words_bulk
from provenance.fingerprints.segment import SEGMENT_CHARS_MAX, segment
from provenance.fingerprints.words import fold_words
from provenance.fingerprints.words_bulk import fold_book, word_places
from provenance.kernel.span import Span

# Letters with and without case, marks, scripts without spaces and their marks, what can't be seen, what parts words.
ODD = "aZéßİ٣ｶﾞกา๏ำ漢々ーば゛़क\u0301\u00ad\u200d\ufe0f\u034f\u3164。.\n \t!?_²\ud800\U00020000"
TEXTS = st.text(max_size=300) | st.text(st.sampled_from(ODD), max_size=120)
PIECES = "The Cow| measured| 42|s| Hessary|. |! |\n\n|漢字|\u200d|é|กา".split("|")
BOOKS = st.lists(st.sampled_from([*PIECES, "x" * 700]), max_size=60).map("".join)


def rarity(word: str) -> float:
    return (sum(map(ord, word)) % 1_000) / 40


def check_content(text: str, spans: list[Span], lexicon: Lexicon) -> None:
    records, counts = lexicon.content(text, spans, word_places(text))
    parts = [span.of(text) for span in spans]
    each = [content_words(part, fold_words(part), rarity) for part in parts]
    assert counts.tolist() == [*map(len, each)]
    assert records.tobytes() == np.concatenate([np.empty(0, CONTENT), *each]).tobytes()


@given(TEXTS | BOOKS)
@example("กำ\u200dา\u0301a漢ﾞa\u0301")
@example("\u200d")
def test_a_book_folds_as_a_text(text: str) -> None:
    assert fold_book(text) == fold_words(text)


@given(TEXTS | BOOKS, st.integers(1, 40))
def test_stretches_tear_no_word(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words_bulk, "STRETCH_CHARS", size)
        assert fold_book(text) == fold_words(text)


@given(BOOKS | TEXTS)
@example("x" * (3 * SEGMENT_CHARS_MAX) + " y. Z")
def test_a_book_has_the_content_words_of_its_segments(text: str) -> None:
    check_content(text, segment(text), Lexicon(rarity))


@given(TEXTS, st.lists(st.integers(0, 300), max_size=8))
def test_segments_may_lie_anywhere(text: str, cuts: list[int]) -> None:
    places = sorted({min(c, len(text)) for c in cuts})
    spans = [Span(a, b) for a, b in zip(places[::2], places[1::2], strict=False)]
    check_content(text, spans, Lexicon(rarity))


@given(st.lists(BOOKS, min_size=2, max_size=4))
def test_what_was_met_before_changes_nothing(books: list[str]) -> None:
    lexicon = Lexicon(rarity)
    for text in books:
        check_content(text, segment(text), lexicon)


def test_few_words_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    def counting(word: str) -> float:
        looked_up.append(word)
        return 1.0

    monkeypatch.setattr(lexical_bulk, "REMEMBERED_MAX", 2)
    lexicon = Lexicon(counting)
    say: Callable[[str], object] = lambda text: lexicon.content(text, segment(text), word_places(text))  # noqa: E731
    say("one two")
    say("one two three")
    assert looked_up == ["one", "two", "three"]
    say("one")
    assert looked_up == ["one", "two", "three", "one"]
