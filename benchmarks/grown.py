"""Large sets of vectors that lie as real ones do: real ones, and steps from them that are seen between real ones.

A grown vector is a real one, moved by 0.3 to 0.9 of the difference between two real neighbours elsewhere, and scaled to
length 1. Queries are real ones from texts of which nothing is in the set. What a search finds hard here was
measured on sets of one size: a grown one is no easier than a real one (decision 0011).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.vector import Vectors, unit

QUERIES = 256
HELD_OUT = 0.05
PAIRS, NEIGHBOURS = 4_000, 10
STEP_MIN, STEP_MAX = 0.3, 0.9
BLOCK_ROWS = 32_768
SEED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RealVectors:
    """Rows to index, queries from other texts, and differences between neighbours among the rows."""

    rows: NDArray[np.float16]
    queries: Vectors
    differences: Vectors


def read_real(path: Path) -> RealVectors:
    """Real vectors from a NumPy file (rows in the order of their texts); the last twentieth is for queries."""
    return split(np.load(path, mmap_mode="r"))


def split(real: NDArray[np.float16]) -> RealVectors:
    """Hold out the last texts, and note how neighbours differ."""
    random = np.random.default_rng(SEED)
    kept = int(len(real) * (1 - HELD_OUT))
    held = kept + np.sort(random.choice(len(real) - kept, QUERIES, replace=False))
    chosen = np.sort(random.choice(kept, min(PAIRS, kept), replace=False))
    some = real[chosen].astype(np.float32)
    best = faiss.ResultHeap(len(some), NEIGHBOURS + 1, keep_max=True)
    for first in range(0, kept, BLOCK_ROWS):
        block = real[first : min(kept, first + BLOCK_ROWS)].astype(np.float32)
        scores, ids = faiss.knn(some, block, NEIGHBOURS + 1, metric=faiss.METRIC_INNER_PRODUCT)
        best.add_result(scores, ids + first)
    best.finalize()
    near = best.I[:, 1:].ravel()
    differences = np.repeat(some, NEIGHBOURS, axis=0) - real[near].astype(np.float32)
    return RealVectors(rows=real[:kept], queries=real[held].astype(np.float32), differences=differences)


def grown(real: RealVectors, total: int) -> Iterator[Vectors]:
    """``total`` rows in blocks: the real ones, then grown ones; each exactly a half-precision value."""
    for first in range(0, min(total, len(real.rows)), BLOCK_ROWS):
        yield real.rows[first : min(total, len(real.rows), first + BLOCK_ROWS)].astype(np.float32)
    random = np.random.default_rng(SEED)
    for first in range(len(real.rows), total, BLOCK_ROWS):
        count = min(BLOCK_ROWS, total - first)
        start = real.rows[random.integers(len(real.rows), size=count)].astype(np.float32)
        step = real.differences[random.integers(len(real.differences), size=count)]
        size = random.uniform(STEP_MIN, STEP_MAX, (count, 1)).astype(np.float32)
        yield unit(start + size * step).astype(np.float16).astype(np.float32)
