"""Fold a text into words that compare equal however they were typed; offsets stay those of the original.

Case, Unicode form (NFKC), white space, punctuation and invisible format characters are folded away. Scripts that are
written without spaces (Han, Hiragana, Katakana, Thai ...) count one character as one word. Symbols are punctuation,
also those that NFKC would make digits of (², ½, ①).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from provenance.kernel.span import Span

FOLDING = "words-1"

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
# U+FF9E and U+FF9F are the voicing marks of half-width kana: letters that NFKC makes marks.
_WORD = regex.compile(
    rf"[{_UNSPACED}][\p{{M}}\p{{Cf}}\uFF9E\uFF9F]*|(?:(?![{_UNSPACED}])[\w\p{{M}}\p{{Cf}}])+", regex.V0
)
_ASCII_WORD = re.compile(r"\w+", re.ASCII)
# What parts words in nearly every book, and stands for itself in every form.
_TYPESET = str.maketrans(dict.fromkeys("“”‘’–—…", " "))
# Format characters, and what else shows nothing: variation selectors, joiners, fillers.
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]+")


@dataclass(frozen=True, slots=True)
class Words:
    """Folded words of a text, in order. ``starts[i]`` and ``ends[i]`` are the original offsets of ``folded[i]``."""

    folded: list[str]
    starts: list[int]
    ends: list[int]

    def __len__(self) -> int:
        return len(self.folded)

    def span(self, first: int, last: int) -> Span:
        """Original characters from the start of word ``first`` to the end of word ``last`` (included)."""
        return Span(self.starts[first], self.ends[last])

    def slice(self, first: int, end: int, offset: int) -> Words:
        """Words ``first`` to ``end`` (excluded), with offsets counted from ``offset``."""
        return Words(
            self.folded[first:end],
            [start - offset for start in self.starts[first:end]],
            [place - offset for place in self.ends[first:end]],
        )


def fold_words(text: str) -> Words:
    """The folded words of ``text``; linear in its length."""
    plain = _plain(text)
    if plain is not None:
        return _fold_ascii(plain)
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _WORD.finditer(text):
        word = _fold(found.group())
        if word:
            folded.append(word)
            starts.append(found.start())
            ends.append(found.end())
    return Words(folded, starts, ends)


def folded_words(text: str) -> list[str]:
    """The same without the places, which take longer to find than the words."""
    plain = _plain(text)
    return fold_words(text).folded if plain is None else _ASCII_WORD.findall(plain.lower())


def _plain(text: str) -> str | None:
    """A text of as many ASCII characters that has the same words; None where there is none at hand."""
    if text.isascii():
        return text
    plain = text.translate(_TYPESET)
    return plain if plain.isascii() else None


def fold_pieces(text: str, spans: Sequence[Span], whole: Words) -> list[Words]:
    """The folded words of each span's characters, with offsets in the span: as `fold_words` of each, folded once.

    ``whole`` are the folded words of ``text``. A span that cuts through a word is folded by itself, since what is
    left of the word may fold to something else.
    """
    pieces: list[Words] = []
    for span in spans:
        first, end = bisect_left(whole.starts, span.start), bisect_right(whole.ends, span.end)
        cut = (first > 0 and whole.ends[first - 1] > span.start) or (end < len(whole) and whole.starts[end] < span.end)
        pieces.append(fold_words(span.of(text)) if cut else whole.slice(first, end, span.start))
    return pieces


def _fold_ascii(text: str) -> Words:
    """The same where nothing needs to be composed and every letter has one small form of one character."""
    places = [found.span() for found in _ASCII_WORD.finditer(text)]
    return Words(_ASCII_WORD.findall(text.lower()), [start for start, _ in places], [end for _, end in places])


@lru_cache(maxsize=65_536)
def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    # casefold can leave a form that NFKC would compose again, hence twice (Unicode, section 3.13, D145 to D147).
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", word)).casefold())
    folded: str = _INVISIBLE.sub("", once)
    return folded
