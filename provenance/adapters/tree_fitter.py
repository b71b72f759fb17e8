"""Fit boosted trees with LightGBM (Ke et al. 2017). Needed to train, never to attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from provenance.attribution.leaf_masks import LEAF, Floats
from provenance.attribution.trees import LEAF_UNITS, BoostedTrees, Truth
from provenance.kernel.errors import Unavailable

# Every other row and every other figure at a time, and leaves of many examples: trees that hold on other domains.
PARAMETERS: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "min_data_in_leaf": 100,
    "lambda_l2": 10.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "verbose": -1,
    "num_threads": 1,  # a second one changes nothing in the trees, and waits for the first one most of the time
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
}


def fit_trees(
    names: Sequence[str], rows: Floats, truth: Truth, weights: Floats, *, rounds: int, leaves: int
) -> BoostedTrees:
    """Implements `FitTrees`.

    Raises:
        Unavailable: LightGBM isn't installed, or the system lacks its OpenMP library.
    """
    try:
        import lightgbm
    except (ImportError, OSError) as error:
        raise Unavailable(
            "LightGBM, which training needs, can't be loaded.",
            mend="Run: python -m pip install 'provenance-ledger[train]' (and on a bare Debian: apt install libgomp1).",
        ) from error
    data = lightgbm.Dataset(rows, truth.astype(np.int8), weight=weights / weights.mean(), free_raw_data=True)
    booster = lightgbm.train({**PARAMETERS, "num_leaves": leaves}, data, rounds)
    flat = _Flat()
    roots = tuple(flat.add(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"])
    return BoostedTrees(
        names=tuple(names),
        bias=0,
        roots=roots,
        figure=tuple(flat.figure),
        threshold=tuple(flat.threshold),
        left=tuple(flat.left),
        right=tuple(flat.right),
        value=tuple(flat.value),
    )


class _Flat:
    """Collects the nodes of all trees in one list, parents before children."""

    def __init__(self) -> None:
        self.figure: list[int] = []
        self.threshold: list[float] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.value: list[int] = []

    def add(self, node: Mapping[str, Any]) -> int:
        """Add a node with all that is below it; returns its number."""
        number = len(self.figure)
        inner = "split_feature" in node
        self.figure.append(int(node["split_feature"]) if inner else LEAF)
        self.threshold.append(float(node["threshold"]) if inner else 0.0)
        self.left.append(0)
        self.right.append(0)
        self.value.append(0 if inner else round(float(node["leaf_value"]) * LEAF_UNITS))
        if inner:
            self.left[number], self.right[number] = self.add(node["left_child"]), self.add(node["right_child"])
        return number
