"""Attribute a text: segments, vectors, candidates from the snapshot, evidence, decision."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from provenance.attribution.calibration import Calibration
from provenance.attribution.decision import PartDecision, best_by_segment, decide
from provenance.attribution.evidence import STRETCH_SEGMENTS, Pair, gather_evidence
from provenance.attribution.lexical import Rarity
from provenance.attribution.passages import PartText, part_text
from provenance.attribution.policy import DecisionPolicy
from provenance.attribution.preamble import cut_part
from provenance.attribution.table import evidence_table
from provenance.attribution.timely import Registered
from provenance.attribution.unearned import Unearned, earning, set_aside, unearned, works_sharing_runs
from provenance.fingerprints.sampling import kgrams_by_segment
from provenance.kernel.errors import TooLarge
from provenance.kernel.span import Span
from provenance.services.as_of import IndexAsOf
from provenance.services.neighbours import neighbours
from provenance.services.ports import Encoder, SourceIndex
from provenance.services.records import DecidedBy

SEGMENTS_MAX = 4_000
EXACT_SEGMENTS_MAX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEvidence:
    """Everything that a decision on one part is made from; ``said`` are the characters that speak of the answer."""

    part: PartText
    said: tuple[Span, ...]
    pairs: tuple[Pair, ...]


class Attributor:
    """Attributes texts against one snapshot with one calibration; refuses a pair of different encoders.

    Raises:
        SnapshotUnusable: encoder, snapshot and calibration don't belong together.
    """

    def __init__(self, encoder: Encoder, index: SourceIndex, rarity: Rarity, calibration: Calibration) -> None:
        calibration.check_encoder(encoder.identity.name)
        calibration.check_encoder(index.published.encoder)
        self._encoder, self._index, self._rarity, self._calibration = encoder, index, rarity, calibration

    @property
    def identity(self) -> DecidedBy:
        """What its decisions are made by."""
        return DecidedBy(
            encoder=self._encoder.identity.name,
            snapshot=self._index.published.digest,
            calibration=self._calibration.identity,
        )

    @property
    def policy(self) -> DecisionPolicy:
        """From which confidence on a use is paid under a licence that states a risk."""
        return self._calibration.policy

    def as_of(self, registered: Registered) -> Attributor:
        """One that decides as if nothing had been registered since; made for one output."""
        if not registered.later:
            return self
        index = IndexAsOf(self._index, registered)
        return Attributor(self._encoder, index, self._rarity, self._calibration)

    def attribute(self, text: str, *, prompt: str | None = None) -> PartDecision:
        """Decide on one part's text. What came with the ``prompt``, or tells no source, earns nobody anything."""
        found = find_evidence(text, self._encoder, self._index, self._rarity)
        part, shared = found.part, works_sharing_runs(found.pairs)
        out = unearned(
            part.text, part.spans, part.words, self._rarity, prompt=prompt, works_sharing=shared, said=found.said
        )
        if not out.reasons:
            return decide(part, found.pairs, self._calibration)
        decided = decide(part, self._earning(found, out), self._calibration)
        return replace(decided, set_aside=set_aside(part.spans, out, [s for f in decided.findings for s in f.spans]))

    def _earning(self, found: PartEvidence, out: Unearned) -> tuple[Pair, ...]:
        part, calibration = found.part, self._calibration
        telling = [p for p in found.pairs if p.segment not in out.reasons]
        judged = calibration.judge(evidence_table(telling, [len(s) for s in part.spans]))
        best = best_by_segment(telling, judged.probabilities.tolist(), segment_min=calibration.segment_min)
        given = {s: pair.work for s, (pair, likely) in best.items() if likely >= calibration.segment_min}
        return earning(found.pairs, given, out)


def find_evidence(text: str, encoder: Encoder, index: SourceIndex, rarity: Rarity) -> PartEvidence:
    """Evidence on one part's text from two sides: nearest vectors, and runs of equal words.

    Raises:
        TooLarge: more than `SEGMENTS_MAX` segments.
    """
    cut = cut_part(text)
    spans = cut.spans
    if len(spans) > SEGMENTS_MAX:
        raise TooLarge(
            f"The text has {len(spans):,} sentences or paragraphs, over the bound of {SEGMENTS_MAX:,}.",
            mend="Send it as several parts.",
        )
    part = part_text(text, spans, encoder.encode(text, spans), rarity)
    exact = _exact_segments(part, index)
    pairs: list[Pair] = []
    for first in range(0, len(spans), STRETCH_SEGMENTS):
        pairs += _stretch_evidence(part, first, exact, index)
    return PartEvidence(part=part, said=cut.said, pairs=tuple(pairs))


def _stretch_evidence(part: PartText, first: int, exact: Mapping[int, Set[int]], index: SourceIndex) -> list[Pair]:
    """Evidence on one stretch of a part: memory and time are bounded however long the part is."""
    stretch = part.stretch(first, first + STRETCH_SEGMENTS)
    exact_here = {place - first: hits for place, hits in exact.items() if 0 <= place - first < len(stretch.spans)}
    candidates, shared = neighbours(stretch.vectors, exact_here, index)
    return gather_evidence(stretch, candidates, shared, first=first)


def _exact_segments(part: PartText, index: SourceIndex) -> Mapping[int, Set[int]]:
    """For each segment of the part, the source segments that share most of its sampled k-grams."""
    places, hashes = kgrams_by_segment(part.whole, part.spans)
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for place, found in zip(places.tolist(), index.sharing(hashes), strict=True):
        if len(found):
            counts[place].update(found)
    return {
        place: {o for o, _ in sorted(count.items(), key=lambda c: (-c[1], c[0]))[:EXACT_SEGMENTS_MAX]}
        for place, count in counts.items()
    }
