"""Fitting a calibration: the truth of each segment, folds of whole groups, and a model that learns what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from provenance.attribution.calibration import Calibration
from provenance.attribution.decision import source_confidences
from provenance.attribution.evidence import FEATURES, Pair
from provenance.attribution.lexical import Overlap
from provenance.attribution.training import LabelledEvidence, fit_calibration, fold_of_groups, truth_by_segment
from provenance.kernel.span import Span

GROUPS = ("art", "bio", "law", "sea", "war", "zoo")
SEGMENTS = 4


def labelled(group: str, number: int) -> LabelledEvidence:
    """An output about the first work of its group, save every third, which has no source. The other work is of the next
    group. A segment derives from the first work where their cosine is above 0.6; all other figures are noise.
    """
    random = np.random.default_rng([GROUPS.index(group), number])
    other = GROUPS[(GROUPS.index(group) + 1) % len(GROUPS)]
    works = {f"{group}-1": group, f"{other}-1": other}
    pairs, truth = [], []
    for segment in range(SEGMENTS):
        derives = number % 3 != 0 and bool(segment % 2)
        truth.append(frozenset({f"{group}-1"} if derives else ()))
        for work in sorted(works):
            figures = random.normal(size=len(FEATURES))
            figures[0] = random.uniform(0.65, 1.0) if derives and work == f"{group}-1" else random.uniform(0.0, 0.55)
            pairs.append(pair(segment, work, figures))
    return LabelledEvidence(
        lengths=(30, 40, 50, 60),
        pairs=tuple(pairs),
        truth=tuple(truth),
        works=frozenset().union(*truth),
        groups=frozenset({group}),
        source_groups=works,
    )


def pair(segment: int, work: str, figures: Sequence[float]) -> Pair:
    return Pair(
        segment=segment,
        work=work,
        candidate=0,
        dense=float(figures[0]),
        overlap=Overlap(found=0.0, telling_found=0.0, covered=0.0),
        run=None,
        figures=tuple(map(float, figures)),
    )


OUTPUTS = [labelled(group, number) for group in GROUPS for number in range(6)]


def fitted(outputs: Sequence[LabelledEvidence] = OUTPUTS, trained_on: Mapping[str, str] | None = None) -> Calibration:
    return fit_calibration(outputs, encoder="tiny", trained_on=trained_on or {})


@pytest.mark.parametrize(
    ("labels", "works"),
    [
        ({"a": [(0, 6)]}, {"a"}),
        ({"a": [(0, 5)]}, set()),
        ({"a": [(0, 3), (7, 10)]}, {"a"}),
        ({"a": [(4, 100)], "b": [(0, 6)]}, {"a", "b"}),
        ({"a": [(10, 20)], "b": [(20, 30)]}, set()),
        ({"a": [(20 + i, 21 + i) for i in range(8)]}, set()),
        ({"a": [(0, 6), (20, 21)]}, {"a"}),
        ({"a": []}, set()),
        ({}, set()),
    ],
)
def test_a_segment_derives_from_the_works_that_cover_more_than_half_of_it(
    labels: dict[str, list[tuple[int, int]]], works: set[str]
) -> None:
    spans = {work: [Span(*s) for s in parts] for work, parts in labels.items()}
    assert truth_by_segment([Span(0, 10)], spans) == (frozenset(works),)


def test_each_segment_has_its_own_truth() -> None:
    truth = truth_by_segment([Span(0, 10), Span(11, 20), Span(25, 40)], {"a": [Span(4, 33)], "b": [Span(26, 40)]})
    assert truth == (frozenset("a"), frozenset("a"), frozenset("ab"))
    assert truth_by_segment([], {"a": [Span(0, 9)]}) == ()


def test_groups_are_dealt_out_to_five_folds_in_the_order_of_their_names() -> None:
    assert fold_of_groups({"g", "a", "f", "b", "e", "c", "d"}) == dict(
        zip("abcdefg", [0, 1, 2, 3, 4, 0, 1], strict=True)
    )
    assert list(fold_of_groups(["b", "a"])) == ["a", "b"]
    assert fold_of_groups("abc", 2) == {"a": 0, "b": 1, "c": 0}
    assert fold_of_groups([]) == {}


def test_a_fitted_segment_model_separates_what_can_be_separated() -> None:
    model = fitted().segment_model
    right = wrong = 0
    for output in (labelled(group, number) for group in GROUPS for number in range(100, 105)):
        for answer, p in zip(model.probabilities([p.figures for p in output.pairs]), output.pairs, strict=True):
            is_true = p.work in output.truth[p.segment]
            right, wrong = right + ((answer > 0.5) == is_true), wrong + ((answer > 0.5) != is_true)
    assert right > 50 * wrong
    assert np.argmax(np.abs(model.weights)) == FEATURES.index("dense")


def test_a_fitted_source_model_is_sure_of_sources_and_of_strangers() -> None:
    calibration = fitted()
    for number in (100, 101, 102):
        for output in (labelled(group, number) for group in GROUPS):
            answers = calibration.segment_model.probabilities([p.figures for p in output.pairs])
            for work, sure in source_confidences(output.pairs, answers, output.lengths, calibration).items():
                assert (sure > 0.6) if work in output.works else (sure < 0.4)


def test_a_calibration_keeps_its_encoder_its_even_thresholds_and_what_it_was_trained_on() -> None:
    trained_on = {"outputs": "aa"}
    calibration = fitted(trained_on=trained_on)
    trained_on["outputs"] = "changed afterwards"
    assert calibration.encoder == "tiny"
    assert (calibration.segment_min, calibration.source_min) == (0.5, 0.5)
    assert calibration.trained_on == {"outputs": "aa"}


def test_the_same_outputs_give_the_same_calibration_to_the_bit() -> None:
    again = [labelled(group, number) for group in GROUPS for number in range(6)]
    assert again == OUTPUTS
    assert fitted(again).identity == fitted().identity


def test_other_labels_give_another_calibration() -> None:
    first = OUTPUTS[1]
    other = [OUTPUTS[0], replace(first, truth=(first.truth[1], *first.truth[1:])), *OUTPUTS[2:]]
    assert fitted(other).segment_model != fitted().segment_model


def alone(group: str) -> list[LabelledEvidence]:
    """Outputs of one group where every source is of that group too."""
    of_group = [o for o in OUTPUTS if o.groups == {group}]
    return [replace(o, source_groups=dict.fromkeys(o.source_groups, group)) for o in of_group]


@pytest.mark.parametrize("outputs", [[], alone("art")], ids=["nothing", "one group"])
def test_fewer_than_two_groups_teach_nothing_that_holds_elsewhere(outputs: list[LabelledEvidence]) -> None:
    with pytest.raises(ValueError, match="at least two groups"):
        fitted(outputs)


def test_two_groups_are_enough() -> None:
    assert fitted(alone("art") + alone("sea")).segment_model.names == FEATURES


def test_outputs_without_any_source_teach_nothing() -> None:
    nothing = (frozenset[str](),) * SEGMENTS
    with pytest.raises(ValueError, match="both classes"):
        fitted([replace(o, truth=nothing, works=frozenset()) for o in OUTPUTS])
