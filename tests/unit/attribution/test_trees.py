"""Trees answer as their arrays say, to the bit, and arrays that make no trees are refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from provenance.attribution.trees import LEAF, LEAF_UNITS, LOGIT_MAX, BoostedTrees
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
