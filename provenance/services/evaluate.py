"""Attribute labelled outputs and write predictions, one line an output, as the public benchmark's scorer reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from provenance.attribution.decision import PartDecision
from provenance.attribution.shares import roll_up
from provenance.kernel.parts import WHOLE_PPB
from provenance.services.attribute import Attributor
from provenance.services.labelled import LabelledOutput


def predictions(outputs: Sequence[LabelledOutput], attributor: Attributor) -> Iterator[dict[str, Any]]:
    """One prediction an output, in their order."""
    for output in outputs:
        yield prediction_line(output.output_id, attributor.attribute(output.text))


def prediction_line(output_id: str, decision: PartDecision) -> dict[str, Any]:
    """A decision as a prediction: shares as fractions of one, spans in characters, every source considered."""
    shares = {a.work: a.share_ppb for a in roll_up([decision]).attributions}
    return {
        "output_id": output_id,
        "unattributed_share": (WHOLE_PPB - sum(shares.values())) / WHOLE_PPB,
        "attributions": [
            {
                "source_id": finding.work,
                "share": shares[finding.work] / WHOLE_PPB,
                "confidence": finding.confidence,
                "out_spans": [[s.start, s.end] for s in finding.spans],
            }
            for finding in decision.findings
        ],
        "candidates": [{"source_id": w, "confidence": c} for w, c in decision.considered],
    }
