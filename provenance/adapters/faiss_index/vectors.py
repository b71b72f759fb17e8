"""The vectors of a shard: half-precision codes in one mapped FAISS file, searched by a full scan, without any loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.vector import Vectors

VECTORS = "vectors.faiss"

Scores = NDArray[np.float32]
Ordinals = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorsInfo:
    """What a shard's manifest says of its vectors: the files, and how they are to be searched."""

    files: tuple[str, ...]
    total: int
    dimensions: int
    parameters: Mapping[str, Any] = field(default_factory=dict)


class VectorsWriter:
    """Collects rows in order; nothing is on the disk before `close`."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder = folder
        metric, codes = faiss.METRIC_INNER_PRODUCT, faiss.ScalarQuantizer.QT_fp16
        self._index = faiss.IndexScalarQuantizer(dimensions, codes, metric)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.reset()

    def add(self, vectors: Vectors) -> None:
        """Add rows that are exactly half-precision values."""
        if len(vectors):
            self._index.add(np.ascontiguousarray(vectors))

    def close(self) -> VectorsInfo:
        """Write the files, and say which they are."""
        # Through a file of Python's: FAISS's own swallows the error where the last block doesn't fit on the disk.
        with (self._folder / VECTORS).open("wb") as file:
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]  # no stub
        return VectorsInfo(files=(VECTORS,), total=self._index.ntotal, dimensions=self._index.d)


class VectorsFile:
    """The finished files, mapped read-only; safe to read from many threads."""

    def __init__(self, path: Path) -> None:
        self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        self.total: int = self._index.ntotal
        self.dimensions: int = self._index.d

    @classmethod
    def open(cls, folder: Path, info: VectorsInfo) -> Self:
        """Open what `VectorsWriter` wrote in ``folder``."""
        [name] = info.files
        return cls(folder / name)

    def nearest(self, vectors: Vectors, k: int) -> tuple[Scores, Ordinals]:
        """Scores and ordinals (n x k) of the ``k`` best, best first, between equals the lower one; -1 past the end.

        FAISS keeps any of several equals in the last place. So it is asked for one more than that, and where this one
        is as good as the last, for more until they are all in.
        """
        scores = np.full((len(vectors), k), -np.inf, np.float32)
        ordinals = np.full((len(vectors), k), -1, np.int64)
        some = min(k, self.total)
        if not some or not len(vectors):
            return scores, ordinals
        found, ids = self._index.search(np.ascontiguousarray(vectors), min(k + 1, self.total))
        if k < self.total:
            for row in np.flatnonzero(found[:, k] == found[:, k - 1]):
                found[row, :k], ids[row, :k] = self._through_equals(vectors[row], k)
        order = np.lexsort((ids[:, :some], -found[:, :some]), axis=1)
        scores[:, :some] = np.take_along_axis(found[:, :some], order, axis=1)
        ordinals[:, :some] = np.take_along_axis(ids[:, :some], order, axis=1)
        return scores, ordinals

    def rows(self, ordinals: Ordinals) -> Vectors:
        """The stored vectors."""
        if not len(ordinals):
            return np.empty((0, self.dimensions), np.float32)
        rows: Vectors = self._index.reconstruct_batch(ordinals)
        return rows

    def _through_equals(self, vector: NDArray[np.float32], k: int) -> tuple[Scores, Ordinals]:
        wanted, equals = k, True
        while equals:
            wanted = min(8 * wanted, self.total)
            scores, ids = self._index.search(vector[None], wanted)
            equals = wanted < self.total and scores[0, -1] == scores[0, k - 1]
        order = np.lexsort((ids[0], -scores[0]))[:k]
        return scores[0, order], ids[0, order]
