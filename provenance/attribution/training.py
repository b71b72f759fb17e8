"""Fit a calibration to labelled outputs, and say what it would have answered on groups that it never saw.

A group (a domain, an author, a story) is left out whole: what is learned on one must hold on the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from provenance.attribution.calibration import SUPPORT_FIGURES, Calibration
from provenance.attribution.decision import source_confidences, support_rows
from provenance.attribution.evidence import FEATURES, Pair
from provenance.attribution.scoring import LogisticModel, fit_logistic
from provenance.kernel.span import Span

FOLDS = 5
# Paying a source that is likelier right than wrong minimises the money that goes astray, so nothing is tuned here.
EVEN_CHANCE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledEvidence:
    """The evidence on one output and the truth.

    ``lengths`` are its segments' characters, ``truth`` the works that each segment derives from, ``works`` those that
    the output derives from. ``groups`` holds every group that it or one of its true sources is of, ``source_groups``
    the group of each work in ``pairs``.
    """

    lengths: tuple[int, ...]
    pairs: tuple[Pair, ...]
    truth: tuple[frozenset[str], ...]
    works: frozenset[str]
    groups: frozenset[str]
    source_groups: Mapping[str, str]


def truth_by_segment(spans: Sequence[Span], labels: Mapping[str, Sequence[Span]]) -> tuple[frozenset[str], ...]:
    """The works whose labelled spans cover more than half of each segment."""
    return tuple(
        frozenset(work for work, parts in labels.items() if 2 * sum(_common(span, p) for p in parts) > len(span))
        for span in spans
    )


def _common(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def fold_of_groups(groups: Collection[str], folds: int = FOLDS) -> dict[str, int]:
    """A fold for each group, dealt out in the order of their names."""
    return {group: i % folds for i, group in enumerate(sorted(groups))}


def fit_calibration(outputs: Sequence[LabelledEvidence], *, encoder: str, trained_on: Mapping[str, str]) -> Calibration:
    """A calibration from all of ``outputs``.

    The source model is fitted to probabilities that the segment models of other folds gave, so that it sees the kind of
    probability that it will see on works nobody has trained on.

    Raises:
        ValueError: too few outputs or groups to learn from.
    """
    everything = _all_groups(outputs)
    if len(everything) < 2:
        raise ValueError("training needs outputs of at least two groups (domains)")
    folds = fold_of_groups(everything)
    probabilities = cross_fitted(outputs, folds)
    return Calibration(
        encoder=encoder,
        segment_model=_segment_model(outputs),
        source_model=_source_model(outputs, probabilities),
        segment_min=EVEN_CHANCE,
        source_min=EVEN_CHANCE,
        trained_on=dict(trained_on),
    )


def cross_fitted(outputs: Sequence[LabelledEvidence], folds: Mapping[str, int]) -> list[list[float]]:
    """For each output, one probability a pair, from a model that saw no output and no source of the pair's fold."""
    probabilities = [[0.0] * len(output.pairs) for output in outputs]
    for fold in sorted(set(folds.values())):
        inside = {g for g, f in folds.items() if f == fold}
        model = _segment_model([o for o in outputs if not o.groups & inside], excluded=inside)
        for output, into in zip(outputs, probabilities, strict=True):
            mine = [i for i, p in enumerate(output.pairs) if output.source_groups[p.work] in inside]
            answers = model.probabilities([output.pairs[i].figures for i in mine])
            for i, probability in zip(mine, answers, strict=True):
                into[i] = probability
    return probabilities


def leave_groups_out(
    outputs: Sequence[LabelledEvidence],
) -> tuple[list[list[float]], list[dict[str, float]]]:
    """What calibrations that never saw a source's group say of it.

    Each is fitted from the start on the outputs and sources of other folds: a model of the second stage that learned
    from a first stage that saw the group would have seen it too.

    Returns, for each output: a probability for each pair, and a confidence for each source.

    Raises:
        ValueError: too few outputs or groups to learn from without one of the folds: it needs three groups or more.
    """
    folds = fold_of_groups(_all_groups(outputs))
    probabilities = [[0.0] * len(output.pairs) for output in outputs]
    confidences: list[dict[str, float]] = [{} for _ in outputs]
    for fold in sorted(set(folds.values())):
        inside = {g for g, f in folds.items() if f == fold}
        kept = [_without(o, inside) for o in outputs if not o.groups & inside]
        calibration = fit_calibration(kept, encoder="any", trained_on={})
        for output, given, into in zip(outputs, probabilities, confidences, strict=True):
            answers = calibration.segment_model.probabilities([p.figures for p in output.pairs])
            sure = source_confidences(output.pairs, answers, output.lengths, calibration)
            for i, pair in enumerate(output.pairs):
                if output.source_groups[pair.work] in inside:
                    given[i], into[pair.work] = answers[i], sure[pair.work]
    return probabilities, confidences


def _without(output: LabelledEvidence, groups: Collection[str]) -> LabelledEvidence:
    """The same evidence where no source of ``groups`` had been in the index."""
    sources = {w: g for w, g in output.source_groups.items() if g not in groups}
    return replace(output, pairs=tuple(p for p in output.pairs if p.work in sources), source_groups=sources)


def _all_groups(outputs: Sequence[LabelledEvidence]) -> set[str]:
    return {g for o in outputs for g in (*o.groups, *o.source_groups.values())}


def _segment_model(outputs: Sequence[LabelledEvidence], excluded: Collection[str] = ()) -> LogisticModel:
    rows, truth = [], []
    for output in outputs:
        for pair in output.pairs:
            if output.source_groups[pair.work] not in excluded:
                rows.append(pair.figures)
                truth.append(pair.work in output.truth[pair.segment])
    return fit_logistic(FEATURES, np.array(rows, np.float64), np.array(truth, np.bool_))


def _source_model(outputs: Sequence[LabelledEvidence], probabilities: Sequence[Sequence[float]]) -> LogisticModel:
    rows, truth = [], []
    for output, given in zip(outputs, probabilities, strict=True):
        for work, row in support_rows(output.pairs, given, output.lengths).items():
            rows.append(row)
            truth.append(work in output.works)
    return fit_logistic(SUPPORT_FIGURES, np.array(rows, np.float64), np.array(truth, np.bool_))
