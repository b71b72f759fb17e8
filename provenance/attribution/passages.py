"""The two sides that attribution compares: the segments of a part, and the source segments found near them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import Rarity, WordsAround, WordTable, words_of
from provenance.fingerprints.vector import Vectors
from provenance.fingerprints.words import Words, fold_pieces, fold_words
from provenance.kernel.span import Span

# How far around a source segment its words are looked at: about two pages on either side, whatever the work's length.
REGION_SEGMENTS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class PartText:
    """A part's text, cut into segments; one row, word list and set of content words a segment.

    ``whole`` holds the folded words of all of the text.
    """

    text: str
    whole: Words
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
            whole=self.whole,
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
class SegmentColumns(Sequence[SourceSegment]):
    """Source segments as columns; a value is made where one is asked for, and its text is read then.

    Of hundreds of candidates, most are only compared by numbers. Segment ``i`` is number ``ordinals[i]``, of the work
    and revision ``owners[owner[i]]``, at the characters ``starts[i]`` to ``ends[i]``; ``text`` reads it by ``i``.
    """

    ordinals: NDArray[np.int64]
    owner: NDArray[np.int64]
    owners: Sequence[tuple[str, str]]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    text: Callable[[int], str]

    def __len__(self) -> int:
        return len(self.ordinals)

    @overload
    def __getitem__(self, number: int) -> SourceSegment: ...
    @overload
    def __getitem__(self, number: slice) -> list[SourceSegment]: ...
    def __getitem__(self, number: int | slice) -> SourceSegment | list[SourceSegment]:
        if isinstance(number, slice):
            return self.taken(np.arange(*number.indices(len(self))))
        return self.taken(np.array([range(len(self))[number]]))[0]

    def taken(self, numbers: NDArray[np.int64]) -> list[SourceSegment]:
        """The segments of these numbers, in this order, with their texts."""
        columns = (self.ordinals, self.owner, self.starts, self.ends)
        rows = zip(numbers.tolist(), *(column[numbers].tolist() for column in columns), strict=True)
        return [
            SourceSegment(
                ordinal=ordinal,
                work=self.owners[owner][0],
                revision=self.owners[owner][1],
                span=Span(start, end),
                text=self.text(number),
            )
            for number, ordinal, owner, start, end in rows
        ]

    def only(self, kept: NDArray[np.int64]) -> SegmentColumns:
        """The segments of these numbers, in this order."""
        return replace(
            self,
            ordinals=self.ordinals[kept],
            owner=self.owner[kept],
            starts=self.starts[kept],
            ends=self.ends[kept],
            text=lambda number: self.text(int(kept[number])),
        )


def segment_columns(segments: Sequence[SourceSegment]) -> SegmentColumns:
    """Segments that are at hand, as columns."""
    owners = list(dict.fromkeys((s.work, s.revision) for s in segments))
    number = {owner: n for n, owner in enumerate(owners)}
    return SegmentColumns(
        ordinals=np.array([s.ordinal for s in segments], np.int64),
        owner=np.array([number[s.work, s.revision] for s in segments], np.int64),
        owners=owners,
        starts=np.array([s.span.start for s in segments], np.int64),
        ends=np.array([s.span.end for s in segments], np.int64),
        text=lambda row: segments[row].text,
    )


def joined_columns(pieces: Sequence[SegmentColumns]) -> SegmentColumns:
    """All segments of several pieces, one piece after the other."""
    if len(pieces) == 1:
        return pieces[0]
    none = np.empty(0, np.int64)
    bounds = np.cumsum([0, *map(len, pieces)])
    owners = np.cumsum([0, *(len(p.owners) for p in pieces)]).tolist()

    def text(number: int) -> str:
        piece = int(np.searchsorted(bounds, number, "right")) - 1
        return pieces[piece].text(number - int(bounds[piece]))

    return SegmentColumns(
        ordinals=np.concatenate([none, *(p.ordinals for p in pieces)]),
        owner=np.concatenate([none, *(p.owner + first for p, first in zip(pieces, owners, strict=False))]),
        owners=[owner for p in pieces for owner in p.owners],
        starts=np.concatenate([none, *(p.starts for p in pieces)]),
        ends=np.concatenate([none, *(p.ends for p in pieces)]),
        text=text,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Source segments worth a look, in order of their ordinals, with one vector each.

    ``content`` reads the words of them, and of all segments of the same revisions within `REGION_SEGMENTS` of them.
    """

    segments: Sequence[SourceSegment]
    vectors: Vectors
    content: WordsAround

    def __post_init__(self) -> None:
        if not isinstance(self.segments, SegmentColumns):
            object.__setattr__(self, "segments", segment_columns(self.segments))
        assert (np.diff(self.columns.ordinals) > 0).all(), "candidates are sorted, each once"
        assert len(self.segments) == len(self.vectors), "one vector a candidate"

    @property
    def columns(self) -> SegmentColumns:
        """The segments as columns."""
        assert isinstance(self.segments, SegmentColumns), "they were made so"
        return self.segments


def part_text(text: str, spans: Sequence[Span], vectors: Vectors, rarity: Rarity) -> PartText:
    """A part with its folded words and content words."""
    whole = fold_words(text)
    words = fold_pieces(text, spans, whole)
    content = words_of(((s.of(text), w) for s, w in zip(spans, words, strict=True)), rarity)
    return PartText(text=text, whole=whole, spans=spans, words=words, content=content, vectors=vectors)
