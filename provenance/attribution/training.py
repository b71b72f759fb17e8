"""Fit a calibration to labelled outputs, and say what it would have answered on groups that it never saw.

A group (a domain, an author, a story) is left out whole: what is learned on one must hold on the next. Whatever learns
from another model's answers learns from answers on groups that this one never saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from provenance.attribution.calibration import Calibration, Judgement
from provenance.attribution.evidence import FEATURES
from provenance.attribution.policy import HeldOutOutput, HeldOutSource, choose_rules
from provenance.attribution.scoring import fit_logistic
from provenance.attribution.similarity import Floats
from provenance.attribution.support import SOURCE_FIGURES, SUPPORT_FIGURES, source_figures, support_figures
from provenance.attribution.table import EvidenceTable
from provenance.attribution.trees import BoostedTrees, FitTrees, Truth
from provenance.kernel.parts import WHOLE_PPB, split_exactly, to_ppm
from provenance.kernel.span import Span, merge

_Fit = Callable[[Sequence["LabelledEvidence"], Sequence[Floats]], BoostedTrees]

FOLDS = 5
SEGMENT_ROUNDS, SEGMENT_LEAVES = 250, 15
SUPPORT_ROUNDS, SUPPORT_LEAVES = 150, 7
# Paying a source that is likelier right than wrong minimises the money that goes astray, so nothing is tuned here.
EVEN_CHANCE = 0.5
RESAMPLING_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledEvidence:
    """The evidence on one output and the truth.

    ``truth`` holds the works that each segment derives from, ``works`` those that the output derives from. ``groups``
    holds every group that it or one of its true sources is of, ``source_groups`` the group of each work in ``table``.
    ``weight`` says how much it counts beside other outputs. Risks are judged on outputs with ``for_risk``: once an
    output, however many settings it is seen in.
    """

    table: EvidenceTable
    truth: tuple[frozenset[str], ...]
    works: frozenset[str]
    groups: frozenset[str]
    source_groups: Mapping[str, str]
    weight: float = 1.0
    for_risk: bool = True

    def true_rows(self) -> Truth:
        """For each row of the table, whether its segment derives from its work."""
        table = self.table
        rows = zip(table.segment.tolist(), table.work.tolist(), strict=True)
        return np.array([table.works[work] in self.truth[segment] for segment, work in rows], np.bool_)

    def rows_of(self, groups: Collection[str]) -> Truth:
        """For each row of the table, whether its source is of one of ``groups``."""
        inside = np.array([self.source_groups[w] in groups for w in self.table.works], np.bool_)
        return inside[self.table.work] if len(inside) else np.zeros(0, np.bool_)


def truth_by_segment(spans: Sequence[Span], labels: Mapping[str, Sequence[Span]]) -> tuple[frozenset[str], ...]:
    """The works whose labelled spans cover more than half of each segment; what two of them cover counts once."""
    labelled = {work: merge(parts) for work, parts in labels.items()}
    return tuple(
        frozenset(work for work, parts in labelled.items() if 2 * sum(_common(span, p) for p in parts) > len(span))
        for span in spans
    )


def _common(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def fold_of_groups(groups: Collection[str], folds: int = FOLDS) -> dict[str, int]:
    """A fold for each group, dealt out in the order of their names."""
    return {group: i % folds for i, group in enumerate(sorted(groups))}


def fit_calibration(
    outputs: Sequence[LabelledEvidence], *, encoder: str, trained_on: Mapping[str, str], fit: FitTrees
) -> Calibration:
    """A calibration from all of ``outputs``.

    Raises:
        ValueError: too few outputs or groups to learn from.
    """
    everything = _all_groups(outputs)
    if len(everything) < 2:
        raise ValueError("training needs outputs of at least two groups (domains)")
    folds = fold_of_groups(everything)
    first_rows = [o.table.figures for o in outputs]
    first = cross_fitted(outputs, first_rows, folds, lambda kept, rows: _segment_model(kept, rows, fit))
    second_rows = [support_figures(o.table, p) for o, p in zip(outputs, first, strict=True)]
    second = cross_fitted(outputs, second_rows, folds, lambda kept, rows: _support_model(kept, rows, fit))
    figures = [source_figures(o.table, p) for o, p in zip(outputs, second, strict=True)]
    calibration = Calibration(
        encoder=encoder,
        segment_model=_segment_model(outputs, first_rows, fit),
        support_model=_support_model(outputs, second_rows, fit),
        source_model=fit_logistic(
            SOURCE_FIGURES,
            np.concatenate(figures),
            np.array([work in o.works for o in outputs for work in o.table.works], np.bool_),
            np.array([o.weight for o in outputs for _ in o.table.works]),
        ),
        segment_min=EVEN_CHANCE,
        source_min=EVEN_CHANCE,
        trained_on=dict(trained_on),
    )
    decided = [
        held_out(output, calibration.judged(output.table, p))
        for output, p in zip(outputs, second, strict=True)
        if output.for_risk
    ]
    return replace(calibration, rules=choose_rules(decided, seed=RESAMPLING_SEED))


def held_out(output: LabelledEvidence, judged: Judgement) -> HeldOutOutput:
    """What would be paid of an output at even chances, and whether rightly; for the choice of rules.

    Each segment goes to its likeliest work, the first registered of equals.
    """
    table = output.table
    chars: dict[int, int] = defaultdict(int)
    order = np.lexsort((table.work, -judged.probabilities, table.segment))
    first = order[np.unique(table.segment[order], return_index=True)[1]]
    for row in first.tolist():
        work = table.works[table.work[row]]
        if judged.probabilities[row] >= EVEN_CHANCE and judged.confidences[work] >= EVEN_CHANCE:
            chars[int(table.work[row])] += int(table.lengths[table.segment[row]])
    nobody = int(table.lengths.sum()) - sum(chars.values())
    *shares, _ = split_exactly(WHOLE_PPB, [*chars.values(), nobody]) if table.lengths.sum() else [0]
    sources = tuple(
        HeldOutSource(
            share_ppb=share,
            confidence_ppm=to_ppm(judged.confidences[table.works[work]]),
            derives=table.works[work] in output.works,
        )
        for work, share in zip(chars, shares, strict=True)
    )
    return HeldOutOutput(group="+".join(sorted(output.groups)), sources=sources)


def cross_fitted(
    outputs: Sequence[LabelledEvidence], rows: Sequence[Floats], folds: Mapping[str, int], model: _Fit
) -> list[Floats]:
    """For each output, one probability a row, from a model that saw no output and no source of the row's fold."""
    probabilities = [np.zeros(len(output.table)) for output in outputs]
    for fold in sorted(set(folds.values())):
        inside = {g for g, f in folds.items() if f == fold}
        kept, kept_rows = [], []
        for output, figures in zip(outputs, rows, strict=True):
            if not output.groups & inside:
                known = ~output.rows_of(inside)
                kept.append(replace(output, table=output.table.where(known)))
                kept_rows.append(figures[known])
        fitted = model(kept, kept_rows)
        for output, figures, into in zip(outputs, rows, probabilities, strict=True):
            mine = output.rows_of(inside)
            into[mine] = fitted.probabilities(figures[mine])
    return probabilities


