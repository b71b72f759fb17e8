"""Attribute a text: segments, vectors, candidates from the snapshot, evidence, decision."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from provenance.attribution.calibration import Calibration
from provenance.attribution.decision import PartDecision, best_by_segment, decide
from provenance.attribution.evidence import Pair, gather_evidence
from provenance.attribution.lexical import Rarity
from provenance.attribution.passages import Candidates, PartText, part_text
from provenance.attribution.policy import DecisionPolicy
from provenance.attribution.preamble import part_segments
from provenance.attribution.timely import Registered
from provenance.attribution.unearned import earning, unearned, works_sharing_runs
from provenance.fingerprints.exact import kgram_hashes
from provenance.fingerprints.words import fold_words
from provenance.kernel.errors import TooLarge
from provenance.services.as_of import IndexAsOf
from provenance.services.ports import Encoder, SourceIndex
from provenance.services.records import DecidedBy

NEAREST_SEGMENTS = 16
NEAREST_TOGETHER_MAX = 4_000  # of all segments of a part: memory grows with segments times candidates
SEGMENTS_MAX = 4_000
EXACT_SEGMENTS_MAX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEvidence:
    """Everything that a decision on one part is made from."""

    part: PartText
    candidates: Candidates
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
        return decide(found.part, found.candidates, self._earning(found, prompt), self._calibration)

    def _earning(self, found: PartEvidence, prompt: str | None) -> tuple[Pair, ...]:
        part, calibration = found.part, self._calibration
        shared = works_sharing_runs(found.pairs)
        out = unearned(part.text, part.spans, part.words, self._rarity, prompt=prompt, works_sharing=shared)
        telling = [p for p in found.pairs if p.segment not in out.reasons]
        probabilities = calibration.segment_model.probabilities([p.figures for p in telling])
        best = best_by_segment(telling, probabilities)
        given = {s: pair.work for s, (pair, likely) in best.items() if likely >= calibration.segment_min}
        return earning(found.pairs, given, out)


def find_evidence(text: str, encoder: Encoder, index: SourceIndex, rarity: Rarity) -> PartEvidence:
    """Evidence on one part's text from two sides: nearest vectors, and runs of equal words.

    Raises:
        TooLarge: more than `SEGMENTS_MAX` segments.
    """
    spans = part_segments(text)
    if len(spans) > SEGMENTS_MAX:
        raise TooLarge(
            f"The text has {len(spans):,} sentences or paragraphs, over the bound of {SEGMENTS_MAX:,}.",
            mend="Send it as several parts.",
        )
    part = part_text(text, spans, encoder.encode(text, spans))
    each = max(1, min(NEAREST_SEGMENTS, NEAREST_TOGETHER_MAX // max(1, len(spans))))
    nearest = index.nearest(part.vectors, each)
    exact = _exact_segments(part, index)
    wanted = {int(o) for o in np.unique(nearest) if o >= 0}.union(*exact.values())
    candidates = index.candidates(wanted)
    pairs = gather_evidence(part, candidates, exact, rarity)
    return PartEvidence(part=part, candidates=candidates, pairs=tuple(pairs))


def _exact_segments(part: PartText, index: SourceIndex) -> Mapping[int, Set[int]]:
    """For each segment of the part, the source segments that share most k-grams with it.

    The k-grams are those of the whole part, so that a run across two sentences is found from both ends.
    """
    words = fold_words(part.text)
    hashes = kgram_hashes(words.folded)
    if not len(hashes):
        return {}
    starts = np.array([s.start for s in part.spans], np.int64)
    places = np.searchsorted(starts, np.array(words.starts[: len(hashes)], np.int64), "right") - 1
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for place, found in zip(places, index.sharing(hashes), strict=True):
        counts[max(0, int(place))].update(found)
    return {
        place: {o for o, _ in sorted(count.items(), key=lambda c: (-c[1], c[0]))[:EXACT_SEGMENTS_MAX]}
        for place, count in counts.items()
        if count
    }
