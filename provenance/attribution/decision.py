"""Decide, for one part, which characters derive from which work, and with what confidence.

Every character goes to one work or to nobody; nothing is paid on evidence below the calibration's thresholds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provenance.attribution.calibration import Calibration, support_figures
from provenance.attribution.evidence import FEATURES, Pair, passage_words
from provenance.attribution.passages import Candidates, PartText
from provenance.kernel.parts import to_ppm
from provenance.kernel.span import Span

EXACT_RUN_WORDS = 8
NEAR_FOUND_MIN = 0.6
CONSIDERED_MIN = 0.05
_DOCUMENT_PREFERENCE = FEATURES.index("document_preference")


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
    every source with a confidence of `CONSIDERED_MIN` or more, found or not.
    """

    chars: int
    findings: tuple[SourceFinding, ...]
    considered: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        assert sum(f.chars for f in self.findings) <= self.chars, "no character is given away twice"


def decide(part: PartText, candidates: Candidates, pairs: Sequence[Pair], calibration: Calibration) -> PartDecision:
    """Score the pairs, give each segment to its best source, and keep the sources that are likely enough."""
    lengths = [len(s) for s in part.spans]
    probabilities = calibration.segment_model.probabilities([p.figures for p in pairs])
    confidences = source_confidences(pairs, probabilities, lengths, calibration)
    return settle(
        part,
        candidates,
        pairs,
        probabilities,
        confidences,
        segment_min=calibration.segment_min,
        source_min=calibration.source_min,
    )


def settle(
    part: PartText,
    candidates: Candidates,
    pairs: Sequence[Pair],
    probabilities: Sequence[float],
    confidences: Mapping[str, float],
    *,
    segment_min: float,
    source_min: float,
) -> PartDecision:
    """The decision that follows from a probability for each pair and a confidence for each source."""
    best = best_by_segment(pairs, probabilities)
    given: dict[str, list[tuple[Pair, float]]] = defaultdict(list)
    for segment in sorted(best):
        pair, probability = best[segment]
        if probability >= segment_min and confidences[pair.work] >= source_min:
            given[pair.work].append((pair, probability))
    findings = [_finding(part, candidates, work, confidences[work], given[work]) for work in sorted(given)]
    considered = sorted((w, c) for w, c in confidences.items() if c >= CONSIDERED_MIN)
    return PartDecision(chars=sum(map(len, part.spans)), findings=tuple(findings), considered=tuple(considered))


def best_by_segment(pairs: Sequence[Pair], probabilities: Sequence[float]) -> dict[int, tuple[Pair, float]]:
    """The likeliest source of each segment; between equals the one that was registered first.

    Candidates come in the order of registration. A work's id would be the wrong tie-break: whoever copies a text could
    choose a name whose id sorts first.
    """
    best: dict[int, tuple[Pair, float]] = {}
    for pair, probability in zip(pairs, probabilities, strict=True):
        found = best.get(pair.segment)
        if found is None or (-probability, pair.candidate) < (-found[1], found[0].candidate):
            best[pair.segment] = (pair, probability)
    return best


def source_confidences(
    pairs: Sequence[Pair], probabilities: Sequence[float], lengths: Sequence[int], calibration: Calibration
) -> dict[str, float]:
    """Calibrated probability, for each source in ``pairs``, that the part derives from it."""
    rows = support_rows(pairs, probabilities, lengths)
    works = sorted(rows)
    return dict(zip(works, calibration.source_model.probabilities([rows[w] for w in works]), strict=True))


def support_rows(
    pairs: Sequence[Pair], probabilities: Sequence[float], lengths: Sequence[int]
) -> dict[str, tuple[float, ...]]:
    """For each source, the figures that its confidence is computed from (see `support_figures`)."""
    best = best_by_segment(pairs, probabilities)
    total = sum(lengths)
    alone: dict[str, float] = defaultdict(float)
    preference: dict[str, float] = {}
    for pair, probability in zip(pairs, probabilities, strict=True):
        alone[pair.work] = max(alone[pair.work], probability)
        preference[pair.work] = pair.figures[_DOCUMENT_PREFERENCE]
    rows = {}
    for work, strongest in alone.items():
        mine = [(p, lengths[s]) for s, (pair, p) in best.items() if pair.work == work]
        rows[work] = support_figures(
            [p for p, _ in mine] or [strongest],
            [n for _, n in mine] or [0],
            part_length=total,
            document_preference=preference[work],
        )
    return rows


def _finding(
    part: PartText, candidates: Candidates, work: str, confidence: float, given: Sequence[tuple[Pair, float]]
) -> SourceFinding:
    segments = [pair.segment for pair, _ in given]
    return SourceFinding(
        work=work,
        confidence=confidence,
        spans=_joined(part, segments),
        chars=sum(len(part.spans[s]) for s in segments),
        matches=tuple(_match(part, candidates, pair, probability) for pair, probability in given),
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


def _match(part: PartText, candidates: Candidates, pair: Pair, probability: float) -> Match:
    source = candidates.segments[pair.candidate]
    span, source_span, kind = part.spans[pair.segment], source.span, MatchKind.SEMANTIC
    words = part.words[pair.segment]
    length = pair.run.length if pair.run else 0
    if pair.run and length >= min(EXACT_RUN_WORDS, max(4, len(words))):
        kind = MatchKind.EXACT
        passage = passage_words(candidates, pair.candidate)
        source_span = passage.span(pair.run.right, pair.run.right + length - 1)
        span = words.span(pair.run.left, pair.run.left + length - 1).shifted(span.start)
    elif pair.overlap.found >= NEAR_FOUND_MIN:
        kind = MatchKind.NEAR
    return Match(
        part_span=span,
        work=pair.work,
        revision=source.revision,
        source_span=source_span,
        kind=kind,
        probability_ppm=to_ppm(probability),
        dense_ppm=to_ppm(pair.dense),
        lexical_ppm=to_ppm(pair.overlap.found),
        run_words=length,
    )
