"""An index in memory over texts that are at hand: for training, where one text stands in many small indexes.

It answers what a snapshot of the same revisions answers, by looking at everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import CONTENT, Rarity, WordTable, content_words, sliced_table
from provenance.attribution.passages import Candidates, SegmentColumns
from provenance.fingerprints.crowded import sharing_places
from provenance.fingerprints.exact import Hashes
from provenance.fingerprints.sampling import kgrams_by_segment
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import Vectors
from provenance.fingerprints.words import fold_pieces, fold_words
from provenance.kernel.span import Span
from provenance.services.ports import Encoder
from provenance.services.records import PublishedSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedText:
    """A text with all that an index holds of it; ``places`` are the segments where the sampled k-grams start."""

    work: str
    text: str
    spans: Sequence[Span]
    vectors: Vectors
    content: Sequence[NDArray[np.void]]
    hashes: Hashes
    places: NDArray[np.int64]


def indexed_text(work: str, text: str, encoder: Encoder, rarity: Rarity) -> IndexedText:
    """Cut, encode and fold a text of at least one segment."""
    spans = segment(text)
    words = fold_words(text)
    pieces = fold_pieces(text, spans, words)
    places, hashes = kgrams_by_segment(words, spans)
    return IndexedText(
        work=work,
        text=text,
        spans=spans,
        vectors=encoder.encode(text, spans),
        content=[content_words(s.of(text), w, rarity) for s, w in zip(spans, pieces, strict=True)],
        hashes=hashes,
        places=places,
    )


def joined(work: str, texts: Sequence[IndexedText]) -> IndexedText:
    """Several texts as one longer work."""
    starts = np.cumsum([0, *(len(t.text) + 2 for t in texts)]).tolist()
    segments = np.cumsum([0, *(len(t.spans) for t in texts)]).tolist()
    return IndexedText(
        work=work,
        text="\n\n".join(t.text for t in texts),
        spans=[s.shifted(start) for t, start in zip(texts, starts, strict=False) for s in t.spans],
        vectors=np.concatenate([t.vectors for t in texts]),
        content=[c for t in texts for c in t.content],
        hashes=np.concatenate([t.hashes for t in texts]),
        places=np.concatenate([t.places + first for t, first in zip(texts, segments, strict=False)]),
    )


class MemoryIndex:
    """Implements the port `SourceIndex`, and `WordsAround` for its candidates, over texts in their order."""

    def __init__(self, texts: Sequence[IndexedText], encoder: str) -> None:
        self._texts, self._encoder = texts, encoder
        self._owners = [(t.work, t.work) for t in texts]
        self._first = np.cumsum([0, *(len(t.spans) for t in texts)])
        self._text_of = np.repeat(np.arange(len(texts)), np.diff(self._first))
        self._vectors = np.concatenate([t.vectors for t in texts])
        content = [c for t in texts for c in t.content]
        self._content = np.concatenate([np.empty(0, CONTENT), *content])
        self._content_bounds = np.cumsum([0, *map(len, content)])
        hashes = np.concatenate([t.hashes for t in texts])
        places = np.concatenate([t.places + first for t, first in zip(texts, self._first, strict=False)])
        order = np.lexsort((places, hashes))
        self._hashes, self._places = hashes[order], places[order]

    @property
    def published(self) -> PublishedSnapshot:
        """It was never published: its digest is empty."""
        size = len(self._text_of)
        return PublishedSnapshot(digest="", encoder=self._encoder, works=len(self._texts), segments=size)

    def nearest(self, vectors: Vectors, k: int) -> NDArray[np.int64]:
        """Ordinals of the ``k`` segments of highest cosine, best first; between equals the lower ordinal."""
        nearest = np.full((len(vectors), k), -1, np.int64)
        cosine = vectors @ self._vectors.T
        some = min(k, cosine.shape[1])
        best = np.argpartition(-cosine, some - 1, axis=1)[:, :some]
        # A partition keeps any of several equals in the last place: where there are some, all are put in order.
        last = np.take_along_axis(cosine, best, axis=1).min(axis=1)
        for row in np.flatnonzero((cosine >= last[:, None]).sum(axis=1) > some):
            best[row] = np.argsort(-cosine[row], kind="stable")[:some]
        order = np.lexsort((best, -np.take_along_axis(cosine, best, axis=1)), axis=1)
        nearest[:, :some] = np.take_along_axis(best, order, axis=1)
        return nearest

    def sharing(self, hashes: Hashes) -> Sequence[Sequence[int]]:
        """For each hash, segments where such a k-gram was sampled: see `sharing_places`."""
        return sharing_places(hashes, self._first_sharing)

    def _first_sharing(self, hashes: Hashes, places_max: int) -> list[list[int]]:
        first = np.searchsorted(self._hashes, hashes, "left")
        end = np.searchsorted(self._hashes, hashes, "right")
        return [np.unique(self._places[a:b])[:places_max].tolist() for a, b in zip(first, end, strict=True)]

    def revisions(self, ordinals: Set[int]) -> Mapping[int, str]:
        """The work that each of these segments belongs to, which stands for its revision."""
        return {o: self._texts[self._text_of[o]].work for o in ordinals}

    def candidates(self, ordinals: Set[int]) -> Candidates:
        """These segments and their direct neighbours in the same text, with vectors and the words around them."""
        near = self._around(np.array(sorted(ordinals), np.int64), 1)
        return Candidates(segments=self._columns(near), vectors=self._vectors[near], content=self)

    def around(self, ordinals: NDArray[np.int64], reach: int) -> WordTable:
        """The words of the segments within ``reach`` of one of ``ordinals`` in the same text."""
        near = self._around(ordinals, reach)
        starts, ends = self._content_bounds[near], self._content_bounds[near + 1]
        return sliced_table(near, self._text_of[near], starts, ends, self._content)

    def _around(self, ordinals: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
        near = ordinals[:, None] + np.arange(-reach, reach + 1)
        text = self._text_of[ordinals][:, None]
        return np.unique(near[(near >= self._first[text]) & (near < self._first[text + 1])])

    def _columns(self, ordinals: NDArray[np.int64]) -> SegmentColumns:
        owner = self._text_of[ordinals]
        within = zip(owner.tolist(), (ordinals - self._first[owner]).tolist(), strict=True)
        spans = [self._texts[text].spans[place] for text, place in within]
        return SegmentColumns(
            ordinals=ordinals,
            owner=owner,
            owners=self._owners,
            starts=np.array([span.start for span in spans], np.int64),
            ends=np.array([span.end for span in spans], np.int64),
            text=lambda row: spans[row].of(self._texts[owner[row]].text),
        )
