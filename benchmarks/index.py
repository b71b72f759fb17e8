"""Recall, memory, building and searching over size: python -m benchmarks.index [--json] [--sizes 100000 1000000 ...].

Vectors are real ones and grown ones (see `benchmarks.grown`): of --vectors FILE.npy (half precision, in the order of
their texts), or of some books of the corpus, encoded first. Beside them in the same run, where size allows: FAISS flat,
FAISS HNSW, and pgvector's HNSW on a PostgreSQL that is started for it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from benchmarks.grown import RealVectors, grown, read_real, split
from benchmarks.index_peers import PEERS
from benchmarks.shared import DATA, missing, read_lines, show
from provenance.adapters.faiss_index.layout import VectorsInfo
from provenance.adapters.faiss_index.quantised import COARSE
from provenance.adapters.faiss_index.vectors import VECTORS, VectorsFile, VectorsWriter
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import Vectors

SIZES = (100_000, 1_000_000)
BATCH, ROUNDS = 16, 10
CORPUS_SEGMENTS = 30_000
FP32_BYTES = 4
NEAREST, SPARE = 100, 28  # rows that FAISS scores alike, or almost, may come in another order

Search = Callable[[Vectors, int], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The nearest 100 of each query, by comparing all rows."""

    queries: Vectors
    ordinals: NDArray[np.int64]

    @classmethod
    def of(cls, queries: Vectors, best: faiss.ResultHeap, rows: VectorsFile) -> Self:
        """From a few more than 100 of the best, as FAISS scores them: scored again as the index does, in 64 bits."""
        ordinals = []
        for query, ids in zip(queries, best.I, strict=True):
            some = np.sort(ids[ids >= 0])
            scores = (rows.rows(some).astype(np.float64) @ query.astype(np.float64)).astype(np.float32)
            ordinals.append(some[np.lexsort((some, -scores))][:NEAREST])
        return cls(queries=queries, ordinals=np.array(ordinals))

    def recall(self, search: Search, k: int) -> float:
        """The part of the nearest ``k`` that a search finds."""
        found = search(self.queries, k)
        hits = [len(np.intersect1d(a, b[:k])) for a, b in zip(found, self.ordinals, strict=True)]
        return float(np.mean(hits) / k)


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with corpus/")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many vectors")
    parser.add_argument("--vectors", type=Path, help="real vectors: a NumPy file of half-precision rows")
    parser.add_argument("--no-peers", action="store_true", help="measure ours alone")
    parser.add_argument("--scratch", type=Path, help="where large files go (default: the system's folder)")
    args = parser.parse_args(argv)
    corpus = args.data / "corpus" / "gutenberg" / "books.jsonl.gz"
    if args.vectors is None and missing(corpus):
        return
    figures: dict[str, float] = {}
    tables: dict[int, dict[str, list[object]]] = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        real = read_real(args.vectors) if args.vectors else _encoded(corpus, progress)
        for size in args.sizes:
            with tempfile.TemporaryDirectory(dir=args.scratch) as folder:
                tables[size] = _measure(Path(folder), real, size, figures, progress, peers=not args.no_peers)
    if args.json:
        print(json.dumps(figures))
        return
    for size, rows in tables.items():
        columns = ["R@10", "R@100", "resident / fp32", "build s", "16 by 16 ms", "p99", "16 by 100 ms", "p99"]
        show(f"{size:,} vectors", columns, rows)


def _encoded(corpus: Path, progress: Progress) -> RealVectors:
    """Vectors of the first books of the corpus."""
    task = progress.add_task("encoding", total=CORPUS_SEGMENTS)
    encoder, rows, count = System().encoder, list[Vectors](), 0
    for book in read_lines(corpus):
        rows.append(encoder.encode(book["text"], segment(book["text"])).astype(np.float16))
        count += len(rows[-1])
        progress.update(task, completed=count)
        if count >= CORPUS_SEGMENTS:
            break
    return split(np.concatenate(rows))


