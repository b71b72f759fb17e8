"""Train a calibration on labelled outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provenance.attribution.calibration import Calibration
from provenance.attribution.lexical import Rarity
from provenance.attribution.training import LabelledEvidence, fit_calibration, truth_by_segment
from provenance.services.attribute import PartEvidence, find_evidence
from provenance.services.labelled import LabelledOutput, LabelledSource, Progress
from provenance.services.ports import Encoder, SourceIndex


def labelled_evidence_of(output: LabelledOutput, found: PartEvidence, groups: Mapping[str, str]) -> LabelledEvidence:
    """The evidence on one output with its truth; ``groups`` maps each source to its group."""
    works = frozenset(output.labels)
    own = {output.group} if output.group else set()
    return LabelledEvidence(
        lengths=tuple(len(s) for s in found.part.spans),
        pairs=found.pairs,
        truth=truth_by_segment(found.part.spans, output.labels),
        works=works,
        groups=frozenset(own | {groups[w] for w in works if w in groups}),
        source_groups={p.work: groups[p.work] for p in found.pairs},
    )


def train(
    sources: Sequence[LabelledSource],
    outputs: Sequence[LabelledOutput],
    encoder: Encoder,
    index: SourceIndex,
    rarity: Rarity,
    *,
    trained_on: Mapping[str, str],
    progress: Progress,
) -> Calibration:
    """A calibration for ``encoder`` from outputs whose sources are in ``index``.

    ``trained_on`` names the training data by their digests, for the record.

    Raises:
        ValueError: the outputs hold too few groups or no true source.
    """
    groups = {s.source_id: s.group for s in sources}
    evidence = []
    for output in outputs:
        found = find_evidence(output.text, encoder, index, rarity)
        evidence.append(labelled_evidence_of(output, found, groups))
        progress(1)
    return fit_calibration(evidence, encoder=encoder.identity.name, trained_on=trained_on)
