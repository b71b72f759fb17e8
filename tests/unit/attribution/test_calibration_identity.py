"""A calibration is named by all that it holds, and stands only beside the encoder that it was fitted on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from provenance.attribution import calibration as module
from provenance.attribution.calibration import SUPPORT_FIGURES, Calibration, support_figures
from provenance.attribution.evidence import EVIDENCE_IDENTITY, FEATURES
from provenance.attribution.scoring import LogisticModel
from provenance.kernel.errors import SnapshotUnusable


def model(names: tuple[str, ...], weight: float) -> LogisticModel:
    n = len(names)
    return LogisticModel(names=names, weights=(weight,) * n, centre=(0.25,) * n, scale=(2.0,) * n, bias=-1.0)


SEGMENT_MODEL, SOURCE_MODEL = model(FEATURES, 0.5), model(SUPPORT_FIGURES, 1.5)
CALIBRATION = Calibration(
    encoder="tiny-0123",
    segment_model=SEGMENT_MODEL,
    source_model=SOURCE_MODEL,
    segment_min=0.5,
    source_min=0.75,
    trained_on={"outputs": "aa", "sources": "bb"},
)


def bumped(value: float) -> float:
    """The next float above: the smallest change that there is."""
    return math.nextafter(value, math.inf)


def other_models() -> list[LogisticModel]:
    base = SEGMENT_MODEL
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
    {"source_model": replace(SOURCE_MODEL, bias=bumped(-1.0))},
    *({"segment_model": other} for other in other_models()),
]


def test_the_identity_is_the_digest_of_all_fields_with_exact_floats() -> None:
    def written(of: LogisticModel, weight: str) -> dict[str, Any]:
        n = len(of.names)
        return {
            "names": list(of.names),
            "weights": [weight] * n,
            "centre": ["0x1.0000000000000p-2"] * n,
            "scale": ["0x1.0000000000000p+1"] * n,
            "bias": "-0x1.0000000000000p+0",
        }

    fields = {
        "evidence": "evidence-1",
        "encoder": "tiny-0123",
        "segment_model": written(SEGMENT_MODEL, "0x1.0000000000000p-1"),
        "source_model": written(SOURCE_MODEL, "0x1.8000000000000p+0"),
        "segment_min": "0x1.0000000000000p-1",
        "source_min": "0x1.8000000000000p-1",
        "trained_on": {"outputs": "aa", "sources": "bb"},
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
    assert EVIDENCE_IDENTITY == "evidence-1"
    monkeypatch.setattr(module, "EVIDENCE_IDENTITY", "evidence-2")
    assert CALIBRATION.identity != before


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
        {"segment_model": model(FEATURES[:-1], 0.5)},
        {"segment_model": model(FEATURES[::-1], 0.5)},
        {"source_model": model(SUPPORT_FIGURES[1:], 1.5)},
        {"source_model": model(FEATURES, 1.5)},
    ],
    ids=["one figure less", "other order", "one support less", "evidence for support"],
)
def test_models_of_other_figures_are_refused(change: Mapping[str, Any]) -> None:
    with pytest.raises(SnapshotUnusable, match="made for other evidence than evidence-1") as refused:
        replace(CALIBRATION, **change)
    assert refused.value.mend == "Train it again with this version: provenance train."


def test_a_calibration_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        CALIBRATION.segment_min = 0.0  # type: ignore[misc]  # that is the point


def test_support_figures_sum_up_the_segments_where_the_source_is_best() -> None:
    # Best 0.8; mean (0.5 x 10 + 0.8 x 30) / 40 = 0.725; 40 of 99 characters, two segments.
    assert SUPPORT_FIGURES == ("best", "mean", "share", "segments", "document_preference")
    assert support_figures([0.5, 0.8], [10, 30], part_length=99, document_preference=0.25) == pytest.approx(
        (math.log(4), math.log(0.725 / 0.275), math.log(41 / 100), math.log(3), 0.25), abs=1e-12
    )


@pytest.mark.parametrize(("probabilities", "lengths", "best"), [([], [], 0.0), ([0.5], [0], 0.5)])
def test_support_without_characters_is_finite(probabilities: list[float], lengths: list[int], best: float) -> None:
    none = math.log(1e-6 / (1 - 1e-6))
    found = support_figures(probabilities, lengths, part_length=9, document_preference=0.0)
    assert found == pytest.approx(
        (none if not best else 0.0, none, math.log(0.1), math.log(1 + len(lengths)), 0.0), abs=1e-9
    )


def test_logits_are_bounded_at_one_in_a_million() -> None:
    sure = support_figures([1.0], [9], part_length=9, document_preference=1.0)
    assert sure == pytest.approx((math.log(999_999), math.log(999_999), 0.0, math.log(2), 1.0), abs=1e-4)


def test_each_probability_has_its_length() -> None:
    with pytest.raises(ValueError, match="zip"):
        support_figures([0.5, 0.5], [1], part_length=9, document_preference=0.0)
