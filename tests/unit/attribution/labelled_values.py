"""Labelled outputs to train on, and quick fitters: one that learns little, and one that remembers what it saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from provenance.attribution.evidence import FEATURES
from provenance.attribution.leaf_masks import LEAF
from provenance.attribution.similarity import Floats
from provenance.attribution.table import evidence_table
from provenance.attribution.training import LabelledEvidence
from provenance.attribution.trees import LEAF_UNITS, BoostedTrees, Truth

from .evidence_values import pair, source

# Six groups in five folds: art and zoo share the first.
GROUPS = ("art", "bio", "law", "sea", "war", "zoo")
OF_WORK = {f"{group}-{n}": group for group in GROUPS for n in (1, 2)}
PLACES = {work: 10 * n for n, work in enumerate(OF_WORK)}
LENGTHS = (30, 40, 50)


def evidence(group: str, number: int) -> LabelledEvidence:
    """An output of three segments, and the evidence on both works of its group and on two strangers."""
    random = np.random.default_rng([GROUPS.index(group), number])
    strangers = random.choice([w for w, g in OF_WORK.items() if g != group], 2, replace=False)
    works = sorted({f"{group}-1", f"{group}-2", *map(str, strangers)}, key=PLACES.__getitem__)
    truth = [frozenset({f"{group}-{1 + number % 2}"} if random.random() < 0.6 else ()) for _ in range(3)]
    pairs = [
        pair(
            segment,
            work,
            segment_of_work=source(PLACES[work], work),
            figures=random.normal(size=len(FEATURES)) + 2.0 * (work in truth[segment]),
        )
        for segment in range(3)
        for work in works
    ]
    return LabelledEvidence(
        table=evidence_table(pairs, LENGTHS),
        truth=tuple(truth),
        works=frozenset().union(*truth),
        groups=frozenset({group}),
        source_groups={w: OF_WORK[w] for w in works},
    )


OUTPUTS = [evidence(group, number) for group in GROUPS for number in range(5)]


def fit_stumps(
    names: Sequence[str], rows: Floats, truth: Truth, weights: Floats, *, rounds: int, leaves: int
) -> BoostedTrees:
    """Implements `FitTrees` with one split a figure, half-way between the weighted means of both classes."""
    high = (rows[truth] * weights[truth, None]).sum(axis=0) / weights[truth].sum()
    low = (rows[~truth] * weights[~truth, None]).sum(axis=0) / weights[~truth].sum()
    lift = np.clip(high - low, -3, 3) * LEAF_UNITS / 8
    figure, threshold, left, right, value = [], [], [], [], []
    for number in range(len(names)):
        first = 3 * number
        figure += [number, LEAF, LEAF]
        threshold += [float((high[number] + low[number]) / 2), 0.0, 0.0]
        left += [first + 1, 0, 0]
        right += [first + 2, 0, 0]
        value += [0, -round(lift[number]), round(lift[number])]
    return BoostedTrees(
        names=tuple(names),
        bias=0,
        roots=tuple(range(0, len(figure), 3)),
        figure=tuple(figure),
        threshold=tuple(threshold),
        left=tuple(left),
        right=tuple(right),
        value=tuple(value),
    )


def groups_of_rows(outputs: Sequence[LabelledEvidence]) -> Mapping[bytes, frozenset[str]]:
    """By the exact figures of a row, the groups that it tells something of: its source's and its output's."""
    return {
        row.tobytes(): frozenset({o.source_groups[o.table.works[work]], *o.groups})
        for o in outputs
        for row, work in zip(o.table.figures, o.table.work.tolist(), strict=True)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a fit was asked for."""

    names: tuple[str, ...]
    rows: Floats
    weights: Floats
    rounds: int
    leaves: int


class RecordingFit:
    """Implements `FitTrees` as `fit_stumps`, and keeps what it was given."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(
        self, names: Sequence[str], rows: Floats, truth: Truth, weights: Floats, *, rounds: int, leaves: int
    ) -> BoostedTrees:
        assert rows.shape == (len(truth), len(names))
        self.calls.append(Call(names=tuple(names), rows=rows, weights=weights, rounds=rounds, leaves=leaves))
        return fit_stumps(names, rows, truth, weights, rounds=rounds, leaves=leaves)
