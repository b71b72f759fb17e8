"""An open shard: every file mapped read-only, safe to read from many threads and processes at once.

It knows nothing of other shards, nor of what was replaced or withdrawn since: its ordinals count its own segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.blocks import check_files
from provenance.adapters.faiss_index.kgram_file import KgramFile
from provenance.adapters.faiss_index.layout import (
    CONTENT_WORDS,
    KGRAMS,
    SEGMENT,
    SEGMENTS,
    TEXT,
    ShardRecord,
    read_shard_record,
    read_works,
)
from provenance.adapters.faiss_index.pages import Pages
from provenance.adapters.faiss_index.vectors import Ordinals, VectorsFile
from provenance.attribution.lexical import CONTENT, WordTable, sliced_table
from provenance.attribution.passages import SegmentColumns


class Shard:
    """The files of one shard, by ordinal."""

    def __init__(self, folder: Path, record: ShardRecord) -> None:
        self.digest, self.record = folder.name, record
        self.vectors = VectorsFile.open(folder, record.vectors)
        self.kgrams = KgramFile(folder / KGRAMS)
        self.works: Sequence[tuple[str, str]] = read_works(folder, record)
        self._segments = _mapped(folder / SEGMENTS, SEGMENT)
        self._text = _mapped(folder / TEXT, np.dtype(np.uint8))
        self._content = _mapped(folder / CONTENT_WORDS, CONTENT)
        # Of a small shard the system keeps what is read anyway.
        large = bool(record.vectors.parameters)
        self._texts = Pages(folder / TEXT) if large else None
        self._held = [Pages(folder / name) for name in (SEGMENTS, CONTENT_WORDS, KGRAMS) if large]
        for pages in self._held:
            pages.hold()

    @classmethod
    def open(cls, folder: Path) -> Shard:
        """Open the shard in ``folder``. Raises `SnapshotUnusable` where it is missing or altered."""
        record = read_shard_record(folder)
        check_files(folder, record)
        return cls(folder, record)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each work's only revision."""
        return {work: place for place, (work, _) in enumerate(self.works)}

    def place_of(self, ordinals: Ordinals) -> Ordinals:
        """For each segment, the place of its work."""
        places: Ordinals = self._segments["work"][ordinals].astype(np.int64)
        return places

    def sizes(self, places: Sequence[int]) -> int:
        """How many segments the works at these places have, all together."""
        first, end = (np.searchsorted(self._segments["work"], places, side) for side in ("left", "right"))
        return int((end - first).sum())

    def around(self, ordinals: Ordinals, reach: int) -> Ordinals:
        """The ordinals that lie within ``reach`` of one of these (ascending) in the same work, ascending."""
        if not len(ordinals):
            return ordinals
        work = np.searchsorted(self._first, ordinals, "right") - 1
        low = np.maximum(ordinals - reach, self._first[work])
        high = np.maximum.accumulate(np.minimum(ordinals + reach + 1, self._first[work + 1]))
        # What overlaps or touches is one piece: ordinals ascend, and so do both ends of what lies around them.
        starts = np.append(0, np.flatnonzero(low[1:] > high[:-1]) + 1)
        ends = np.append(starts[1:], len(ordinals)) - 1
        sizes = high[ends] - low[starts]
        near: Ordinals = np.arange(sizes.sum()) + np.repeat(low[starts] - (np.cumsum(sizes) - sizes), sizes)
        return near

    @cached_property
    def _first(self) -> Ordinals:
        """The first segment of each work, and where the last one ends."""
        work = np.ascontiguousarray(self._segments["work"])
        first: Ordinals = np.searchsorted(work, np.arange(len(self.works) + 1)).astype(np.int64)
        return first

    def columns(self, ordinals: Ordinals, first: int) -> SegmentColumns:
        """These segments, with ``first`` added to their ordinals; a text is read when it is asked for."""
        rows = self._segments[ordinals]
        places, owner = np.unique(rows["work"], return_inverse=True)
        text_starts, text_ends = rows["text_start"].astype(np.int64), rows["text_end"].astype(np.int64)
        if self._texts is not None:
            self._texts.fetch(text_starts, text_ends)
        starts, ends = text_starts.tolist(), text_ends.tolist()
        return SegmentColumns(
            ordinals=ordinals + first,
            owner=owner.astype(np.int64),
            owners=[self.works[place] for place in places.tolist()],
            starts=rows["start"].astype(np.int64),
            ends=rows["end"].astype(np.int64),
            text=lambda row: bytes(self._text[starts[row] : ends[row]]).decode("utf-8"),
        )

    def words(self, ordinals: Ordinals, first: int, first_work: int) -> WordTable:
        """The content words of these segments; ``first`` is added to their ordinals, ``first_work`` to their works."""
        rows = self._segments[ordinals]
        starts, ends = rows["content_start"].astype(np.int64), rows["content_end"].astype(np.int64)
        texts = rows["work"].astype(np.int64) + first_work
        return sliced_table(ordinals + first, texts, starts, ends, self._content)


def _mapped(path: Path, kind: np.dtype[np.void] | np.dtype[np.uint8]) -> NDArray[np.void]:
    # An empty file can't be mapped.
    # A plain array over it: indexing the subclass costs more than the reading.
    return np.empty(0, kind) if path.stat().st_size == 0 else np.memmap(path, kind, "r").view(np.ndarray)
