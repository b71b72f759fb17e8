"""Which telling words a text holds, as rows that two texts can be compared by.

A word counts by its rarity in a fixed background of general language, never in the index, so that a figure doesn't move
when strangers are registered (the inverse document frequency of Spärck Jones 1972, from outside). Rarity is kept in
sixteenths, so that sums of it are exact in whatever order they are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.exact import word_hash
from provenance.fingerprints.words import Words

Rarity = Callable[[str], float]  # a word's weight: 0 for the commonest, about 8 for one never seen

LEXICAL_IDENTITY = "stems-1,names-1,sixteenths"

# One distinct word of a segment: a hash of its stem, its rarity, and whether it names somebody or counts something.
CONTENT = np.dtype([("hash", "<u4"), ("sixteenths", "<u1"), ("name", "?")])
SIXTEENTHS = 16

# Words rarer than this name somebody or something: they tell more when they are missing.
TELLING = 4.0

_HASH_MASK = 0xFFFFFFFF


class WordsAround(Protocol):
    """The words of source segments, read where they are asked for."""

    def around(self, ordinals: NDArray[np.int64], reach: int) -> WordTable:
        """Those of the segments within ``reach`` of one of ``ordinals`` (ascending) in the same text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTable:
    """The distinct words of several segments: ``words[bounds[i] : bounds[i + 1]]`` are those of row ``i``.

    Row ``i`` is segment ``ordinals[i]`` of the text ``texts[i]``. Ordinals ascend; within a segment, hashes do.
    """

    ordinals: NDArray[np.int64]
    texts: NDArray[np.int64]
    bounds: NDArray[np.int64]
    words: NDArray[np.void]

    def __post_init__(self) -> None:
        assert len(self.bounds) == len(self.ordinals) + 1 == len(self.texts) + 1, "one text and two bounds a row"

    def around(self, ordinals: NDArray[np.int64], reach: int) -> WordTable:
        """The rows within ``reach`` of one of ``ordinals`` (ascending, each in the table) in the same text."""
        near = np.zeros(len(self.ordinals), np.bool_)
        for ordinal in ordinals.tolist():
            row, first, end = np.searchsorted(self.ordinals, [ordinal, ordinal - reach, ordinal + reach + 1]).tolist()
            near[first:end] |= self.texts[first:end] == self.texts[row]
        rows = np.flatnonzero(near)
        return sliced_table(self.ordinals[rows], self.texts[rows], self.bounds[rows], self.bounds[rows + 1], self.words)

    def rows(self) -> NDArray[np.int64]:
        """For each word, the row (index into ``ordinals``) that it stands in."""
        return np.repeat(np.arange(len(self.ordinals)), np.diff(self.bounds))

    def mass(self) -> NDArray[np.float64]:
        """For each word, its rarity."""
        return np.asarray(self.words["sixteenths"], np.float64) / SIXTEENTHS


def content_words(text: str, words: Words, rarity: Rarity) -> NDArray[np.void]:
    """Distinct words of a segment's ``text`` (folded as ``words``) as records of `CONTENT`, by their hashes.

    A name is a word with a digit, or one that starts with a capital and isn't the first.
    """
    return np.array(_content(text, words, rarity), CONTENT)


def words_of(segments: Iterable[tuple[str, Words]], rarity: Rarity) -> WordTable:
    """The table over the `content_words` of all segments of one text, each its text and its folded words."""
    found = [_content(text, words, rarity) for text, words in segments]
    return WordTable(
        ordinals=np.arange(len(found)),
        texts=np.zeros(len(found), np.int64),
        bounds=np.cumsum([0, *map(len, found)]),
        words=np.array([row for rows in found for row in rows], CONTENT),
    )


def _content(text: str, words: Words, rarity: Rarity) -> list[tuple[int, int, bool]]:
    """The fields of a segment's `content_words`."""
    found: dict[int, tuple[float, bool]] = {}
    for place, (word, start) in enumerate(zip(words.folded, words.starts, strict=True)):
        key, counts = _stem_key(word)
        name = counts or (place > 0 and len(word) > 1 and text[start].isupper())
        weight, named = found.get(key, (0.0, False))
        found[key] = (max(weight, rarity(word)), named or name)
    return [(key, min(255, round(weight * SIXTEENTHS)), name) for key, (weight, name) in sorted(found.items())]


@lru_cache(maxsize=262_144)
def _stem_key(word: str) -> tuple[int, bool]:
    """The hash of a word's stem, and whether the word has a digit."""
    return word_hash(stem(word)) & _HASH_MASK, any(map(str.isdigit, word))


def stem_keys(words: Sequence[str]) -> NDArray[np.uint32]:
    """The hash of each word's stem, as records of `CONTENT` hold them."""
    return np.fromiter((_stem_key(word)[0] for word in words), np.uint32, len(words))


def word_table(segments: Sequence[NDArray[np.void]]) -> WordTable:
    """A table over the records of all segments of one text, numbered from 0."""
    return WordTable(
        ordinals=np.arange(len(segments)),
        texts=np.zeros(len(segments), np.int64),
        bounds=np.cumsum([0, *map(len, segments)]),
        words=np.concatenate([np.empty(0, CONTENT), *segments]),
    )


def sliced_table(
    ordinals: NDArray[np.int64],
    texts: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    words: NDArray[np.void],
) -> WordTable:
    """A table of rows that lie apart in ``words``: row ``i`` is ``words[starts[i] : ends[i]]``.

    Rows that follow one another there are copied together.
    """
    breaks = np.flatnonzero(starts[1:] != ends[:-1]) + 1
    firsts, lasts = np.append(0, breaks)[: len(starts)], np.append(breaks, len(starts))[: len(starts)] - 1
    # As bytes: what numpy works out about records with fields at each joining costs more than the copying.
    size, raw = CONTENT.itemsize, words.view(np.uint8)
    cuts = zip((size * starts[firsts]).tolist(), (size * ends[lasts]).tolist(), strict=True)
    pieces = [raw[a:b] for a, b in cuts]
    return WordTable(
        ordinals=ordinals,
        texts=texts,
        bounds=np.concatenate([np.zeros(1, np.int64), np.cumsum(ends - starts)]),
        words=np.concatenate([np.empty(0, np.uint8), *pieces]).view(CONTENT),
    )


def joined_tables(tables: Sequence[WordTable]) -> WordTable:
    """All rows of several tables, one table after the other."""
    if len(tables) == 1:
        return tables[0]
    starts = np.cumsum([0, *(t.bounds[-1] for t in tables)])
    none = np.empty(0, np.int64)
    return WordTable(
        ordinals=np.concatenate([none, *(t.ordinals for t in tables)]),
        texts=np.concatenate([none, *(t.texts for t in tables)]),
        bounds=np.concatenate([none, *(t.bounds[:-1] + s for t, s in zip(tables, starts, strict=False)), starts[-1:]]),
        words=np.concatenate([np.empty(0, np.uint8), *(t.words.view(np.uint8) for t in tables)]).view(CONTENT),
    )


def stem(word: str) -> str:
    """Cut the commonest English endings, so that "measures" meets "measured"; other words stay as they are."""
    for ending in ("ing", "ies", "ed", "es", "ly", "s"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word
