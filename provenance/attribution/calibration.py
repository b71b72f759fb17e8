"""A calibration: the models and thresholds that turn evidence into confidence and a decision, as one named value.

Its identity is the digest of all it holds, and it names the encoder whose evidence it was fitted on: with any other
encoder it is refused, since a cosine of 0.7 means something else there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from provenance.attribution.evidence import EVIDENCE_IDENTITY, FEATURES
from provenance.attribution.policy import DecisionPolicy, RiskRule
from provenance.attribution.scoring import LogisticModel
from provenance.kernel.canonical import digest
from provenance.kernel.errors import SnapshotUnusable

SUPPORT_FIGURES = ("best", "mean", "share", "segments", "document_preference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """``segment_model`` scores a (segment, source) pair, ``source_model`` a source over the whole part.

    A segment is given to its best source from ``segment_min`` on, and the source is paid from ``source_min`` on.
    ``trained_on`` holds digests of the training data, for the record. ``rules`` say from which confidence on a
    source is paid where a licence states a risk.
    """

    encoder: str
    segment_model: LogisticModel
    source_model: LogisticModel
    segment_min: float
    source_min: float
    trained_on: Mapping[str, str]
    rules: tuple[RiskRule, ...] = ()

    def __post_init__(self) -> None:
        if self.segment_model.names != FEATURES or self.source_model.names != SUPPORT_FIGURES:
            raise SnapshotUnusable(
                f"The calibration was made for other evidence than {EVIDENCE_IDENTITY}.",
                mend="Train it again with this version: provenance train.",
            )

    @property
    def identity(self) -> str:
        """Digest of everything it holds; floats are named by their exact hexadecimal form.

        One without rules keeps the name that it had before there were any.
        """
        fields = asdict(self)
        if not self.rules:
            del fields["rules"]
        return digest({"evidence": EVIDENCE_IDENTITY, **_exact(fields)})

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


def support_figures(
    probabilities: Sequence[float], lengths: Sequence[int], *, part_length: int, document_preference: float
) -> tuple[float, ...]:
    """Figures on one source over a whole part, in the order of `SUPPORT_FIGURES`.

    ``probabilities`` and ``lengths`` (characters) are those of the segments where the source is the best one.
    """
    best = max(probabilities, default=0.0)
    covered = sum(lengths)
    mean = sum(p * n for p, n in zip(probabilities, lengths, strict=True)) / covered if covered else 0.0
    return (
        _logit(best),
        _logit(mean),
        math.log((covered + 1) / (part_length + 1)),
        math.log1p(len(probabilities)),
        document_preference,
    )


def _logit(p: float) -> float:
    bounded = min(1 - 1e-6, max(1e-6, p))
    return math.log(bounded / (1 - bounded))


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, Mapping):
        return {k: _exact(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(v) for v in value]
    return value