def _measure(
    folder: Path, real: RealVectors, size: int, figures: dict[str, float], progress: Progress, *, peers: bool
) -> dict[str, list[object]]:
    task = progress.add_task(f"{size:,}: adding", total=size)
    best = faiss.ResultHeap(len(real.queries), NEAREST + SPARE, keep_max=True)
    info, seconds = _build(
        folder, real, size, best, lambda done, what: progress.update(task, completed=done, description=what)
    )
    file = VectorsFile.open(folder, info)
    exact = VectorsFile.open(folder, replace(info, parameters={}))
    truth = Truth.of(real.queries, best, exact)
    resident = sum((folder / name).stat().st_size for name in info.files if name != VECTORS or COARSE not in info.files)
    name = f"{size // 1_000_000}m" if size >= 1_000_000 else f"{size // 1_000}k"
    rows = {"ours": _row(truth, lambda q, k: file.nearest(q, k)[1], resident, seconds, figures, name)}
    figures[f"mapped_bytes_{name}"] = (folder / VECTORS).stat().st_size
    for peer, size_max, build in PEERS if peers else ():
        if size <= size_max:
            progress.update(task, description=f"{size:,}: {peer}")
            start = time.perf_counter()
            with build(folder, exact) as (search, held):
                took = time.perf_counter() - start
                rows[peer] = _row(truth, search, held, took, figures, f"{peer.replace(' ', '_')}_{name}")
    progress.remove_task(task)
    return rows


def _build(
    folder: Path, real: RealVectors, size: int, best: faiss.ResultHeap, tell: Callable[[int, str], None]
) -> tuple[VectorsInfo, float]:
    """Write the shard; the seconds are those of writing, not of growing, nor of comparing all for ``best``."""
    seconds, done = 0.0, 0
    with VectorsWriter(folder, real.queries.shape[1]) as writer:
        for block in grown(real, size):
            start = time.perf_counter()
            writer.add(block)
            seconds += time.perf_counter() - start
            scores, ids = faiss.knn(real.queries, block, min(best.k, len(block)), metric=faiss.METRIC_INNER_PRODUCT)
            best.add_result(scores, ids + done)
            done += len(block)
            tell(done, f"{size:,}: adding")
        tell(done, f"{size:,}: building")
        start = time.perf_counter()
        info = writer.close()
    return info, seconds + time.perf_counter() - start


def _row(
    truth: Truth, search: Search, resident: int, build_seconds: float, figures: dict[str, float], name: str
) -> list[object]:
    ratio = resident / (FP32_BYTES * truth.queries.shape[1] * _size(name))
    few, many = _times(search, truth.queries, 16), _times(search, truth.queries, 100)
    found = {
        "r10": truth.recall(search, 10),
        "r100": truth.recall(search, 100),
        "resident_ratio": ratio,
        "build_seconds": build_seconds,
        "search16_ms": few[0],
        "search16_ms_p99": few[1],
        "search16_k100_ms": many[0],
        "search16_k100_ms_p99": many[1],
    }
    figures.update({f"{figure}_{name}": value for figure, value in found.items()})
    return list(found.values())


def _size(name: str) -> int:
    number = name.rsplit("_", 1)[-1]
    return int(number[:-1]) * (1_000_000 if number[-1] == "m" else 1_000)


def _times(search: Search, queries: Vectors, k: int) -> tuple[float, float]:
    """Median and 99th percentile of the milliseconds that a batch of 16 takes."""
    taken = []
    for _ in range(ROUNDS):
        for first in range(0, len(queries), BATCH):
            start = time.perf_counter()
            search(queries[first : first + BATCH], k)
            taken.append(1_000 * (time.perf_counter() - start))
    return float(np.median(taken)), float(np.quantile(taken, 0.99))


if __name__ == "__main__":
    main()
