"""The vectors of one shard on disk: half-precision rows, mapped read-only, and the nearest of them to a query.

A small shard compares every row. A large one has a coarse stage that names candidates, with a recall that was measured.

Scores are inner products with the stored rows, summed in 64 bits and rounded to 32; between equals the lower ordinal
comes first. So neither threads, batches nor the cut into shards changes an order. Reads no file but its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.layout import REBUILD, VectorsInfo
from provenance.adapters.faiss_index.pages import Pages
from provenance.adapters.faiss_index.parameters import SPARE, in_full
from provenance.adapters.faiss_index.quantised import COARSE, CODES, CoarseStage, build_coarse
from provenance.fingerprints.vector import Vectors
from provenance.kernel.errors import SnapshotUnusable

VECTORS = "vectors.faiss"

Scores = NDArray[np.float32]
Ordinals = NDArray[np.int64]

# Up to here, comparing every row is as fast as the coarse stage, and needs no building.
EXACT_ROWS_MAX = 16_384
_HALF = np.dtype("<f2")
# Where FAISS's header of such an index holds the number of its rows; its last eight bytes are the size of the codes.
_TOTAL_AT = 8
ROWS_TOGETHER = 2_048  # scored at once, to bound memory
_FLOAT32_UNIT = 2.0**-24
NORM_MAX = 1.01  # of a stored row: units, rounded


class VectorsWriter:
    """Writes rows as they come; holds none. Leaving it by an error removes what it wrote."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder, self._dimensions, self._total = folder, dimensions, 0
        self._file = (folder / VECTORS).open("wb")
        self._file.write(_header(dimensions, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._remove()

    def add(self, vectors: Vectors) -> None:
        """Add rows, which get the next ordinals; each is exactly a half-precision value. Raises `OSError`."""
        assert vectors.shape[1:] == (self._dimensions,), "rows of another dimension"
        halves = vectors.astype(_HALF)
        assert np.array_equal(halves, vectors), "a stored vector would differ from the one that was made"
        self._file.write(halves.tobytes())
        self._total += len(vectors)

    def close(self) -> VectorsInfo:
        """Finish the files. Raises `OSError`, and then nothing is left of them."""
        try:
            self._file.seek(0)
            self._file.write(_header(self._dimensions, self._total))
            self._file.close()
        except OSError:
            self._remove()
            raise
        names, coarse = [VECTORS], dict[str, Any]()
        if self._total > EXACT_ROWS_MAX:
            names += (COARSE, CODES)
            coarse.update(self._coarse())
        return VectorsInfo(files=tuple(names), total=self._total, dimensions=self._dimensions, parameters=coarse)

    def _coarse(self) -> Mapping[str, Any]:
        try:
            return build_coarse(_read(self._folder / VECTORS), self._folder)
        except BaseException:
            self._remove()
            raise

    def _remove(self) -> None:
        with suppress(OSError):  # of what its buffer still holds; the file goes anyway
            self._file.close()
        for name in (VECTORS, COARSE, CODES):
            (self._folder / name).unlink(missing_ok=True)


class VectorsFile:
    """Implements the search of one shard. Safe to use from many threads; processes share the mapped pages."""

    def __init__(self, rows: faiss.IndexScalarQuantizer, pages: Pages, coarse: CoarseStage | None) -> None:
        self._rows, self._pages, self._coarse = rows, pages, coarse
        self.total: int = rows.ntotal
        self.dimensions: int = rows.d

    @classmethod
    def open(cls, folder: Path, info: VectorsInfo) -> Self:
        """Map the files that ``info`` names; whether they are unaltered is for the shard to check.

        Raises:
            SnapshotUnusable: a file can't be read, or holds something else than ``info`` says.
        """
        rows = _read(folder / VECTORS)
        if (rows.ntotal, rows.d) != (info.total, info.dimensions):
            raise SnapshotUnusable(f"{VECTORS} of the shard {folder.name[:16]} holds other vectors.", mend=REBUILD)
        return cls(rows, Pages(folder / VECTORS), _coarse(folder, info) if info.parameters else None)

    def nearest(self, vectors: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Scores and ordinals of the ``k`` rows nearest to each query, best first; past the end -inf and -1."""
        assert vectors.shape[1:] == (self.dimensions,), "queries of another dimension"
        scores = np.full((len(vectors), k), -np.inf, np.float32)
        ordinals = np.full((len(vectors), k), -1, np.int64)
        if k and self.total and len(vectors):
            count = min(k, self.total)
            scores[:, :count], ordinals[:, :count] = self._nearest(np.ascontiguousarray(vectors, np.float32), count)
        return scores, ordinals

    def rows(self, ordinals: NDArray[np.int64]) -> Vectors:
        """The stored rows with these ordinals, exactly."""
        assert not len(ordinals) or (ordinals.min() >= 0 and ordinals.max() < self.total), "there is no such row"
        if not len(ordinals):
            return np.empty((0, self.dimensions), np.float32)
        row_bytes = self.dimensions * _HALF.itemsize
        starts = len(self._pages) - (self.total - ordinals) * row_bytes
        self._pages.fetch(starts, starts + row_bytes)
        rows: Vectors = self._rows.reconstruct_batch(np.ascontiguousarray(ordinals, np.int64))
        return rows

    def _nearest(self, vectors: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        if self._coarse is None:
            return self._best(vectors, k, SPARE)
        scores, found = self._ranked(vectors, self._coarse.candidates(vectors, k, min(in_full(k), self.total)), k)
        for row in np.flatnonzero(found[:, -1] < 0):  # its lists hold fewer
            scores[row], found[row] = self._best(vectors[row : row + 1], k, SPARE)
        return scores, found

    def _best(self, vectors: Vectors, k: int, spare: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The ``k`` best (or all of a smaller shard) by exact score.

        FAISS sums in 32 bits, in an order of its own, and keeps any of several equals in the last place. So it is asked
        for some more, and for many more where the last of those could still belong to the best.
        """
        wanted = min(k + spare, self.total)
        rough, ids = self._rows.search(vectors, wanted)
        scores, found = self._ranked(vectors, ids, k)
        if wanted < self.total:
            unsure = rough[:, -1] + self._slack(vectors) >= scores[:, -1]
            for row in np.flatnonzero(unsure):
                scores[row], found[row] = self._best(vectors[row : row + 1], k, 8 * wanted)
        return scores, found

    def _slack(self, vectors: Vectors) -> NDArray[np.float32]:
        """More than a 32-bit sum can be away from the score: the usual bound (Higham, section 3.1), twice."""
        return np.asarray(2 * self.dimensions * _FLOAT32_UNIT * np.linalg.norm(vectors, axis=1) * NORM_MAX, np.float32)

    def _ranked(
        self, vectors: Vectors, ids: NDArray[np.int64], k: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The ``k`` best of each query's own rows by exact score; where there are too few, -1 comes last."""
        scores = np.full(ids.shape, -np.inf, np.float32)
        together = max(1, ROWS_TOGETHER // ids.shape[1])
        for some in (slice(n, n + together) for n in range(0, len(ids), together)):
            there = ids[some] >= 0
            rows = np.zeros((*there.shape, self.dimensions))
            rows[there] = self.rows(ids[some][there])
            found = (rows @ vectors[some].astype(np.float64)[:, :, None])[:, :, 0].astype(np.float32)
            scores[some] = np.where(there, found, -np.inf)
        order = np.lexsort((ids, -scores))[:, :k]
        return np.take_along_axis(scores, order, axis=1), np.take_along_axis(ids, order, axis=1)


def _coarse(folder: Path, info: VectorsInfo) -> CoarseStage:
    try:
        stages = CoarseStage(folder, info.parameters)
    except (OSError, RuntimeError) as error:
        raise SnapshotUnusable(
            f"{COARSE} or {CODES} of the shard {folder.name[:16]} can't be read.", mend=REBUILD
        ) from error
    if not stages.is_of(info.total, info.dimensions):
        raise SnapshotUnusable(f"{COARSE} of the shard {folder.name[:16]} is of other vectors.", mend=REBUILD)
    return stages


def _header(dimensions: int, total: int) -> bytes:
    """What stands before the rows in a file of FAISS's: the bytes of an empty index, with the numbers filled in."""
    empty = faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    header = bytearray(faiss.serialize_index(empty).tobytes())
    header[_TOTAL_AT : _TOTAL_AT + 8] = total.to_bytes(8, "little")
    header[-8:] = (total * dimensions * _HALF.itemsize).to_bytes(8, "little")
    return bytes(header)


def _read(path: Path) -> Any:  # FAISS's types have no stubs
    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise SnapshotUnusable(
            f"{path.name} of the shard {path.parent.name[:16]} can't be read.", mend=REBUILD
        ) from error
