"""How right decisions are, against the truth: where money went, which characters were found, how confidence holds.

The definitions are those of the public attribution benchmark. Every figure that nothing is known of is None, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from provenance.attribution.decision import PartDecision
from provenance.attribution.shares import roll_up
from provenance.kernel.parts import WHOLE_PPB
from provenance.kernel.span import Span, merge

BINS = 15
Z_95 = 1.959963984540054  # standard deviations that hold 95 % of a normal distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What an output derives from: shares by source, the share of nobody, and spans where all sources have theirs."""

    shares: Mapping[str, float]
    unattributed: float
    spans: Mapping[str, tuple[Span, ...]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanCount:
    """Characters, counted once for each source: said and true, said, true."""

    hit: int
    said: int
    true: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One decision beside its truth.

    ``share_tv`` is half the sum of what each share, the unattributed one included, is off by. ``paid`` is what all
    sources got. ``considered`` pairs the confidence in each source considered with whether the output derives from it.
    """

    share_tv: float
    misdirected: float
    missed: float
    paid: float
    from_nothing: bool
    spans: SpanCount | None
    considered: tuple[tuple[float, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A part of a whole with the bounds that hold it with 95 % confidence."""

    part: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Sources considered with about the same confidence: how many, their mean confidence, how many were right."""

    count: int
    confidence: float
    right: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How right a group of decisions is; shares of money, and parts of 1.

    ``false_payouts`` is the part of the ``from_nothing`` outputs (those that derive from no source) that pay somebody.
    """

    outputs: int
    share_tv: float | None
    misdirected: float | None
    missed: float | None
    from_nothing: int
    false_payouts: Interval | None
    false_payout_money: float | None
    span_precision: float | None
    span_recall: float | None
    span_f1: float | None
    considered: int
    ece: float | None
    brier: float | None


def judge(decision: PartDecision, truth: Truth) -> Judged:
    """Set a decision beside its truth."""
    shares = roll_up([decision])
    paid = {a.work: a.share_ppb / WHOLE_PPB for a in shares.attributions}
    off = sum(abs(paid.get(w, 0.0) - truth.shares.get(w, 0.0)) for w in sorted(paid.keys() | truth.shares.keys()))
    return Judged(
        share_tv=(off + abs(shares.unattributed_ppb / WHOLE_PPB - truth.unattributed)) / 2,
        misdirected=sum(share for work, share in paid.items() if work not in truth.shares),
        missed=sum(max(0.0, share - paid.get(work, 0.0)) for work, share in truth.shares.items()),
        paid=sum(paid.values()),
        from_nothing=not truth.shares,
        spans=_count_spans(decision, truth.spans) if truth.spans is not None else None,
        considered=tuple((confidence, work in truth.shares) for work, confidence in decision.considered),
    )


def figures(judged: Sequence[Judged]) -> Figures:
    """Means over outputs; spans and confidences over all characters and sources together."""
    nothing = [j for j in judged if j.from_nothing]
    considered = [c for j in judged for c in j.considered]
    precision, recall, f1 = _span_figures([j.spans for j in judged if j.spans is not None])
    ece, brier = calibration_error(considered)
    return Figures(
        outputs=len(judged),
        share_tv=_mean([j.share_tv for j in judged]),
        misdirected=_mean([j.misdirected for j in judged]),
        missed=_mean([j.missed for j in judged]),
        from_nothing=len(nothing),
        false_payouts=wilson(sum(j.paid > 0 for j in nothing), len(nothing)) if nothing else None,
        false_payout_money=_mean([j.paid for j in nothing]),
        span_precision=precision,
        span_recall=recall,
        span_f1=f1,
        considered=len(considered),
        ece=ece,
        brier=brier,
    )


def calibration_error(considered: Sequence[tuple[float, bool]]) -> tuple[float | None, float | None]:
    """Expected calibration error over `BINS` bins of equal mass, and the Brier score; None where there is nothing."""
    if not considered:
        return None, None
    gap = sum(b.count * abs(b.confidence - b.right.part) for b in reliability_bins(considered)) / len(considered)
    return gap, math.fsum((c - right) ** 2 for c, right in considered) / len(considered)


def reliability_bins(considered: Sequence[tuple[float, bool]], bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of equal mass in order of confidence, as `numpy.array_split` cuts them; empty ones are left out."""
    pairs = np.array(considered, np.float64).reshape(-1, 2)
    order = np.argsort(pairs[:, 0], kind="stable")
    parts = [pairs[part] for part in np.array_split(order, bins) if len(part)]
    return tuple(
        Bin(count=len(p), confidence=float(p[:, 0].mean()), right=wilson(int(p[:, 1].sum()), len(p))) for p in parts
    )


def wilson(successes: int, trials: int) -> Interval:
    """A part with its 95 % interval by Wilson's score (1927), which holds for few trials and parts near 0 and 1."""
    part, square = successes / trials, Z_95**2
    centre = (part + square / (2 * trials)) / (1 + square / trials)
    half = Z_95 * math.sqrt(part * (1 - part) / trials + square / (4 * trials**2)) / (1 + square / trials)
    return Interval(part=part, low=max(0.0, min(part, centre - half)), high=min(1.0, max(part, centre + half)))


def _count_spans(decision: PartDecision, true: Mapping[str, tuple[Span, ...]]) -> SpanCount:
    said = {f.work: merge(f.spans) for f in decision.findings}
    truth = {work: merge(spans) for work, spans in true.items()}
    return SpanCount(
        hit=sum(_shared(said[work], spans) for work, spans in truth.items() if work in said),
        said=sum(len(s) for spans in said.values() for s in spans),
        true=sum(len(s) for spans in truth.values() for s in spans),
    )


def _shared(left: Sequence[Span], right: Sequence[Span]) -> int:
    """Characters that two sorted, disjoint lists of spans have in common."""
    count = i = j = 0
    while i < len(left) and j < len(right):
        count += max(0, min(left[i].end, right[j].end) - max(left[i].start, right[j].start))
        if left[i].end <= right[j].end:
            i += 1
        else:
            j += 1
    return count


def _span_figures(counts: Sequence[SpanCount]) -> tuple[float | None, float | None, float | None]:
    if not counts:
        return None, None, None
    hit = sum(c.hit for c in counts)
    precision = hit / max(sum(c.said for c in counts), 1)
    recall = hit / max(sum(c.true for c in counts), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
