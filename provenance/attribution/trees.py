"""Boosted decision trees as a value: arrays that are stored as JSON and named by their digest.

Friedman 2001, "Greedy function approximation". Fitting is for a library (see `FitTrees`); answering is
here, in integers wherever an order of summing could show: the same row has the same answer on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.leaf_masks import LEAF, Floats, LeafMasks, Nodes
from provenance.kernel.errors import SnapshotUnusable

Truth = NDArray[np.bool_]

# Leaves hold logits in parts of 2**20, so that sums of them are exact.
LEAF_UNITS = 1 << 20
LOGIT_MAX = 30.0
ROWS_TOGETHER = 1_024


@dataclass(frozen=True)
class BoostedTrees:
    """P(yes | row) = sigmoid((bias + the leaves that the row falls into) / `LEAF_UNITS`).

    Nodes of all trees stand in one list; ``roots`` are the first nodes of the trees. At node ``n`` a row goes to
    ``left[n]`` where its figure ``figure[n]`` is at most ``threshold[n]``, else to ``right[n]``. A node with the figure
    `LEAF` ends the way and adds ``value[n]``.

    Raises:
        SnapshotUnusable: the arrays don't make trees over ``names``, or one has more than `LEAVES_MAX` leaves.
    """

    names: tuple[str, ...]
    bias: int
    roots: tuple[int, ...]
    figure: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[int, ...]

    def __post_init__(self) -> None:
        nodes = len(self.figure)
        even = nodes == len(self.threshold) == len(self.left) == len(self.right) == len(self.value)
        inner = [n for n, figure in enumerate(self.figure) if figure != LEAF] if even else []
        # Children come after their parent, so that every way ends.
        sound = all(
            0 <= self.figure[n] < len(self.names) and n < self.left[n] < nodes and n < self.right[n] < nodes
            for n in inner
        )
        if not even or not sound or not all(0 <= root < nodes for root in self.roots):
            raise SnapshotUnusable("The calibration's trees are damaged.", mend="Train it again: provenance train.")
        _ = self._leaves  # made at once, so that trees which can't answer are refused here

    def probabilities(self, rows: Floats) -> Floats:
        """One probability a row of shape (rows, figures); a row's answer doesn't depend on its company."""
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(self.logits(rows), -LOGIT_MAX, LOGIT_MAX))))

    def logits(self, rows: Floats) -> Floats:
        """Log-odds, one a row of shape (rows, figures)."""
        sums = [self._leaves.sums(rows[i : i + ROWS_TOGETHER]) for i in range(0, len(rows), ROWS_TOGETHER)]
        return np.asarray((self.bias + np.concatenate([np.empty(0, np.int64), *sums])) / LEAF_UNITS, np.float64)

    @cached_property
    def _leaves(self) -> LeafMasks:
        try:
            nodes = Nodes(
                figure=self.figure, threshold=self.threshold, left=self.left, right=self.right, value=self.value
            )
            return LeafMasks(self.roots, nodes)
        except ValueError as error:
            raise SnapshotUnusable(f"The calibration has {error}.", mend="Train it again: provenance train.") from error

    def as_mapping(self) -> dict[str, Any]:
        """All of it as plain values, for a file and a digest."""
        return {
            "names": self.names,
            "bias": self.bias,
            "roots": self.roots,
            "figure": self.figure,
            "threshold": self.threshold,
            "left": self.left,
            "right": self.right,
            "value": self.value,
        }

    @classmethod
    def from_mapping(cls, fields: Mapping[str, Any]) -> BoostedTrees:
        """The trees that `as_mapping` gave. Raises `KeyError` or `TypeError` where fields are missing."""
        names = ("names", "roots", "figure", "threshold", "left", "right", "value")
        return cls(bias=int(fields["bias"]), **{name: tuple(fields[name]) for name in names})


class FitTrees(Protocol):
    """Fits trees to examples. The same input gives the same trees."""

    def __call__(
        self, names: Sequence[str], rows: Floats, truth: Truth, weights: Floats, *, rounds: int, leaves: int
    ) -> BoostedTrees:
        """Trees over ``names``, from ``rows`` of shape (examples, figures) that are ``truth`` or not."""
