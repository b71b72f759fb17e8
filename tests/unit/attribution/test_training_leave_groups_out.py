"""A group never teaches the model that judges it.

Two proofs: the fitters are watched and never see a row that they will judge the group of; and changing what is said of
one group, as much as can be, moves nothing that is answered about it by a bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from provenance.attribution.evidence import FEATURES
from provenance.attribution.similarity import Floats
from provenance.attribution.table import EvidenceTable
from provenance.attribution.training import (
    LabelledEvidence,
    cross_fitted,
    fit_calibration,
    fold_of_groups,
    leave_groups_out,
)
from provenance.attribution.trees import BoostedTrees

from .labelled_values import GROUPS, OF_WORK, OUTPUTS, RecordingFit, evidence, fit_stumps, groups_of_rows

FOLDS = fold_of_groups(GROUPS)


def group_of_rows(output: LabelledEvidence) -> list[str]:
    return [OF_WORK[output.table.works[w]] for w in output.table.work.tolist()]


def segment_model(kept: Sequence[LabelledEvidence], rows: Sequence[Floats]) -> BoostedTrees:
    truth = np.concatenate([o.true_rows() for o in kept])
    return fit_stumps(FEATURES, np.concatenate(rows), truth, np.ones(len(truth)), rounds=1, leaves=2)


def cross(outputs: Sequence[LabelledEvidence]) -> list[Floats]:
    return cross_fitted(outputs, [o.table.figures for o in outputs], FOLDS, segment_model)


class Watched:
    """A fitted model that remembers which groups it was told of, and of which rows it was asked."""

    def __init__(self, told_of: frozenset[str], asked: list[tuple[frozenset[str], bytes]]) -> None:
        self._told_of, self._asked = told_of, asked

    def probabilities(self, rows: Floats) -> Floats:
        self._asked += [(self._told_of, row.tobytes()) for row in rows]
        return np.full(len(rows), 0.5)


def test_no_row_is_answered_by_a_model_that_was_told_of_its_sources_group() -> None:
    tells = groups_of_rows(OUTPUTS)
    asked: list[tuple[frozenset[str], bytes]] = []

    def watch(kept: Sequence[LabelledEvidence], rows: Sequence[Floats]) -> BoostedTrees:
        told_of = frozenset().union(*(tells[row.tobytes()] for some in rows for row in some))
        assert sum(map(len, rows)) == sum(len(o.table) for o in kept)
        return Watched(told_of, asked)  # type: ignore[return-value]  # it answers the one question that is put

    cross_fitted(OUTPUTS, [o.table.figures for o in OUTPUTS], FOLDS, watch)
    of_source = {
        row.tobytes(): group for o in OUTPUTS for row, group in zip(o.table.figures, group_of_rows(o), strict=True)
    }
    assert sorted(row for _, row in asked) == sorted(of_source), "each row is asked for once"
    for told_of, row in asked:
        assert of_source[row] not in told_of
        fold = {group for group in GROUPS if FOLDS[group] == FOLDS[of_source[row]]}
        assert told_of == set(GROUPS) - fold, "all other groups teach"


def test_what_calibrations_learn_from_was_never_answered_by_those_who_knew_it() -> None:
    # Every fit inside of one that leaves a fold out sees nothing of that fold, in either look.
    tells, fit = groups_of_rows(OUTPUTS), RecordingFit()
    leave_groups_out(OUTPUTS, fit)
    first_looks = [c.rows for c in fit.calls if c.names == FEATURES]
    told_of = [frozenset().union(*(tells[row.tobytes()] for row in rows)) for rows in first_looks]
    for fold in sorted(set(FOLDS.values())):
        outside = {group for group in GROUPS if FOLDS[group] != fold}
        fits = len(outside) + 1  # four or five groups are as many folds inside; the last fit is on all that is left
        some, told_of = told_of[:fits], told_of[fits:]
        assert all(told <= outside for told in some)
        assert some[-1] == outside
    assert not told_of


def lied_about(output: LabelledEvidence, group: str) -> LabelledEvidence:
    """The output with every label that names a source of the group turned round, wherever the output comes from."""
    works = {w for w, g in output.source_groups.items() if g == group}
    return replace(output, truth=tuple(t ^ works for t in output.truth), works=frozenset(output.works ^ works))


def answers_on(group: str, outputs: list[LabelledEvidence], *, others: bool = False) -> tuple[object, object]:
    """What leaving groups out says of the group's own sources in all outputs, or else of the sources of all others."""
    judged = leave_groups_out(outputs, fit_stumps)
    by_pair = [
        given
        for output, one in zip(outputs, judged, strict=True)
        for given, of in zip(one.probabilities.tolist(), group_of_rows(output), strict=True)
        if (of == group) != others
    ]
    by_source = [
        (w, c) for one in judged for w, c in sorted(one.confidences.items()) if (OF_WORK[w] == group) != others
    ]
    return by_pair, by_source


