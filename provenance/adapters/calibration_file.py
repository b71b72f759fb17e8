"""Calibrations as JSON files: the one that is shipped, and those that `provenance train` writes."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from provenance.attribution.calibration import Calibration
from provenance.attribution.policy import DecisionPolicy, RiskRule
from provenance.attribution.scoring import LogisticModel
from provenance.attribution.trees import BoostedTrees
from provenance.kernel.errors import SnapshotUnusable

SHIPPED = "minilm-late-chunking.json"


def load_calibration(path: Path | None = None) -> Calibration:
    """Read the calibration at ``path``, or the shipped one.

    Raises:
        SnapshotUnusable: the file is missing, isn't a calibration, or is of another version of the evidence.
    """
    source = path or files("provenance.adapters.calibrations") / SHIPPED
    try:
        fields = json.loads(source.read_text(encoding="utf-8"))
        fields |= {name: BoostedTrees.from_mapping(fields[name]) for name in ("segment_model", "support_model")}
        fields["source_model"] = _model(fields["source_model"])
        rules = tuple(RiskRule(**rule) for rule in fields.pop("rules", ()))
        return Calibration(**fields, rules=DecisionPolicy(rules).rules)
    except (OSError, ValueError, TypeError, KeyError, AssertionError) as error:
        raise SnapshotUnusable(
            f"{source} is not a readable calibration.", mend="Train one: provenance train."
        ) from error


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write it so that `load_calibration` gives back the same identity: JSON floats round-trip exactly in Python."""
    path.write_text(json.dumps(calibration.as_mapping()) + "\n", encoding="utf-8")


def _model(fields: dict[str, Any]) -> LogisticModel:
    return LogisticModel(
        names=tuple(fields["names"]),
        weights=tuple(fields["weights"]),
        centre=tuple(fields["centre"]),
        scale=tuple(fields["scale"]),
        bias=fields["bias"],
    )
