"""How far a coarse stage has to look in order to find what a full comparison finds: tried out on rows of its own.

Each query lies halfway between two rows that are drawn from a seed: a stranger to the texts, as a query is, where a row
of the index has the sentences around it for neighbours. The cheapest setting that finds enough of them is
chosen by a count of work and not by a clock, so that the same rows give the same setting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.vector import Vectors, unit

QUERIES = 256
SEED = 13
DEPTH_MAX = 2_048
DEPTHS = (64, 96, 128, 192, 256, 384, 512, 768, 1_024, 1_536, DEPTH_MAX)
PROBES_MIN = 8
# What must be found of the nearest 10 and 100, and how much more a small sample has to show.
RECALL_10, RECALL_100 = 0.98, 0.95
MARGIN = 0.004
# The work of one comparison with a stored row, and of beginning a list, in comparisons with a code.
ROW_WORK, LIST_WORK = 40, 300
# A wider search may need fewer comparisons: so many steps are tried after the first that suffices.
STEPS_BEYOND = 2
_SAME_SCORE = 1e-5

# From queries and a number of lists to the ordinals of `DEPTH_MAX` candidates, the most promising first.
Candidates = Callable[[Vectors, int], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """So many lists are read, so many candidates compared again; ``recall`` is what that found when it was tried."""

    probes: int
    depth: int
    recall: float


def choose_settings(rows: Any, blocks: Iterator[tuple[int, Vectors]], lists: int, find: Candidates) -> dict[str, Any]:
    """The settings for few neighbours (judged by the nearest 10) and for many (by the nearest 100)."""
    own = np.random.default_rng(SEED).choice(rows.ntotal, (QUERIES, 2), replace=False)
    queries = unit(rows.reconstruct_batch(own[:, 0]) + rows.reconstruct_batch(own[:, 1]))
    tenth, hundredth = _least_scores(queries, own, blocks)
    tried: list[tuple[float, Setting, Setting]] = []
    enough = 0
    for probes in _steps(lists):
        found = _scores_of(rows, queries, own, find(queries, probes))
        few, many = (_recalls(found, least, k) for least, k in ((tenth, 10), (hundredth, 100)))
        for depth, of_10, of_100 in zip(DEPTHS, few, many, strict=True):
            work = probes * (rows.ntotal / lists + LIST_WORK) + depth * ROW_WORK
            settings = (Setting(probes=probes, depth=depth, recall=recall) for recall in (of_10, of_100))
            tried.append((work, *settings))
        enough += few[-1] >= RECALL_10 + MARGIN and many[-1] >= RECALL_100 + MARGIN
        if enough > STEPS_BEYOND:
            break
    return {
        "few": asdict(_cheapest([(work, few) for work, few, _ in tried], RECALL_10 + MARGIN)),
        "many": asdict(_cheapest([(work, many) for work, _, many in tried], RECALL_100 + MARGIN)),
    }


def _least_scores(
    queries: Vectors, own: NDArray[np.int64], blocks: Iterator[tuple[int, Vectors]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The scores of the 10th and the 100th nearest row of each query, by comparing all but the two it was made of."""
    best = faiss.ResultHeap(len(queries), 102, keep_max=True)
    for first, block in blocks:
        scores, ids = faiss.knn(queries, block, min(102, len(block)), metric=faiss.METRIC_INNER_PRODUCT)
        best.add_result(scores, ids + first)
    best.finalize()
    others = [row[~np.isin(ids, mine)] for row, ids, mine in zip(best.D, best.I, own, strict=True)]
    return np.array([o[9] for o in others]), np.array([o[99] for o in others])


def _scores_of(rows: Any, queries: Vectors, own: NDArray[np.int64], found: NDArray[np.int64]) -> NDArray[np.float32]:
    """The scores of each query's candidates, in their order; of none and of what the query was made of the worst."""
    scores = np.full(found.shape, -np.inf, np.float32)
    for query, mine, ids, out in zip(queries, own, found, scores, strict=True):
        others = (ids >= 0) & ~np.isin(ids, mine)
        out[others] = rows.reconstruct_batch(ids[others]) @ query
    return scores


def _recalls(scores: NDArray[np.float32], least: NDArray[np.float32], k: int) -> list[float]:
    """The part of the ``k`` nearest that is among the first candidates, for each of `DEPTHS`."""
    hits = np.cumsum(scores >= least[:, None] - _SAME_SCORE, axis=1)
    return [float(np.minimum(hits[:, min(depth, hits.shape[1]) - 1], k).mean() / k) for depth in DEPTHS]


def _steps(lists: int) -> list[int]:
    """Numbers of lists to try: each about the square root of two times the one before."""
    steps = [round(PROBES_MIN * 2 ** (i / 2)) for i in range(64)]
    return [*(s for s in steps if s < lists), lists]


def _cheapest(tried: list[tuple[float, Setting]], target: float) -> Setting:
    """The least work that reaches the target, or else the best that there is."""
    good = [pair for pair in tried if pair[1].recall >= target]
    return min(good, key=lambda pair: pair[0])[1] if good else max(tried, key=lambda pair: pair[1].recall)[1]
