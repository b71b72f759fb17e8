"""Trees answer as their arrays say, to the bit, and arrays that make no trees are refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from provenance.attribution.leaf_masks import LEAF, LEAVES_MAX
from provenance.attribution.trees import LEAF_UNITS, LOGIT_MAX, BoostedTrees
from provenance.kernel.errors import SnapshotUnusable

ONE = LEAF_UNITS
# Two trees. One: a <= 0.5 gives 1, else b <= 2 gives -2, else 3. The other: b <= 1 gives 0.25, else nothing.
TREES = BoostedTrees(
    names=("a", "b"),
    bias=ONE // 2,
    roots=(0, 5),
    figure=(0, LEAF, 1, LEAF, LEAF, 1, LEAF, LEAF),
    threshold=(0.5, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    left=(1, 0, 3, 0, 0, 6, 0, 0),
    right=(2, 0, 4, 0, 0, 7, 0, 0),
    value=(0, ONE, 0, -2 * ONE, 3 * ONE, 0, ONE // 4, 0),
)


@pytest.mark.parametrize(
    ("row", "logit"),
    [
        ((0.5, 0.0), 0.5 + 1 + 0.25),
        ((0.5, 9.0), 0.5 + 1),
        ((math.nextafter(0.5, 1), 2.0), 0.5 - 2),
        ((0.6, 1.0), 0.5 - 2 + 0.25),
        ((0.6, 2.1), 0.5 + 3),
        ((-math.inf, math.inf), 0.5 + 1),
    ],
)
def test_a_row_goes_left_up_to_the_threshold_and_the_leaves_add_up(row: tuple[float, float], logit: float) -> None:
    rows = np.array([row])
    assert TREES.logits(rows).tolist() == [logit]
    assert TREES.probabilities(rows).tolist() == [pytest.approx(1 / (1 + math.exp(-logit)), rel=1e-15)]


def test_a_row_has_the_same_answer_in_any_company() -> None:
    rows = np.random.default_rng(1).normal(size=(2_500, 2))
    together = TREES.logits(rows).tolist()
    assert together == [TREES.logits(row[None])[0] for row in rows]
    assert len(set(together)) == 5
    assert len(TREES.probabilities(np.empty((0, 2)))) == 0


def test_sums_of_leaves_are_exact_in_any_order() -> None:
    rng = np.random.default_rng(2)
    values = rng.integers(-ONE, ONE, 999).tolist()
    n = len(values)
    stumps = BoostedTrees(
        names=("a",),
        bias=7,
        roots=tuple(range(n)),
        figure=(LEAF,) * n,
        threshold=(0.0,) * n,
        left=(0,) * n,
        right=(0,) * n,
        value=tuple(values),
    )
    other = replace(stumps, value=tuple(rng.permutation(values).tolist()))
    assert (
        stumps.logits(np.zeros((1, 1))).tolist() == [(7 + sum(values)) / ONE] == other.logits(np.zeros((1, 1))).tolist()
    )


def test_without_trees_the_bias_answers() -> None:
    none = BoostedTrees(names=("a",), bias=-ONE, roots=(), figure=(), threshold=(), left=(), right=(), value=())
    assert none.logits(np.zeros((2, 1))).tolist() == [-1.0, -1.0]


def test_probabilities_are_never_nought_or_one() -> None:
    for sign in (-1, 1):
        sure = replace(TREES, bias=sign * 999 * ONE)
        [probability] = sure.probabilities(np.zeros((1, 2)))
        assert probability == 1 / (1 + math.exp(-sign * LOGIT_MAX))
        assert 0 < probability < 1


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": (0.5,)},
        {"left": TREES.left[:-1]},
        {"right": (*TREES.right, 0)},
        {"value": ()},
        {"figure": TREES.figure[:-1]},
        {"figure": (2, *TREES.figure[1:])},
        {"figure": (-2, *TREES.figure[1:])},
        {"left": (0, *TREES.left[1:])},
        {"left": (8, *TREES.left[1:])},
        {"right": (-1, *TREES.right[1:])},
        {"right": (2, 0, 2, 0, 0, 7, 0, 0)},
        {"roots": (0, 8)},
        {"roots": (-1,)},
        {"names": ("a",)},
    ],
    ids=lambda change: f"{next(iter(change))}: {next(iter(change.values()))}",
)
def test_arrays_that_make_no_trees_are_refused(change: dict[str, tuple[float, ...]]) -> None:
    with pytest.raises(SnapshotUnusable, match="trees are damaged") as refused:
        replace(TREES, **change)  # type: ignore[arg-type]  # one of the fields
    assert refused.value.mend == "Train it again: provenance train."


def test_trees_go_through_plain_values_unchanged() -> None:
    again = BoostedTrees.from_mapping(json.loads(json.dumps(TREES.as_mapping())))
    assert again == TREES


@pytest.mark.parametrize("field", list(TREES.as_mapping()))
def test_a_missing_field_is_an_error(field: str) -> None:
    fields = TREES.as_mapping()
    del fields[field]
    with pytest.raises(KeyError, match=field):
        BoostedTrees.from_mapping(fields)


def grown(leaves: int, seed: int, *, figures: int = 3) -> BoostedTrees:
    """One tree of this many leaves that was split at random, on few thresholds, so that several nodes share one."""
    rng = np.random.default_rng(seed)
    figure, threshold, left, right = [LEAF], [0.0], [0], [0]
    while figure.count(LEAF) < leaves:
        node = int(rng.choice([n for n, f in enumerate(figure) if f == LEAF]))
        left[node], right[node] = len(figure), len(figure) + 1
        figure[node], threshold[node] = int(rng.integers(figures)), float(rng.integers(5))
        for nodes, blank in ((figure, LEAF), (threshold, 0.0), (left, 0), (right, 0)):
            nodes.extend([blank, blank])  # type: ignore[list-item]  # of each list's own kind
    value = [int(rng.integers(-ONE, ONE)) if f == LEAF else 0 for f in figure]
    return BoostedTrees(
        names=tuple("abcdefgh"[:figures]),
        bias=0,
        roots=(0,),
        figure=tuple(figure),
        threshold=tuple(threshold),
        left=tuple(left),
        right=tuple(right),
        value=tuple(value),
    )


def walked(trees: BoostedTrees, row: list[float]) -> float:
    """The plain way: down from the root."""
    node = trees.roots[0]
    while trees.figure[node] != LEAF:
        node = (trees.right if row[trees.figure[node]] > trees.threshold[node] else trees.left)[node]
    return trees.value[node] / ONE


@pytest.mark.parametrize("leaves", [1, 2, 7, 8, 9, 15, 16, 17, 32, 33, 64])
def test_every_row_ends_in_the_leaf_that_walking_down_leads_to(leaves: int) -> None:
    assert LEAVES_MAX == 64
    for seed in range(5):
        trees = grown(leaves, seed)
        rows = np.random.default_rng(seed).integers(-1, 6, (200, 3)).astype(np.float64)
        assert trees.logits(rows).tolist() == [walked(trees, row) for row in rows.tolist()]


def test_a_tree_of_more_leaves_than_a_mask_has_bits_is_refused() -> None:
    with pytest.raises(SnapshotUnusable, match="more than 64 leaves"):
        grown(65, 0)


def test_nodes_that_share_their_children_are_refused_before_they_unfold_without_end() -> None:
    n = 100
    with pytest.raises(SnapshotUnusable, match="more than 64 leaves"):
        BoostedTrees(
            names=("a",),
            bias=0,
            roots=(0,),
            figure=(0,) * n + (LEAF,),
            threshold=(0.0,) * (n + 1),
            left=(*range(1, n + 1), 0),
            right=(*range(1, n + 1), 0),
            value=(0,) * (n + 1),
        )
