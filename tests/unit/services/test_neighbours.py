"""Copies take no place of others among a segment's neighbours, and where nobody crowds, nothing is searched twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.crowding import COPIES_KEPT
from provenance.attribution.lexical import content_words
from provenance.fingerprints.exact import kgram_hashes
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import Vectors
from provenance.fingerprints.words import fold_words
from provenance.services.memory_index import IndexedText, MemoryIndex
from provenance.services.neighbours import CROWD_SEARCHED_MAX, NEAREST_SEGMENTS, neighbours

DIMENSIONS = 64
ASKED: Vectors = np.eye(1, DIMENSIONS, dtype=np.float32)
OTHERS = 20


class Counting(MemoryIndex):
    """An index that remembers how many neighbours it was asked for."""

    def __init__(self, texts: Sequence[IndexedText]) -> None:
        super().__init__(texts, "any")
        self.asked: list[int] = []

    def nearest(self, vectors: Vectors, k: int) -> NDArray[np.int64]:
        self.asked.append(k)
        return super().nearest(vectors, k)


def work(name: str, nearness: float, axis: int) -> IndexedText:
    """A work of one sentence whose cosine with `ASKED` is ``nearness``; the rest of it points along ``axis``."""
    text = f"The cow {name} stood in the second pan until it rained."
    vectors = np.zeros((1, DIMENSIONS), np.float32)
    vectors[0, 0], vectors[0, axis] = nearness, np.sqrt(1 - nearness**2)
    words, spans = fold_words(text), segment(text)
    hashes = kgram_hashes(words.folded)
    return IndexedText(
        work=name,
        text=text,
        spans=spans,
        vectors=vectors,
        content=[content_words(text, words, lambda _: 1.0)],
        hashes=hashes,
        places=np.zeros(len(hashes), np.int64),
    )


def others() -> list[IndexedText]:
    return [work(f"other{n}", 0.6 - n / 100, 2 + n) for n in range(OTHERS)]


def copies(count: int) -> list[IndexedText]:
    """Later and nearer than the original, the last of them nearest."""
    return [work(f"copy{n}", 0.9 + n / 100_000, 1) for n in range(count)]


def works_found(index: MemoryIndex) -> list[str]:
    candidates, _ = neighbours(ASKED, {}, index)
    return [s.work for s in candidates.segments]


def test_neither_the_original_nor_other_works_drop_out_behind_a_hundred_copies() -> None:
    index = Counting([*others(), work("original", 0.9, 1), *copies(100)])
    first = ["original", *(f"copy{n}" for n in range(COPIES_KEPT - 1))]
    beside = [f"other{n}" for n in range(NEAREST_SEGMENTS - COPIES_KEPT)]
    assert works_found(index) == beside + first
    assert index.asked == [16, 512]


def test_without_a_crowd_the_neighbours_are_the_nearest_and_nothing_is_searched_again() -> None:
    index = Counting([*others(), work("original", 0.9, 1), *copies(COPIES_KEPT - 1)])
    found = works_found(index)
    assert sorted(found) == sorted({t.work for t in [*others()[:8], work("original", 0.9, 1), *copies(7)]})
    assert index.asked == [NEAREST_SEGMENTS]


def test_more_copies_than_are_looked_through_end_the_search() -> None:
    index = Counting([*others(), *copies(2 * CROWD_SEARCHED_MAX)])
    assert len(works_found(index)) == COPIES_KEPT
    assert index.asked == [16, 512]


def test_an_index_of_nothing_but_copies_is_searched_once_more() -> None:
    index = Counting(copies(30))
    assert works_found(index) == [f"copy{n}" for n in range(COPIES_KEPT)]
    assert index.asked == [16, 512]


def test_of_copies_that_share_words_the_first_registered_stay_too() -> None:
    index = Counting([*others(), work("original", 0.9, 1), *copies(31)])
    exact = {0: set(range(OTHERS, OTHERS + 32))}
    _, shared = neighbours(ASKED, exact, index)
    assert shared == {0: set(range(OTHERS, OTHERS + COPIES_KEPT))}