def leave_groups_out(outputs: Sequence[LabelledEvidence], fit: FitTrees) -> list[Judgement]:
    """What calibrations that never saw a source's group say of it, for each output.

    Each is fitted from the start on the outputs and sources of other folds: a later model that learned from an earlier
    one that saw the group would have seen it too.

    Raises:
        ValueError: too few outputs or groups to learn from without one of the folds: it needs three groups or more.
    """
    folds = fold_of_groups(_all_groups(outputs))
    probabilities = [np.zeros(len(output.table)) for output in outputs]
    confidences: list[dict[str, float]] = [{} for _ in outputs]
    for fold in sorted(set(folds.values())):
        inside = {g for g, f in folds.items() if f == fold}
        kept = [_without(o, inside) for o in outputs if not o.groups & inside]
        calibration = fit_calibration(kept, encoder="any", trained_on={}, fit=fit)
        for output, given, into in zip(outputs, probabilities, confidences, strict=True):
            mine = output.rows_of(inside)
            if mine.any():
                judged = calibration.judge(output.table)
                given[mine] = judged.probabilities[mine]
                into |= {w: c for w, c in judged.confidences.items() if output.source_groups[w] in inside}
    return [Judgement(probabilities=p, confidences=c) for p, c in zip(probabilities, confidences, strict=True)]


def _without(output: LabelledEvidence, groups: Collection[str]) -> LabelledEvidence:
    """The same evidence where no source of ``groups`` had been in the index."""
    return replace(output, table=output.table.where(~output.rows_of(groups)).met())


def _all_groups(outputs: Sequence[LabelledEvidence]) -> set[str]:
    """Every group of an output or of one of its pairs' sources."""
    seen = {g for o in outputs for g in o.groups}
    for output in outputs:
        seen.update(output.source_groups[output.table.works[w]] for w in np.unique(output.table.work))
    return seen


def _segment_model(outputs: Sequence[LabelledEvidence], rows: Sequence[Floats], fit: FitTrees) -> BoostedTrees:
    return fit(FEATURES, *_examples(outputs, rows), rounds=SEGMENT_ROUNDS, leaves=SEGMENT_LEAVES)


def _support_model(outputs: Sequence[LabelledEvidence], rows: Sequence[Floats], fit: FitTrees) -> BoostedTrees:
    return fit(SUPPORT_FIGURES, *_examples(outputs, rows), rounds=SUPPORT_ROUNDS, leaves=SUPPORT_LEAVES)


def _examples(outputs: Sequence[LabelledEvidence], rows: Sequence[Floats]) -> tuple[Floats, Truth, Floats]:
    """Figures, truth and weight of every row.

    A long segment is more money than a short one, but not as much more evidence: hence the square root of its length.
    """
    truth = np.concatenate([np.zeros(0, np.bool_), *(o.true_rows() for o in outputs)])
    if len(truth) < 2 or truth.all() or not truth.any():
        raise ValueError("a model needs examples of both classes")
    weights = [o.weight * np.sqrt(o.table.lengths[o.table.segment]) for o in outputs]
    return np.concatenate(rows), truth, np.concatenate(weights)
