"""A calibration: the models and thresholds that turn evidence into confidence and a decision, as one named value.

Its identity is the digest of all it holds, and it names the encoder whose evidence it was fitted on: with any other
encoder it is refused, since a cosine of 0.7 means something else there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from provenance.attribution.evidence import EVIDENCE_IDENTITY, FEATURES
from provenance.attribution.policy import DecisionPolicy, RiskRule
from provenance.attribution.scoring import LogisticModel
from provenance.attribution.similarity import Floats
from provenance.attribution.support import SOURCE_FIGURES, SUPPORT_FIGURES, source_figures, support_figures
from provenance.attribution.table import EvidenceTable
from provenance.attribution.trees import BoostedTrees
from provenance.attribution.unearned import UNEARNED_IDENTITY
from provenance.kernel.canonical import digest
from provenance.kernel.errors import SnapshotUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A probability for each pair, and a calibrated confidence for each work of the table."""

    probabilities: Floats
    confidences: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)  # no slots: what follows from all of it is kept, see `identity`
class Calibration:
    """What was learned.

    ``segment_model`` judges a pair by its evidence, ``support_model`` once more by what was thought of the others, and
    ``source_model`` a source over the whole part. A segment is given to its best source from ``segment_min`` on, and
    the source is paid from ``source_min`` on. ``trained_on`` holds digests of the training data, for the record.
    ``rules`` say from which confidence on a source is paid where a licence states a risk.
    """

    encoder: str
    segment_model: BoostedTrees
    support_model: BoostedTrees
    source_model: LogisticModel
    segment_min: float
    source_min: float
    trained_on: Mapping[str, str]
    rules: tuple[RiskRule, ...] = ()

    def __post_init__(self) -> None:
        names = (self.segment_model.names, self.support_model.names, self.source_model.names)
        if names != (FEATURES, SUPPORT_FIGURES, SOURCE_FIGURES):
            raise SnapshotUnusable(
                f"The calibration was made for other evidence than {EVIDENCE_IDENTITY}.",
                mend="Train it again with this version: provenance train.",
            )

    @cached_property
    def identity(self) -> str:
        """Digest of everything it holds; floats are named by their exact hexadecimal form.

        Kept: over thousands of trees it takes tens of milliseconds, and every decision names it.
        """
        return digest({"evidence": EVIDENCE_IDENTITY, "unearned": UNEARNED_IDENTITY, **_exact(self.as_mapping())})

    def as_mapping(self) -> dict[str, Any]:
        """All of it as plain values, for a file and a digest."""
        return {
            "encoder": self.encoder,
            "segment_model": self.segment_model.as_mapping(),
            "support_model": self.support_model.as_mapping(),
            "source_model": self.source_model.as_mapping(),
            "segment_min": self.segment_min,
            "source_min": self.source_min,
            "trained_on": dict(self.trained_on),
            "rules": [asdict(rule) for rule in self.rules],
        }

    @property
    def policy(self) -> DecisionPolicy:
        """Its rules, to be asked for a threshold. Raises `ValueError` where one risk has two."""
        return DecisionPolicy(self.rules)

    def check_encoder(self, encoder: str) -> None:
        """Raise `SnapshotUnusable` unless this calibration was fitted on vectors of ``encoder``."""
        if self.encoder != encoder:
            raise SnapshotUnusable(
                f"The calibration belongs to the encoder {self.encoder}, and the index to {encoder}.",
                mend="Train a calibration for this encoder: provenance train.",
            )

    def judge(self, table: EvidenceTable) -> Judgement:
        """Both looks at every pair, and the confidence in every source."""
        first = np.asarray(self.segment_model.probabilities(table.figures))
        return self.judged(table, np.asarray(self.support_model.probabilities(support_figures(table, first))))

    def judged(self, table: EvidenceTable, probabilities: Floats) -> Judgement:
        """The second look's ``probabilities`` with the confidences that follow from them."""
        sure = self.source_model.probabilities(source_figures(table, probabilities).tolist())
        return Judgement(probabilities=probabilities, confidences=dict(zip(table.works, sure, strict=True)))


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, Mapping):
        return {k: _exact(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(v) for v in value]
    return value
