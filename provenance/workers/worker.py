"""A model that makes outputs or parts of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provenance.kernel.ids import check_external_id


class WorkerKind(StrEnum):
    """The central model, or one that it delegates to."""

    BRAIN = "brain"
    SPECIALISED = "specialised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Who made a part. ``region`` names where it ran ("eu-west", "on-prem-lyon"), as its operator calls it.

    Raises:
        InvalidInput: a field is empty, too long, or holds invisible characters.
    """

    id: str
    kind: WorkerKind
    model: str
    model_version: str
    region: str

    def __post_init__(self) -> None:
        for what in ("id", "model", "model_version", "region"):
            check_external_id(getattr(self, what), what=f"worker's {what.replace('_', ' ')}")
