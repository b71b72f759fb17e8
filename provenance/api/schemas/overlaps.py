"""Overlaps of works, as their owners see them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provenance.api.schemas.fields import Moment, SpanPair, Unit, View, example
from provenance.sources.overlap import PassageKind

_MINE = {
    "id": "work_0a1b2c3d4e5f60718293a4b5",
    "title": "The Salt Ledger",
    "author": "Oona Tresker",
    "registrant": "oona-tresker",
    "revision": "rev_0a1b2c3d4e5f60718293a4b5",
    "since": "2026-11-21T08:00:00.000000Z",
    "shared_chars": 212,
    "covered": 0.115594,
}
_OTHER = {
    "id": "work_5f0c2a9b71d4e6a8b2c4d6e8",
    "title": "Kitchens of the Coast",
    "author": "B. Hollevoet",
    "registrant": "bram-hollevoet",
    "revision": "rev_5f0c2a9b71d4e6a8b2c4d6e8",
    "since": "2026-11-22T08:00:00.000000Z",
    "shared_chars": 214,
    "covered": 0.020431,
}
_PASSAGE = {"kind": "exact", "span": [61, 273], "other_span": [4807, 5021], "words": 41}
_FOUND_BY = {
    "method": "words-1-tiles8-stock15-near0.85:6:2-agreed0.5:0.5@4.0-1",
    "encoder": "all-MiniLM-L6-v2-53aa51172d14",
    "snapshot": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
}


class OverlapSideView(View):
    """One of the two works. `covered` is the part of its text that the other one holds too."""

    model_config = example(_MINE)

    id: str
    title: str
    author: str
    registrant: str
    revision: Annotated[str, Field(description="The text that was compared.")]
    since: Annotated[Moment, Field(description="When the work first had most of the shared words on record.")]
    shared_chars: int
    covered: Unit


class PassageView(View):
    """A passage that stands in both: the same run of `words` words, or a sentence that is nearly the same (0)."""

    model_config = example(_PASSAGE)

    kind: PassageKind
    span: SpanPair
    other_span: SpanPair
    words: int


class OverlapFoundByView(View):
    """What found it: the rules with their thresholds, the vectors, the index."""

    model_config = example(_FOUND_BY)

    method: str
    encoder: str
    snapshot: str


class OverlapView(View):
    """What two works share, from the side of `work`. Nothing of the other's text is shown but where it stands."""

    model_config = example(
        {
            "id": "ovl_0a1b2c3d4e5f60718293a4b5",
            "recorded_at": "2026-11-22T08:00:02.000000Z",
            "kind": "exact",
            "near_duplicate": False,
            "work": _MINE,
            "other": _OTHER,
            "first": "work_0a1b2c3d4e5f60718293a4b5",
            "excerpt": "One was the rent book, green, and nobody was allowed to touch it.",
            "passages": [_PASSAGE],
            "passages_found": 1,
            "found_by": _FOUND_BY,
        }
    )

    id: str
    recorded_at: Moment
    kind: PassageKind
    near_duplicate: Annotated[bool, Field(description="Whether most of either text stands in the other one.")]
    work: OverlapSideView
    other: OverlapSideView
    first: Annotated[str, Field(description="The id of the work that had the shared words on record first.")]
    excerpt: Annotated[str, Field(description="The start of the longest passage, as it stands in `work`.")]
    passages: Annotated[list[PassageView], Field(description="The longest ones, in the order of `work`.")]
    passages_found: int
    found_by: OverlapFoundByView
