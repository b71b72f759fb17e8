"""A calibration is named by all that it holds, judges in two looks, and stands only beside its own encoder."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from provenance.attribution import calibration as module
from provenance.attribution.calibration import Calibration
from provenance.attribution.evidence import EVIDENCE_IDENTITY, FEATURES
from provenance.attribution.leaf_masks import LEAF
from provenance.attribution.scoring import LogisticModel
from provenance.attribution.support import SOURCE_FIGURES, SUPPORT_FIGURES, source_figures, support_figures
from provenance.attribution.table import evidence_table
from provenance.attribution.trees import LEAF_UNITS, BoostedTrees
from provenance.attribution.unearned import UNEARNED_IDENTITY
from provenance.kernel.errors import SnapshotUnusable

from .evidence_values import pair, single_figure, stump

SEGMENT_MODEL = stump(FEATURES, "dense", at_most=0.5, low=-1.0, high=2.0)
SUPPORT_MODEL = stump(SUPPORT_FIGURES, "neighbour_high", at_most=0.0, low=-0.5, high=1.5)
SOURCE_MODEL = single_figure(SOURCE_FIGURES, "best")
CALIBRATION = Calibration(
    encoder="tiny-0123",
    segment_model=SEGMENT_MODEL,
    support_model=SUPPORT_MODEL,
    source_model=SOURCE_MODEL,
    segment_min=0.5,
    source_min=0.75,
    trained_on={"outputs": "aa", "sources": "bb"},
)


def bumped(value: float) -> float:
    """The next float above: the smallest change that there is."""
    return math.nextafter(value, math.inf)


def other_trees(base: BoostedTrees) -> list[BoostedTrees]:
    return [
        replace(base, bias=base.bias + 1),
        replace(base, value=(*base.value[:-1], base.value[-1] + 1)),
        replace(base, threshold=(bumped(base.threshold[0]), *base.threshold[1:])),
        replace(base, figure=(base.figure[0] + 1, *base.figure[1:])),
        replace(base, left=(2, *base.left[1:])),
        replace(base, right=(1, *base.right[1:])),
        replace(base, roots=(0, 1)),
    ]


def other_models(base: LogisticModel) -> list[LogisticModel]:
    return [
        replace(base, weights=(*base.weights[:-1], bumped(base.weights[-1]))),
        replace(base, centre=(bumped(base.centre[0]), *base.centre[1:])),
        replace(base, scale=(*base.scale[:-1], bumped(base.scale[-1]))),
        replace(base, bias=bumped(base.bias)),
    ]


CHANGES: list[Mapping[str, Any]] = [
    {"encoder": "tiny-0124"},
    {"segment_min": bumped(0.5)},
    {"source_min": bumped(0.75)},
    {"trained_on": {}},
    {"trained_on": {"outputs": "aa", "sources": "bc"}},
    *({"segment_model": other} for other in other_trees(SEGMENT_MODEL)),
    *({"support_model": other} for other in other_trees(SUPPORT_MODEL)),
    *({"source_model": other} for other in other_models(SOURCE_MODEL)),
]


def test_the_identity_is_the_digest_of_all_fields_with_exact_floats() -> None:
    def trees(names: tuple[str, ...], figure: int, threshold: str, low: float, high: float) -> dict[str, Any]:
        return {
            "names": list(names),
            "bias": 0,
            "roots": [0],
            "figure": [figure, LEAF, LEAF],
            "threshold": [threshold, "0x0.0p+0", "0x0.0p+0"],
            "left": [1, 0, 0],
            "right": [2, 0, 0],
            "value": [0, int(low * LEAF_UNITS), int(high * LEAF_UNITS)],
        }

    n, none = len(SOURCE_FIGURES), "0x0.0p+0"
    fields = {
        "evidence": "evidence-2",
        "unearned": UNEARNED_IDENTITY,
        "encoder": "tiny-0123",
        "segment_model": trees(FEATURES, 0, "0x1.0000000000000p-1", -1.0, 2.0),
        "support_model": trees(SUPPORT_FIGURES, 1, none, -0.5, 1.5),
        "source_model": {
            "names": list(SOURCE_FIGURES),
            "weights": ["0x1.0000000000000p+0", *[none] * (n - 1)],
            "centre": [none] * n,
            "scale": ["0x1.0000000000000p+0"] * n,
            "bias": none,
        },
        "segment_min": "0x1.0000000000000p-1",
        "source_min": "0x1.8000000000000p-1",
        "trained_on": {"outputs": "aa", "sources": "bb"},
        "rules": [],
    }
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    assert CALIBRATION.identity == hashlib.sha256(canonical).hexdigest()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_the_smallest_change_of_any_field_changes_the_identity(change: Mapping[str, Any]) -> None:
    assert replace(CALIBRATION, **change).identity != CALIBRATION.identity


def test_every_change_has_an_identity_of_its_own() -> None:
    assert len({replace(CALIBRATION, **change).identity for change in CHANGES}) == len(CHANGES)


def test_other_rules_of_evidence_change_the_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    before = CALIBRATION.identity
    assert EVIDENCE_IDENTITY == "evidence-2"
    monkeypatch.setattr(module, "EVIDENCE_IDENTITY", "evidence-3")
    assert replace(CALIBRATION).identity != before


def test_equal_calibrations_have_one_identity() -> None:
    again = replace(CALIBRATION, trained_on={"sources": "bb", "outputs": "aa"})
    assert again.identity == CALIBRATION.identity


def test_its_own_encoder_is_accepted_and_another_refused() -> None:
    CALIBRATION.check_encoder("tiny-0123")
    with pytest.raises(SnapshotUnusable, match="belongs to the encoder tiny-0123, and the index to tiny-9") as refused:
        CALIBRATION.check_encoder("tiny-9")
    assert refused.value.mend == "Train a calibration for this encoder: provenance train."


@pytest.mark.parametrize(
    "change",
    [
        {"segment_model": stump(FEATURES[:-1], "dense")},
        {"segment_model": stump(FEATURES[::-1], "dense")},
        {"segment_model": SUPPORT_MODEL},
        {"support_model": stump(SUPPORT_FIGURES[1:], "dense")},
        {"support_model": SEGMENT_MODEL},
        {"source_model": single_figure(SOURCE_FIGURES[1:], "mean")},
    ],
    ids=["one figure less", "other order", "looks swapped", "one support less", "evidence for support", "one less"],
)
def test_models_of_other_figures_are_refused(change: Mapping[str, Any]) -> None:
    with pytest.raises(SnapshotUnusable, match="made for other evidence than evidence-2") as refused:
        replace(CALIBRATION, **change)
    assert refused.value.mend == "Train it again with this version: provenance train."


def test_a_calibration_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        CALIBRATION.segment_min = 0.0  # type: ignore[misc]  # that is the point


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_a_pair_is_judged_by_its_own_evidence_and_then_by_what_was_thought_of_its_neighbours() -> None:
    # First look: a is likely in the first segment and not in the second, b nowhere. The second look asks whether a
    # neighbour was likely: so in the second segment a is, and in the first one it isn't.
    near = {"dense": 0.9}
    pairs = [pair(0, "a", figures=near), pair(0, "b"), pair(1, "a"), pair(1, "b")]
    judged = CALIBRATION.judge(evidence_table(pairs, [10, 10]))
    assert judged.probabilities.tolist() == pytest.approx([sigmoid(x) for x in (-0.5, -0.5, 1.5, -0.5)])
    assert judged.confidences == pytest.approx({"a": sigmoid(1.5), "b": sigmoid(-0.5)})


def test_judging_is_the_two_looks_and_then_the_sources() -> None:
    rng = np.random.default_rng(5)
    pairs = [pair(s, w, figures=rng.normal(size=len(FEATURES))) for s in range(4) for w in "abc"]
    table = evidence_table(pairs, [10, 20, 30, 40])
    first = SEGMENT_MODEL.probabilities(table.figures)
    second = SUPPORT_MODEL.probabilities(support_figures(table, first))
    sure = SOURCE_MODEL.probabilities(source_figures(table, second).tolist())
    judged = CALIBRATION.judge(table)
    assert judged.probabilities.tolist() == second.tolist()
    assert judged.confidences == dict(zip("abc", sure, strict=True))


def test_nothing_is_judged_as_nothing() -> None:
    judged = CALIBRATION.judge(evidence_table([], [10]))
    assert (judged.probabilities.tolist(), judged.confidences) == ([], {})
