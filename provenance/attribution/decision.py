"""Decide, for one part, which characters derive from which work, and with what confidence.

Every character goes to one work or to nobody; nothing is paid on evidence below the calibration's thresholds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provenance.attribution.calibration import Calibration
from provenance.attribution.evidence import Pair
from provenance.attribution.passages import PartText
from provenance.attribution.table import evidence_table
from provenance.attribution.unearned import Reason
from provenance.kernel.parts import to_ppm
from provenance.kernel.span import Span

EXACT_RUN_WORDS = 8
NEAR_FOUND_MIN = 0.6
CONSIDERED_MIN = 0.05


class MatchKind(StrEnum):
    """How close the words are: the same run, mostly the same words, or the same meaning."""

    EXACT = "exact"
    NEAR = "near"
    SEMANTIC = "semantic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Evidence that a span of a part resembles a span of a source revision.

    A match is a fact, so its scores are integers: millionths of probability, cosine and found word mass; ``run_words``
    counts the words of the longest shared run.
    """

    part_span: Span
    work: str
    revision: str
    source_span: Span
    kind: MatchKind
    probability_ppm: int
    dense_ppm: int
    lexical_ppm: int
    run_words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFinding:
    """What a part owes to one work: spans of the part (disjoint), their characters, confidence, matches."""

    work: str
    confidence: float
    spans: tuple[Span, ...]
    chars: int
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDecision:
    """The decision on one part.

    ``chars`` counts the characters of all segments; those that no finding has are unattributed. ``considered`` holds
    every source with a confidence of `CONSIDERED_MIN` or more, found or not. ``set_aside`` counts the characters that
    are nobody's for a reason that has nothing to do with the evidence.
    """

    chars: int
    findings: tuple[SourceFinding, ...]
    considered: tuple[tuple[str, float], ...]
    set_aside: tuple[tuple[Reason, int], ...] = ()

    def __post_init__(self) -> None:
        assert sum(f.chars for f in self.findings) <= self.chars, "no character is given away twice"


def decide(part: PartText, pairs: Sequence[Pair], calibration: Calibration) -> PartDecision:
    """Judge the pairs, give each segment to its best source, and keep the sources that are likely enough."""
    judged = calibration.judge(evidence_table(pairs, [len(s) for s in part.spans]))
    return settle(
        part,
        pairs,
        judged.probabilities.tolist(),
        judged.confidences,
        segment_min=calibration.segment_min,
        source_min=calibration.source_min,
    )


def settle(
    part: PartText,
    pairs: Sequence[Pair],
    probabilities: Sequence[float],
    confidences: Mapping[str, float],
    *,
    segment_min: float,
    source_min: float,
) -> PartDecision:
    """The decision that follows from a probability for each pair and a confidence for each source."""
    best = best_by_segment(pairs, probabilities, segment_min=segment_min)
    given: dict[str, list[tuple[Pair, float]]] = defaultdict(list)
    for segment in sorted(best):
        pair, probability = best[segment]
        if probability >= segment_min and confidences[pair.work] >= source_min:
            given[pair.work].append((pair, probability))
    findings = [_finding(part, work, confidences[work], given[work]) for work in sorted(given)]
    considered = sorted((w, c) for w, c in confidences.items() if c >= CONSIDERED_MIN)
    return PartDecision(chars=sum(map(len, part.spans)), findings=tuple(findings), considered=tuple(considered))


def best_by_segment(
    pairs: Sequence[Pair], probabilities: Sequence[float], *, segment_min: float
) -> dict[int, tuple[Pair, float]]:
    """The likeliest source of each segment; of works that hold the same passage, the one that was registered first.

    A copy of a work is as likely as the work, or by chance a little likelier: what stands in several works is one
    passage, and the first claim on it holds. Ordinals come in the order of registration. A work's id would be the wrong
    tie-break: whoever copies a text could choose a name whose id sorts first.
    """
    likeliest: dict[int, tuple[Pair, float]] = {}
    for pair, probability in zip(pairs, probabilities, strict=True):
        found = likeliest.get(pair.segment)
        if found is None or (-probability, pair.source.ordinal) < (-found[1], found[0].source.ordinal):
            likeliest[pair.segment] = (pair, probability)
    best = dict(likeliest)
    for pair, probability in zip(pairs, probabilities, strict=True):
        winner, highest = likeliest[pair.segment]
        same = pair.passage == winner.passage and probability >= min(segment_min, highest)
        if same and pair.source.ordinal < best[pair.segment][0].source.ordinal:
            best[pair.segment] = (pair, probability)
    return best


def _finding(part: PartText, work: str, confidence: float, given: Sequence[tuple[Pair, float]]) -> SourceFinding:
    segments = [pair.segment for pair, _ in given]
    return SourceFinding(
        work=work,
        confidence=confidence,
        spans=_joined(part, segments),
        chars=sum(len(part.spans[s]) for s in segments),
        matches=tuple(_match(part, pair, probability) for pair, probability in given),
    )


def _joined(part: PartText, segments: Sequence[int]) -> tuple[Span, ...]:
    """Spans of these segments (ascending); neighbours with at most one character between them become one span."""
    spans: list[Span] = []
    before = None
    for number in segments:
        span = part.spans[number]
        if number - 1 == before and span.start <= spans[-1].end + 1:
            spans[-1] = Span(spans[-1].start, span.end)
        else:
            spans.append(span)
        before = number
    return tuple(spans)


def _match(part: PartText, pair: Pair, probability: float) -> Match:
    span, source_span, kind = part.spans[pair.segment], pair.source.span, MatchKind.SEMANTIC
    run_words = pair.run.words if pair.run else 0
    if pair.run and run_words >= min(EXACT_RUN_WORDS, max(4, len(part.words[pair.segment]))):
        span, source_span, kind = pair.run.part_span, pair.run.source_span, MatchKind.EXACT
    elif pair.found >= NEAR_FOUND_MIN:
        kind = MatchKind.NEAR
    return Match(
        part_span=span,
        work=pair.work,
        revision=pair.source.revision,
        source_span=source_span,
        kind=kind,
        probability_ppm=to_ppm(probability),
        dense_ppm=to_ppm(pair.dense),
        lexical_ppm=to_ppm(pair.found),
        run_words=run_words,
    )
