"""What a reader of files hands on: a document with its text and what it says of its rights, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provenance.kernel.errors import ProvenanceError
from provenance.sources.licence import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One text as it came in.

    ``origin`` names it for a person (a path, a path and a line number). ``claims`` maps party ids to basis points and
    ``party_names`` the same ids to display names; both are empty where the input says nothing of rights. ``terms`` and
    ``risk_basis_points_max`` are those of the licence that it states.
    """

    origin: str
    source_id: str
    title: str
    author: str
    text: str
    claims: Mapping[str, int] = field(default_factory=dict)
    party_names: Mapping[str, str] = field(default_factory=dict)
    terms: Terms | None = None
    risk_basis_points_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """An input that can't be registered, and why; the others go on."""

    origin: str
    error: ProvenanceError
