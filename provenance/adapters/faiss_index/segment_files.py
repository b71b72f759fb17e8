"""The files that hold one record, one text and one set of content words for each segment: a revision at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.layout import SEGMENT
from provenance.attribution.lexical import CONTENT, Rarity
from provenance.attribution.lexical_bulk import Lexicon
from provenance.fingerprints.exact import Hashes
from provenance.fingerprints.sampling import kgrams_by_segment
from provenance.fingerprints.words_bulk import fold_places, word_places
from provenance.kernel.span import Span


class SegmentFiles:
    """Appends revisions to three files. Belongs to one thread."""

    def __init__(self, *, segments: BinaryIO, text: BinaryIO, content: BinaryIO, rarity: Rarity) -> None:
        self._segments, self._text, self._content = segments, text, content
        self._lexicon = Lexicon(rarity)
        self._total = 0

    def write(self, work: int, whole: str, spans: Sequence[Span]) -> tuple[Hashes, NDArray[np.uint32]]:
        """Append the segments of a text, and return its k-grams, each with the ordinal of the segment it starts in."""
        words = word_places(whole)
        texts = [span.of(whole).encode("utf-8") for span in spans]
        content, counts = self._lexicon.content(whole, spans, words)
        rows = np.empty(len(spans), SEGMENT)
        rows["work"] = work
        rows["start"], rows["end"] = [span.start for span in spans], [span.end for span in spans]
        rows["text_start"], rows["text_end"] = _bounds(self._text.tell(), [*map(len, texts)])
        rows["content_start"], rows["content_end"] = _bounds(self._content.tell() // CONTENT.itemsize, counts)
        self._text.write(b"".join(texts))
        self._content.write(content.tobytes())
        self._segments.write(rows.tobytes())
        inside, hashes = kgrams_by_segment(fold_places(words), spans)
        first = self._total
        self._total += len(spans)
        return hashes, (inside + first).astype(np.uint32)


def _bounds(start: int, lengths: Sequence[int] | NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where pieces of these lengths start and end, one after the other."""
    ends = start + np.cumsum(lengths, dtype=np.int64)
    return ends - lengths, ends
