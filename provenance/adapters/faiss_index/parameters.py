"""How far the coarse stages have to look in order to find what a full comparison finds: tried out on rows of their own.

Each query lies between two rows that are drawn from a seed: a stranger to the texts, as a query is, where a row of the
index has the sentences around it for neighbours. The cheapest setting that finds enough of them is chosen by a count of
work and not by a clock, so that the same rows give the same setting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.vector import Vectors, unit

QUERIES = 256
SEED = 13
# How near a query lies to one of its rows: as hard a stranger as the sentences of another text (halfway is harder).
NEARER = 0.625
DEPTH_MAX = 2_048
DEPTHS = (64, 96, 128, 192, 256, 384, 512, 768, 1_024, 1_536, DEPTH_MAX)
PROBES_MIN = 8
# What must be found of the nearest 10 and 100, and how much more a small sample has to show.
RECALL_10, RECALL_100 = 0.98, 0.95
MARGIN = 0.004
# The work of putting a row in its place, and of beginning a list, in comparisons with a code of the first stage.
ROW_WORK, LIST_WORK = 120, 300
# A wider search may need fewer comparisons: so many steps are tried after the first that suffices.
STEPS_BEYOND = 2
# Up to so many neighbours are found by the setting for few; the setting for many is of so many, and grows with more.
FEW_MAX, MANY = 16, 100
# How many more than the wanted are scored again in full, at least: what codes put out of order is found all the same.
SPARE = 16
# Of so many rows at most all are scored once, rather than the candidates of each step anew: a quarter of a gigabyte.
TABLE_ROWS_MAX = 262_144
BLOCK_ROWS = 32_768
_SAME_SCORE = 1e-5

# From queries and a number of lists to the ordinals of `DEPTH_MAX` candidates, the most promising first.
Candidates = Callable[[Vectors, int], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """So many lists are read, so many of their rows put in order; ``recall`` is what that found when it was tried."""

    probes: int
    depth: int
    recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Queries, the two rows that each was made of, and the scores of its 10th and its 100th nearest other row."""

    rows: Any
    queries: Vectors
    own: NDArray[np.int64]
    tenth: NDArray[np.float32]
    hundredth: NDArray[np.float32]

    @classmethod
    def of(cls, rows: Any) -> Trial:
        """A trial on ``rows``: all of them are compared."""
        own = np.random.default_rng(SEED).choice(rows.ntotal, (QUERIES, 2), replace=False)
        nearer, farther = (rows.reconstruct_batch(own[:, side]) for side in range(2))
        queries = unit(np.float32(NEARER) * nearer + np.float32(1 - NEARER) * farther)
        tenth, hundredth = _least_scores(queries, own, blocks(rows))
        return cls(rows=rows, queries=queries, own=own, tenth=tenth, hundredth=hundredth)

    def settings(self, codes: Any, lists: int, find: Candidates) -> tuple[dict[str, Setting], bool]:
        """The settings for ``few`` neighbours (judged by the nearest 10) and for ``many`` (by the nearest 100).

        ``find`` is the first stage, with so many ``lists``; ``codes`` encode rows as the second one does. Whether these
        are fine enough comes with it: next to nothing is lost by them that the full rows would have found.
        """
        tried: list[tuple[float, Setting, Setting]] = []
        good, lost = 0, 0.0
        in_rows = self._scorer(lambda some: some)
        by_code = self._scorer(lambda some: np.asarray(codes.sa_decode(codes.sa_encode(some)), np.float32))
        for probes in _steps(lists):
            found = find(self.queries, probes)
            nowhere = (found < 0) | (found[:, :, None] == self.own[:, None, :]).any(axis=2)
            exact, rough = (np.where(nowhere, np.float32(-np.inf), scores(found)) for scores in (in_rows, by_code))
            few = _recalls(exact, rough, self.tenth, 10, in_full(FEW_MAX))
            many = _recalls(exact, rough, self.hundredth, 100, in_full(MANY))
            for depth, of_10, of_100 in zip(DEPTHS, few, many, strict=True):
                work = probes * (self.rows.ntotal / lists + LIST_WORK) + depth * ROW_WORK
                settings = (Setting(probes=probes, depth=depth, recall=recall) for recall in (of_10, of_100))
                tried.append((work, *settings))
            best = _recalls(exact, exact, self.tenth, 10, in_full(FEW_MAX))
            lost = max(lost, *(full - coded for full, coded in zip(best, few, strict=True)))
            good += few[-1] >= RECALL_10 + MARGIN and many[-1] >= RECALL_100 + MARGIN
            if good > STEPS_BEYOND:
                break
        return {
            "few": _cheapest([(work, few) for work, few, _ in tried], RECALL_10 + MARGIN),
            "many": _cheapest([(work, many) for work, _, many in tried], RECALL_100 + MARGIN),
        }, lost <= MARGIN

    def _scorer(self, read: Callable[[Vectors], Vectors]) -> Callable[[NDArray[np.int64]], NDArray[np.float32]]:
        """From candidates of each query to their scores by rows as ``read`` makes them; that of none is some row's."""
        if self.rows.ntotal > TABLE_ROWS_MAX:
            return lambda found: np.stack(
                [
                    read(self.rows.reconstruct_batch(ids)) @ query
                    for query, ids in zip(self.queries, np.maximum(found, 0), strict=True)
                ]
            )
        table = np.hstack([self.queries @ read(block).T for _, block in blocks(self.rows)])
        return lambda found: np.take_along_axis(table, np.maximum(found, 0), axis=1)


def blocks(rows: Any) -> Iterator[tuple[int, Vectors]]:
    """All rows in order, some thousands at a time, each time with the ordinal of the first."""
    for first in range(0, rows.ntotal, BLOCK_ROWS):
        yield first, rows.reconstruct_n(first, min(BLOCK_ROWS, rows.ntotal - first))


def in_full(k: int) -> int:
    """How many rows are scored in full where ``k`` are wanted."""
    return k + max(SPARE, k // 2)


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


def _recalls(
    scores: NDArray[np.float32], rough: NDArray[np.float32], least: NDArray[np.float32], k: int, wanted: int
) -> list[float]:
    """The part of the ``k`` nearest that is found, for each of `DEPTHS`.

    Of so many first candidates, those ``wanted`` are looked at whose ``rough`` scores are the highest.
    """
    recalls = []
    for depth in (min(d, scores.shape[1]) for d in DEPTHS):
        best = np.argpartition(-rough[:, :depth], min(wanted, depth) - 1, axis=1)[:, :wanted]
        hits = np.take_along_axis(scores[:, :depth], best, axis=1) >= least[:, None] - _SAME_SCORE
        recalls.append(float(np.minimum(hits.sum(axis=1), k).mean() / k))
    return recalls


def _steps(lists: int) -> list[int]:
    """Numbers of lists to try: each about the square root of two times the one before."""
    steps = [round(PROBES_MIN * 2 ** (i / 2)) for i in range(64)]
    return [*(s for s in steps if s < lists), lists]


def _cheapest(tried: list[tuple[float, Setting]], target: float) -> Setting:
    """The least work that reaches the target, or else the best that there is."""
    good = [pair for pair in tried if pair[1].recall >= target]
    return min(good, key=lambda pair: pair[0])[1] if good else max(tried, key=lambda pair: pair[1].recall)[1]
