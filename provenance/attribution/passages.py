"""The two sides that attribution compares: the segments of a part, and the source segments found near them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.attribution.lexical import Rarity, WordTable, content_words, word_table
from provenance.fingerprints.vector import Vectors
from provenance.fingerprints.words import Words, fold_words
from provenance.kernel.span import Span

# How far around a source segment its words are looked at: about two pages on either side, whatever the work's length.
REGION_SEGMENTS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class PartText:
    """A part's text, cut into segments; one row, word list and set of content words a segment."""

    text: str
    spans: Sequence[Span]
    words: Sequence[Words]
    content: WordTable
    vectors: Vectors

    def __post_init__(self) -> None:
        assert len(self.spans) == len(self.words) == len(self.vectors), "one span, word list and vector a segment"

    def stretch(self, first: int, end: int) -> PartText:
        """Its segments ``first`` to ``end`` (excluded) as a part of their own; offsets stay those of the whole."""
        bounds = self.content.bounds[first : end + 1]
        return PartText(
            text=self.text,
            spans=self.spans[first:end],
            words=self.words[first:end],
            content=WordTable(
                ordinals=self.content.ordinals[first:end] - first,
                texts=self.content.texts[first:end],
                bounds=bounds - bounds[0],
                words=self.content.words[bounds[0] : bounds[-1]],
            ),
            vectors=self.vectors[first:end],
        )


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
    """Source segments worth a look, in order of their ordinals, with one vector each.

    ``content`` holds the words of all segments of the same revisions within `REGION_SEGMENTS` of them.
    """

    segments: Sequence[SourceSegment]
    vectors: Vectors
    content: WordTable

    def __post_init__(self) -> None:
        ordinals = [s.ordinal for s in self.segments]
        assert ordinals == sorted(set(ordinals)), "candidates are sorted, each once"
        assert len(ordinals) == len(self.vectors), "one vector a candidate"


def part_text(text: str, spans: Sequence[Span], vectors: Vectors, rarity: Rarity) -> PartText:
    """A part with its folded words and content words."""
    words = [fold_words(s.of(text)) for s in spans]
    content = [content_words(s.of(text), w, rarity) for s, w in zip(spans, words, strict=True)]
    return PartText(text=text, spans=spans, words=words, content=word_table(content), vectors=vectors)
