"""The coarse stages of a large shard: what a search reads of all rows, so that it reads few of them in full.

The first has lists of rows that lie near one another, and two bits for each of the directions that rows differ most in;
the second has four bits for each number, or more where those are too few, and puts what the first one found in order.
They name candidates and score nobody: the best of them are compared again with the stored rows. Both files stay in
memory: a seventh of what rows of 32-bit numbers would take, with four bits. Building them reads the rows block by block
from their file, and holds a bounded sample of them and the codes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.pages import Pages
from provenance.adapters.faiss_index.parameters import BLOCK_ROWS, DEPTH_MAX, FEW_MAX, MANY, Setting, Trial, blocks
from provenance.fingerprints.vector import Vectors

COARSE, CODES = "coarse.faiss", "codes.faiss"
# Finer lists leave fewer rows to read, but beginning one costs as much as a few hundred codes.
ROWS_PER_LIST = 768
LISTS_MAX = 32_768
SAMPLE_ROWS_PER_LIST = 64
SAMPLE_NUMBERS_MAX = 2**27  # half a gigabyte
CODEBOOK_ROWS_MAX = 32_768
# The directions are those of the largest second moments: rows aren't centred, since that would change inner products.
DIRECTIONS_MAX = 256
_DIRECTION_BITS = 14  # what a machine's library makes of an eigenvector then changes nothing
CODE_BITS = 4
SECOND_BITS = (4, 6, 8)  # of the second stage: the fewest that suffice
NUMBERS_PER_CODE = (2, 1)  # the first that the number of directions is a multiple of
# How many lists are compared in full before a row is put into one of them.
LISTS_LOOKED_AT = 8
ROUNDS = 8
SEED = 11


Turn = NDArray[np.float64]  # (directions, dimensions)


def build_coarse(rows: Any, folder: Path) -> Mapping[str, Any]:
    """Write both stages of ``rows`` (FAISS's, mapped); return their parameters and the recall that they give here.

    Raises:
        OSError: a file can't be written.
    """
    sample = _sample(rows, lists_for(rows.ntotal))
    turn = _turn(sample)
    lists = _lists(turned(sample, turn), lists_for(rows.ntotal))
    for _, block in blocks(rows):
        lists.add(turned(_directed(block), turn))
    index = _with_turn(lists, turn)

    def find(queries: Vectors, probes: int) -> NDArray[np.int64]:
        found: NDArray[np.int64] = index.search(_directed(queries), DEPTH_MAX, params=_reading(probes))[1]
        return found

    trial = Trial.of(rows)
    for bits in SECOND_BITS:
        codes = _codes(sample, bits)
        settings, fine_enough = trial.settings(codes, lists.nlist, find)
        if fine_enough:
            break
    for _, block in blocks(rows):
        codes.add(block)
    for name, stage in ((COARSE, index), (CODES, codes)):
        with (folder / name).open("wb") as file:
            # Through a file of Python's: FAISS's own swallows the error where the last block doesn't fit on the disk.
            faiss.write_index(stage, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]  # no stub
    return {"lists": lists.nlist, "bits": bits, **{name: asdict(setting) for name, setting in settings.items()}}


def lists_for(total: int) -> int:
    """About how many lists so many rows are put into: a power of two."""
    return min(int(2 ** round(math.log2(total / ROWS_PER_LIST))), LISTS_MAX)


def _directed(vectors: Vectors) -> Vectors:
    """The same, save that rows of zeros, for which FAISS finds no list, get a direction: they are as near as any."""
    nowhere = np.flatnonzero(~vectors.any(axis=1))
    if len(nowhere):
        vectors = vectors.copy()
        vectors[nowhere, 0] = 1
    return vectors


def _sample(rows: Any, lists: int) -> Vectors:
    count = min(rows.ntotal, SAMPLE_ROWS_PER_LIST * lists, SAMPLE_NUMBERS_MAX // rows.d)
    chosen = np.random.default_rng(SEED).choice(rows.ntotal, count, replace=False)
    return _directed(rows.reconstruct_batch(chosen))


def _turn(sample: Vectors) -> Turn:
    """A turn that keeps the directions of the largest second moments, which it mixes so that all count alike."""
    kept = min(sample.shape[1], DIRECTIONS_MAX)
    some = sample[:CODEBOOK_ROWS_MAX].astype(np.float64)
    largest = np.linalg.eigh(some.T @ some)[1][:, ::-1][:, :kept]
    mixing = np.linalg.qr(np.random.default_rng(SEED).normal(size=(kept, kept)))[0]
    return np.asarray(np.ldexp(np.rint(np.ldexp(mixing @ largest.T, _DIRECTION_BITS)), -_DIRECTION_BITS))


def turned(vectors: Vectors, turn: Turn) -> Vectors:
    """Stored rows in the directions of ``turn``.

    Rows are multiples of 2**-24 and turns of 2**-14, so that 64-bit sums are exact: no library changes a bit of a file.
    """
    return np.asarray(vectors.astype(np.float64) @ turn.T, np.float32)


def _lists(sample: Vectors, wanted: int) -> Any:
    """About as many lists as ``wanted``, empty."""
    dimensions = sample.shape[1]
    codes = dimensions // next(n for n in NUMBERS_PER_CODE if dimensions % n == 0)
    near = faiss.IndexPQFastScan(dimensions, codes, CODE_BITS, faiss.METRIC_INNER_PRODUCT)
    near.train(sample[:CODEBOOK_ROWS_MAX])
    finder = faiss.IndexRefineFlat(near)
    finder.k_factor = LISTS_LOOKED_AT
    finder.add(_centroids(sample, wanted))
    lists = faiss.IndexIVFPQFastScan(finder, dimensions, finder.ntotal, codes, CODE_BITS, faiss.METRIC_INNER_PRODUCT)
    lists.by_residual = True
    lists.train(sample[:CODEBOOK_ROWS_MAX])
    return lists


def _with_turn(lists: Any, turn: Turn) -> Any:
    """The lists as an index of rows that aren't turned yet."""
    kept, dimensions = turn.shape
    before = faiss.LinearTransform(dimensions, kept, False)  # noqa: FBT003  FAISS's: without a shift
    faiss.copy_array_to_vector(np.ascontiguousarray(turn, np.float32).ravel(), before.A)
    before.is_trained = True
    index = faiss.IndexPreTransform(before, lists)
    index.ntotal = lists.ntotal
    return index


def _codes(sample: Vectors, bits: int) -> Any:
    kind = getattr(faiss.ScalarQuantizer, f"QT_{bits}bit")
    codes = faiss.IndexScalarQuantizer(sample.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    codes.train(sample[:CODEBOOK_ROWS_MAX])
    return codes


def _centroids(sample: Vectors, lists: int) -> Vectors:
    """Means of a few large clusters' own clusters: as good as means of all at once, for a hundredth of the work."""
    heads = _means(sample, round(np.sqrt(lists)))
    parts = [sample[i : i + BLOCK_ROWS] for i in range(0, len(sample), BLOCK_ROWS)]
    head_of = np.concatenate([(part @ heads.T).argmax(axis=1) for part in parts])
    held = np.bincount(head_of, minlength=len(heads))
    share = -(-held * lists // len(sample))
    return np.vstack([_means(sample[head_of == head], int(count)) for head, count in enumerate(share) if count])


def _means(sample: Vectors, count: int) -> Vectors:
    clusters = faiss.Kmeans(
        sample.shape[1],
        count,
        niter=ROUNDS,
        spherical=True,
        seed=SEED,
        min_points_per_centroid=1,
        max_points_per_centroid=len(sample),
    )
    clusters.train(sample)
    return np.asarray(clusters.centroids, np.float32)


def _reading(probes: int) -> Any:
    # FAISS's stubs lack these arguments.
    finding = faiss.IndexRefineSearchParameters(k_factor=1.0)  # type: ignore[call-arg]
    lists = faiss.SearchParametersIVF(nprobe=probes, quantizer_params=finding)  # type: ignore[call-arg]
    return faiss.SearchParametersPreTransform(index_params=lists)  # type: ignore[call-arg]


class CoarseStage:
    """The finished files, read from ``folder``. Safe to use from many threads.

    Raises:
        RuntimeError: FAISS can't read one.
    """

    def __init__(self, folder: Path, parameters: Mapping[str, Any]) -> None:
        self._index, self._codes = (faiss.read_index(str(folder / n), faiss.IO_FLAG_MMAP_IFC) for n in (COARSE, CODES))
        self._refined = faiss.IndexRefine(self._index, self._codes)  # which doesn't keep them
        self._few, self._many = Setting(**parameters["few"]), Setting(**parameters["many"])
        self._pages = [Pages(folder / name) for name in (COARSE, CODES)]
        for pages in self._pages:
            pages.hold()

    def is_of(self, total: int, dimensions: int) -> bool:
        """Whether both stages are of so many rows."""
        return all((stage.ntotal, stage.d) == (total, dimensions) for stage in (self._index, self._codes))

    def candidates(self, vectors: Vectors, k: int, wanted: int) -> NDArray[np.int64]:
        """The ordinals of ``wanted`` rows for each query, among which its ``k`` nearest are likely to be.

        Where the lists that were read hold too few rows, -1 stands in their places.
        """
        setting = self._few if k <= FEW_MAX else self._many
        depth = max(setting.depth, setting.depth * k // MANY, wanted)
        looking = faiss.IndexRefineSearchParameters(
            k_factor=depth / wanted,  # type: ignore[call-arg]  # the stubs lack it
            base_index_params=_reading(setting.probes),
        )
        found: NDArray[np.int64] = self._refined.search(_directed(vectors), wanted, params=looking)[1]
        return found
