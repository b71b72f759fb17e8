"""Which leaf of each tree a row falls into, found for all rows and trees at once, without walking down any of them.

Lucchese et al. 2015, "QuickScorer": the leaves of a tree are bits, the leftmost leaf the lowest one. A node that sends
a row to the right rules out every leaf on its left; the row falls into the lowest of those that no node rules out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAF = -1
LEAVES_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The nodes of all trees, as `BoostedTrees` holds and checks them."""

    figure: Sequence[int]
    threshold: Sequence[float]
    left: Sequence[int]
    right: Sequence[int]
    value: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """What one figure rules out: above the first ``n`` of its ``thresholds``, all leaves but those of ``masks[n]``.

    ``thresholds`` ascend; ``masks`` has shape (thresholds + 1, trees).
    """

    column: int
    thresholds: Floats
    masks: NDArray[np.unsignedinteger]


class LeafMasks:
    """The leaves of some trees as bits; refuses trees of more than `LEAVES_MAX` leaves.

    Raises:
        ValueError: a tree has more.
    """

    def __init__(self, roots: Sequence[int], nodes: Nodes) -> None:
        self._nodes = nodes
        self._ruled_out: dict[int, list[tuple[float, int, int]]] = defaultdict(
            list
        )  # figure -> threshold, tree, leaves
        leaves = [self._leaves(tree, root, []) for tree, root in enumerate(roots)]
        widest = max(map(len, leaves), default=1)
        kind = next(k for k in (np.uint8, np.uint16, np.uint32, np.uint64) if np.iinfo(k).bits >= widest)
        self._values = np.zeros((len(roots), widest), np.int64)
        for tree, values in enumerate(leaves):
            self._values[tree, : len(values)] = values
        self._all = np.full(len(roots), np.iinfo(kind).max, kind)
        self._figures = [self._figure(column, found) for column, found in sorted(self._ruled_out.items())]

    def sums(self, rows: Floats) -> Integers:
        """The sum of the leaves that each row falls into, of shape (rows,)."""
        left, columns = np.tile(self._all, (len(rows), 1)), np.ascontiguousarray(rows.T)
        ruled_out = np.empty_like(left)
        for figure in self._figures:
            above = np.searchsorted(figure.thresholds, columns[figure.column])
            np.take(figure.masks, above, axis=0, out=ruled_out, mode="clip")  # none is out of bounds: it needs no look
            left &= ruled_out
        # Below the lowest bit of a mask stand as many ones in the mask less one as there are leaves before it.
        leaf = np.bitwise_count(~left & (left - left.dtype.type(1)))
        width = self._values.shape[1]
        first = np.arange(0, self._values.size, width)
        return np.asarray(self._values.ravel().take(first + leaf).sum(axis=1))

    def _leaves(self, tree: int, node: int, before: list[int]) -> list[int]:
        """The tree's leaves up to the last below ``node``; notes what each node rules out."""
        if len(before) >= LEAVES_MAX:
            raise ValueError(f"a tree of more than {LEAVES_MAX} leaves")
        if self._nodes.figure[node] == LEAF:
            return [*before, self._nodes.value[node]]
        left = self._leaves(tree, self._nodes.left[node], before)
        on_the_left = (1 << len(left)) - (1 << len(before))
        self._ruled_out[self._nodes.figure[node]].append((self._nodes.threshold[node], tree, on_the_left))
        return self._leaves(tree, self._nodes.right[node], left)

    def _figure(self, column: int, found: Sequence[tuple[float, int, int]]) -> _Figure:
        thresholds = np.unique([threshold for threshold, _, _ in found])
        masks = np.tile(self._all, (len(thresholds) + 1, 1))
        everything = int(self._all[0])
        for threshold, tree, leaves in found:
            masks[int(np.searchsorted(thresholds, threshold)) + 1, tree] &= everything ^ leaves
        return _Figure(column=column, thresholds=thresholds, masks=np.bitwise_and.accumulate(masks, axis=0))
