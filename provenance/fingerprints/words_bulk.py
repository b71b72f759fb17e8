"""The words of a whole book at once: where they stand as arrays, equal to what `fold_words` finds one by one.

Every character is given a class, and words are found between classes, so that the time goes by characters and not by
calls. It folds nothing twice: a book has few different words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

from provenance.fingerprints.words import _UNSPACED, Words, fold_words

# A text is looked at in stretches of about this many characters, so that its arrays stay small.
STRETCH_CHARS = 500_000
# How many different words are remembered at most; beyond, remembering starts again.
REMEMBERED_MAX = 262_144

Places = NDArray[np.int64]

# What a character can be: between words; a letter or digit; a mark or an invisible character, which goes on with what
# stands before it; a word by itself; and a mark of those scripts, which is a word where it has nothing to go on with.
_BETWEEN, _LETTER, _MARK, _ALONE, _ALONE_MARK, _UNKNOWN = range(6)
_PATTERNS = (
    (_ALONE_MARK, regex.compile(rf"(?=[{_UNSPACED}])[\p{{M}}\p{{Cf}}\uFF9E\uFF9F]", regex.V0)),
    (_ALONE, regex.compile(rf"[{_UNSPACED}]", regex.V0)),
    (_MARK, regex.compile(r"[\p{M}\p{Cf}\uFF9E\uFF9F]", regex.V0)),
    (_LETTER, regex.compile(r"\w", regex.V0)),
)
# Filled as characters are met. Filling the same twice, from two threads, changes nothing.
_CLASSES = np.full(0x110000, _UNKNOWN, np.uint8)


@dataclass(frozen=True, slots=True)
class WordPlaces:
    """The words of a text as they stand in it, in order: ``raw[i]`` from character ``starts[i]`` to ``ends[i]``.

    Some may fold to nothing; `fold_words` leaves these out.
    """

    raw: list[str]
    starts: Places
    ends: Places


class Folding(dict[str, str]):
    """The folded form of each word that was looked up; empty where it folds to nothing."""

    def __missing__(self, raw: str) -> str:
        folded = self[raw] = "".join(fold_words(raw).folded)
        return folded


_FOLDING = Folding()


def fold_book(text: str) -> Words:
    """What `fold_words` returns for ``text``, several times faster where it is long."""
    return fold_places(word_places(text))


def fold_places(found: WordPlaces) -> Words:
    """The folded words that stand at these places."""
    if len(_FOLDING) > REMEMBERED_MAX:
        _FOLDING.clear()
    folded = [*map(_FOLDING.__getitem__, found.raw)]
    starts, ends = found.starts.tolist(), found.ends.tolist()
    if not all(folded):
        kept = [i for i, word in enumerate(folded) if word]
        folded, starts, ends = ([some[i] for i in kept] for some in (folded, starts, ends))
    return Words(folded, starts, ends)


def word_places(text: str) -> WordPlaces:
    """Where the words of ``text`` stand."""
    found = [(np.empty(0, np.int64), np.empty(0, np.int64)), *_stretches(text)]
    starts, ends = (np.concatenate(some) for some in zip(*found, strict=True))
    raw = [*map(text.__getitem__, map(slice, starts.tolist(), ends.tolist()))]
    return WordPlaces(raw, starts, ends)


def _stretches(text: str) -> Iterator[tuple[Places, Places]]:
    start, size = 0, STRETCH_CHARS
    while start < len(text):
        end = min(start + size, len(text))
        classes = _classes(text[start:end])
        if end < len(text):
            between = np.flatnonzero(classes == _BETWEEN)
            if not len(between):
                size *= 2  # a word goes over the end of the stretch
                continue
            end = start + int(between[-1]) + 1
            classes = classes[: end - start]
        starts, ends = _words(classes)
        yield starts + start, ends + start
        start, size = end, STRETCH_CHARS


def _classes(text: str) -> NDArray[np.uint8]:
    characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = _CLASSES[characters]
    if (unknown := classes == _UNKNOWN).any():
        for character in np.unique(characters[unknown]).tolist():
            _CLASSES[character] = next((c for c, p in _PATTERNS if p.match(chr(character))), _BETWEEN)
        classes = _CLASSES[characters]
    return classes


def _words(classes: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Starts and ends of the words between the ends of a stretch, which no word goes across."""
    count = len(classes)
    # What each character leaves behind: a mark leaves what it found, or letters where it found nothing.
    last = np.maximum.accumulate(np.where(classes == _MARK, 0, np.arange(count)))
    left = classes[last]
    left[left == _ALONE_MARK] = _ALONE
    left[(classes == _MARK) & ((left == _BETWEEN) | (left == _MARK))] = _LETTER
    before = np.concatenate([np.full(1, _BETWEEN, np.uint8), left])[:count]
    starts = (
        (classes == _ALONE)
        | ((classes == _ALONE_MARK) & (before != _ALONE))
        | ((classes == _LETTER) & (before != _LETTER))
        | ((classes == _MARK) & (before == _BETWEEN))
    )
    bounds = np.append(np.flatnonzero(starts | (classes == _BETWEEN)), count)
    first = np.flatnonzero(starts[bounds[:-1]])
    return bounds[first], bounds[first + 1]
