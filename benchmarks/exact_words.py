"""Runs of words from books, typed otherwise and set between words of another book."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.words import Words
from provenance.kernel.span import Span

RUN_WORDS = (8, 40)
_GAPS = [" ", "  ", ", ", "; ", " — ", "\n", ' "', ".\n\n"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookWords:
    """A book's folded words, and the number that the segment of each has in the index."""

    folded: list[str]
    segments: NDArray[np.int64]

    @classmethod
    def of(cls, words: Words, spans: Sequence[Span], first: int) -> Self:
        """The words of a book that is cut into ``spans``, of which the first has the number ``first``."""
        starts = np.array([s.start for s in spans], np.int64)
        inside = np.searchsorted(starts, np.array(words.starts, np.int64), "right") - 1
        return cls(folded=[sys.intern(w) for w in words.folded], segments=inside + first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A text with a run in it: from its word ``at`` on, as many ``words`` as the book has from ``place`` on."""

    text: str
    book: int
    place: int
    at: int
    words: int
    at_border: bool


def planted(books: Sequence[BookWords], count: int, words: int, drawn: random.Random) -> list[Output]:
    """So many outputs of so many words, each with one run."""
    return [_planted(books, n, words, drawn) for n in range(count)]


def _planted(books: Sequence[BookWords], n: int, words: int, drawn: random.Random) -> Output:
    number, length = drawn.randrange(len(books)), drawn.randint(*RUN_WORDS)
    book = books[number]
    borders = np.flatnonzero(np.diff(book.segments)) + 1
    place = drawn.randrange(len(book.folded) - length)
    if n % 3 == 0:  # a run that begins or ends with a sentence, or has a border near either of its ends
        place = drawn.choice(borders.tolist()) - drawn.choice([0, 0, length, length, 1, 2, length - 1, length - 2])
    elif n % 20 == 1:
        place = drawn.choice([0, len(book.folded) - length])
    place = min(max(0, place), len(book.folded) - length)
    before = drawn.choice([0, drawn.randrange(words - length), words - length])
    other = drawn.choice(books).folded
    foreign = drawn.choices(other, k=words - length)
    run = [_typed(w, drawn) for w in book.folded[place : place + length]]
    typed = [*foreign[:before], *run, *foreign[before:]]
    text = "".join(w + drawn.choice(_GAPS) for w in typed)
    return Output(text=text, book=number, place=place, at=before, words=length, at_border=n % 3 == 0)


def _typed(word: str, drawn: random.Random) -> str:
    """The word in another case, with something in it that shows nothing, or full width."""
    other = drawn.choice([word.upper(), word.title(), word, word])
    if drawn.randrange(8) == 0 and word.isascii() and word.isalnum():
        return "".join(chr(ord(c) + 0xFEE0) for c in other)
    return f"{other[:1]}\u00ad{other[1:]}" if drawn.randrange(8) == 0 and len(other) > 1 else other
