"""What most would write: sentence-transformers and a FAISS IndexFlatIP, in one process, without HTTP or books.

Run by `benchmarks.latency` in an environment of its own (``--peer-python``), since torch would move this project's
pins; reads its task from standard input as JSON, and prints its figures. It imports nothing of this project. The rows
of its index are random unit vectors: a full scan takes as long whatever they hold.
"""

from __future__ import annotations

import json
import sys
import time

import faiss
import numpy as np
from sentence_transformers import SentenceTransformer

ROWS_AT_ONCE = 50_000
NEAREST = 10


def main() -> None:
    """Measure one size after the other."""
    task = json.load(sys.stdin)
    model = SentenceTransformer(task["model"], device="cpu")
    dimensions = model.encode(["a"]).shape[1]
    rng = np.random.default_rng(0)
    index = faiss.IndexFlatIP(dimensions)
    rows = []
    for segments in sorted(task["segments"]):
        while index.ntotal < segments:
            some = rng.standard_normal((min(ROWS_AT_ONCE, segments - index.ntotal), dimensions), np.float32)
            faiss.normalize_L2(some)
            index.add(some)
        taken = []
        for number, sentences in enumerate(task["outputs"]):
            started = time.perf_counter()
            index.search(model.encode(sentences, normalize_embeddings=True), NEAREST)
            if number >= task["warm_up"]:
                taken.append((time.perf_counter() - started) * 1000)
        rows.append({"segments": segments, "p50_ms": np.quantile(taken, 0.5), "p99_ms": np.quantile(taken, 0.99),
                     "outputs_per_s": 1000 / np.mean(taken)})  # fmt: skip
    print(json.dumps([{k: float(v) for k, v in row.items()} for row in rows]))


if __name__ == "__main__":
    main()
