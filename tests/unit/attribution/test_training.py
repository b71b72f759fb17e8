"""Fitting a calibration: the truth of each segment, folds of whole groups, and models that learn what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from provenance.attribution.calibration import Calibration
from provenance.attribution.evidence import FEATURES
from provenance.attribution.support import SUPPORT_FIGURES
from provenance.attribution.table import EvidenceTable
from provenance.attribution.training import LabelledEvidence, fit_calibration, fold_of_groups, truth_by_segment
from provenance.kernel.span import Span

from .labelled_values import GROUPS, LENGTHS, OUTPUTS, RecordingFit, evidence, fit_stumps


def fitted(outputs: Sequence[LabelledEvidence] = OUTPUTS, trained_on: Mapping[str, str] | None = None) -> Calibration:
    return fit_calibration(outputs, encoder="tiny", trained_on=trained_on or {}, fit=fit_stumps)


@pytest.mark.parametrize(
    ("labels", "works"),
    [
        ({"a": [(0, 6)]}, {"a"}),
        ({"a": [(0, 5)]}, set()),
        ({"a": [(0, 3), (7, 10)]}, {"a"}),
        ({"a": [(0, 4), (0, 4)]}, set()),
        ({"a": [(0, 4), (2, 5)]}, set()),
        ({"a": [(0, 4), (2, 6)]}, {"a"}),
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


def test_a_row_is_true_where_its_segment_derives_from_its_work() -> None:
    output = OUTPUTS[0]
    table = output.table
    expected = [table.works[w] in output.truth[s] for s, w in zip(table.segment, table.work, strict=True)]
    assert output.true_rows().tolist() == expected
    assert any(expected)


def test_rows_of_groups_are_those_of_their_sources() -> None:
    output = OUTPUTS[0]
    table = output.table
    assert output.rows_of(()).sum() == 0
    assert output.rows_of(GROUPS).all()
    assert output.rows_of({"art"}).tolist() == [table.works[w].startswith("art") for w in table.work]
    nothing = replace(output, table=replace_works(output), source_groups={})
    assert nothing.rows_of({"art"}).tolist() == []


def replace_works(output: LabelledEvidence) -> EvidenceTable:
    """Its table without any row or work."""
    empty = output.table.where(np.zeros(len(output.table), np.bool_))
    return replace(empty, works=())


FRESH = [evidence(group, number) for group in GROUPS for number in range(100, 105)]


def test_fitted_models_separate_what_can_be_separated() -> None:
    calibration = fitted()
    right = [
        (given > 0.5) == true
        for output in FRESH
        for given, true in zip(calibration.judge(output.table).probabilities, output.true_rows(), strict=True)
    ]
    assert sum(right) > 0.98 * len(right)


def test_a_fitted_source_model_is_sure_of_sources_and_of_strangers() -> None:
    calibration = fitted()
    for output in FRESH:
        for work, sure in calibration.judge(output.table).confidences.items():
            assert (sure > 0.6) if work in output.works else (sure < 0.4)


def test_each_look_has_its_own_figures_and_size() -> None:
    fit = RecordingFit()
    fit_calibration(OUTPUTS, encoder="tiny", trained_on={}, fit=fit)
    assert {(c.names, c.rounds, c.leaves) for c in fit.calls} == {(FEATURES, 250, 15), (SUPPORT_FIGURES, 150, 7)}
    assert len(fit.calls) == 2 * (5 + 1), "each look is cross-fitted in five folds and fitted to all"


def test_a_row_counts_by_its_output_and_the_square_root_of_its_characters() -> None:
    fit = RecordingFit()
    fit_calibration([replace(o, weight=3.0) for o in OUTPUTS], encoder="tiny", trained_on={}, fit=fit)
    everything = max((c.weights for c in fit.calls), key=len)
    expected = np.concatenate([3.0 * np.sqrt(np.array(LENGTHS)[o.table.segment]) for o in OUTPUTS])
    assert everything.tolist() == pytest.approx(expected.tolist())


def test_a_calibration_keeps_its_encoder_its_even_thresholds_and_what_it_was_trained_on() -> None:
    trained_on = {"outputs": "aa"}
    calibration = fitted(trained_on=trained_on)
    trained_on["outputs"] = "changed afterwards"
    assert calibration.encoder == "tiny"
    assert (calibration.segment_min, calibration.source_min) == (0.5, 0.5)
    assert calibration.trained_on == {"outputs": "aa"}


def test_the_same_outputs_give_the_same_calibration_to_the_bit() -> None:
    again = [evidence(group, number) for group in GROUPS for number in range(5)]
    assert fitted(again).identity == fitted().identity


def test_other_labels_give_another_calibration() -> None:
    first = OUTPUTS[1]
    other = [OUTPUTS[0], replace(first, truth=(first.truth[1] ^ {"art-1"}, *first.truth[1:])), *OUTPUTS[2:]]
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
    nothing = (frozenset[str](),) * len(LENGTHS)
    with pytest.raises(ValueError, match="both classes"):
        fitted([replace(o, truth=nothing, works=frozenset()) for o in OUTPUTS])