@pytest.mark.parametrize("group", ["art", "law", "zoo"])
def test_lies_about_a_group_never_reach_what_is_said_of_it(group: str) -> None:
    lied = [lied_about(output, group) for output in OUTPUTS]
    assert answers_on(group, lied) == answers_on(group, OUTPUTS)


@pytest.mark.parametrize("group", ["art", "law", "zoo"])
def test_the_same_lies_do_reach_what_is_said_of_other_groups(group: str) -> None:
    lied = [lied_about(output, group) for output in OUTPUTS]
    honest, dishonest = answers_on(group, OUTPUTS, others=True), answers_on(group, lied, others=True)
    assert all(h != d for h, d in zip(honest, dishonest, strict=True))


@pytest.mark.parametrize("group", ["bio", "zoo"])
def test_lies_about_a_group_never_reach_its_cross_fitted_probabilities(group: str) -> None:
    honest, dishonest = cross(OUTPUTS), cross([lied_about(output, group) for output in OUTPUTS])
    same, other = [], []
    for output, before, after in zip(OUTPUTS, honest, dishonest, strict=True):
        for of, x, y in zip(group_of_rows(output), before, after, strict=True):
            (same if of == group else other).append(x == y)
    assert all(same)
    assert not all(other)


def test_every_pair_and_every_source_has_an_answer_in_its_place() -> None:
    for output, judged in zip(OUTPUTS, leave_groups_out(OUTPUTS, fit_stumps), strict=True):
        assert len(judged.probabilities) == len(output.table)
        assert set(judged.confidences) == set(output.source_groups)
        assert all(0 < p < 1 for p in (*judged.probabilities, *judged.confidences.values()))


def test_what_was_learned_elsewhere_holds() -> None:
    judged = leave_groups_out(OUTPUTS, fit_stumps)
    pairs = [
        (true, given > 0.5)
        for o, one in zip(OUTPUTS, judged, strict=True)
        for true, given in zip(o.true_rows(), one.probabilities, strict=True)
    ]
    assert sum(given == true for true, given in pairs) > 0.95 * len(pairs)
    sources = [(w in o.works, c > 0.5) for o, j in zip(OUTPUTS, judged, strict=True) for w, c in j.confidences.items()]
    assert sum(given == true for true, given in sources) > 0.9 * len(sources)


def never_had(output: LabelledEvidence, group: str) -> LabelledEvidence:
    """The output as it is where no source of the group was ever registered."""
    table = output.table
    left = [n for n, w in enumerate(table.works) if OF_WORK[w] != group]
    kept = np.isin(table.work, left)
    return replace(
        output,
        table=EvidenceTable(
            works=tuple(table.works[n] for n in left),
            lengths=table.lengths,
            segment=table.segment[kept],
            work=np.searchsorted(left, table.work[kept]),
            passage=table.passage[kept],
            figures=table.figures[kept],
        ),
        source_groups={w: g for w, g in output.source_groups.items() if g != group},
    )


def test_a_group_is_judged_by_the_calibration_of_the_others_as_if_it_had_never_been() -> None:
    # Sea is alone in its fold.
    rest = [never_had(o, "sea") for o in OUTPUTS if "sea" not in o.groups]
    calibration = fit_calibration(rest, encoder="any", trained_on={}, fit=fit_stumps)
    for output, judged in zip(OUTPUTS, leave_groups_out(OUTPUTS, fit_stumps), strict=True):
        expected = calibration.judge(output.table)
        mine = [n for n, group in enumerate(group_of_rows(output)) if group == "sea"]
        assert judged.probabilities[mine].tolist() == expected.probabilities[mine].tolist()
        sure = {w: c for w, c in expected.confidences.items() if OF_WORK[w] == "sea"}
        assert {w: c for w, c in judged.confidences.items() if OF_WORK[w] == "sea"} == pytest.approx(sure, abs=1e-12)


def test_two_groups_are_too_few_to_leave_one_out() -> None:
    art = [evidence("art", n) for n in range(5)]
    art = [replace(o, source_groups=dict.fromkeys(o.source_groups, "art")) for o in art]
    bio = [replace(o, groups=frozenset({"bio"}), source_groups=dict.fromkeys(o.source_groups, "bio")) for o in art]
    with pytest.raises(ValueError, match="at least two groups"):
        leave_groups_out([*art, *bio], fit_stumps)
