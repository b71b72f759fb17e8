"""The two sides that attribution compares: the segments of a part, and the source segments found near them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.fingerprints.vector import Vectors
from provenance.fingerprints.words import Words, fold_words
from provenance.kernel.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class PartText:
    """A part's text, cut into segments; ``vectors`` holds one row a segment, ``words`` the folded words of each."""

    text: str
    spans: Sequence[Span]
    words: Sequence[Words]
    vectors: Vectors

    def __post_init__(self) -> None:
        assert len(self.spans) == len(self.words) == len(self.vectors), "one span, word list and vector a segment"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSegment:
    """A segment of a registered work. ``ordinal`` counts the segments of the snapshot; neighbours differ by one."""

    ordinal: int
    work: str
    revision: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Source segments worth a look, in order of their ordinals, with one vector each."""

    segments: Sequence[SourceSegment]
    vectors: Vectors

    def __post_init__(self) -> None:
        ordinals = [s.ordinal for s in self.segments]
        assert ordinals == sorted(set(ordinals)), "candidates are sorted, each once"
        assert len(ordinals) == len(self.vectors), "one vector a candidate"


def part_text(text: str, spans: Sequence[Span], vectors: Vectors) -> PartText:
    """A part with its folded words."""
    return PartText(text=text, spans=spans, words=[fold_words(s.of(text)) for s in spans], vectors=vectors)
