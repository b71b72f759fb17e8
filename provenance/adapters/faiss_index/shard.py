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
from provenance.adapters.faiss_index.vectors import Ordinals, VectorsFile
from provenance.attribution.lexical import CONTENT
from provenance.kernel.span import Span


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
        """The ordinals that lie within ``reach`` of one of these in the same work, ascending."""
        near = ordinals[:, None] + np.arange(-reach, reach + 1)
        inside = np.clip(near, 0, max(0, len(self._segments) - 1))
        work = self._segments["work"]
        return np.unique(near[(near == inside) & (work[inside] == work[ordinals][:, None])])

    def span(self, ordinal: int) -> Span:
        """Where the segment stands in its revision."""
        row = self._segments[ordinal]
        return Span(int(row["start"]), int(row["end"]))

    def text(self, ordinal: int) -> str:
        """The segment's text."""
        row = self._segments[ordinal]
        return bytes(self._text[int(row["text_start"]) : int(row["text_end"])]).decode("utf-8")

    def content(self, ordinals: Ordinals) -> list[NDArray[np.void]]:
        """The content words of each segment."""
        rows = self._segments[ordinals]
        return [self._content[a:b] for a, b in zip(rows["content_start"], rows["content_end"], strict=True)]


def _mapped(path: Path, kind: np.dtype[np.void] | np.dtype[np.uint8]) -> NDArray[np.void]:
    # An empty file can't be mapped.
    return np.empty(0, kind) if path.stat().st_size == 0 else np.memmap(path, kind, "r")
