"""Fold a text into words that compare equal however they were typed; offsets stay those of the original.

Case, Unicode form (NFKC), white space, punctuation and invisible format characters are folded away. Scripts that are
written without spaces (Han, Hiragana, Katakana, Thai ...) count one character as one word. Symbols are punctuation,
also those that NFKC would make digits of (², ½, ①).
"""

from __future__ import annotations

import unicodedata
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


def fold_words(text: str) -> Words:
    """The folded words of ``text``; linear in its length."""
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


@lru_cache(maxsize=65_536)
def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    # casefold can leave a form that NFKC would compose again, hence twice (Unicode, section 3.13, D145 to D147).
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", word)).casefold())
    folded: str = _INVISIBLE.sub("", once)
    return folded
