"""Parts, sources and pairs to test attribution on, small enough to work out by hand.

Vectors here aren't of length one: those of a part are the axes, so that a candidate's list its cosines directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from provenance.attribution.equal_words import EqualWords
from provenance.attribution.evidence import FEATURES, Pair
from provenance.attribution.leaf_masks import LEAF
from provenance.attribution.lexical import CONTENT, Rarity, WordTable, content_words
from provenance.attribution.passages import Candidates, PartText, SourceSegment, part_text
from provenance.attribution.scoring import LogisticModel
from provenance.attribution.similarity import Floats
from provenance.attribution.trees import LEAF_UNITS, BoostedTrees
from provenance.fingerprints.vector import Vectors
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span

Figures = Sequence[Sequence[float]]
FIRST_ORDINALS = {work: 10 * number for number, work in enumerate("abcdefgh")}


def one(_: str) -> float:
    """Every word is as rare as any other."""
    return 1.0


def axes(segments: int) -> Vectors:
    """Vectors of a part, one axis a segment, in both halves."""
    return np.tile(np.eye(segments, dtype=np.float32), 2)


def cosines(window: Figures, alone: Figures | None = None) -> Vectors:
    """Vectors of candidates, one row each, that have these cosines with the segments of a part on `axes`."""
    return np.hstack([np.array(window), np.array(window if alone is None else alone)]).astype(np.float32) / 2


def lines_part(lines: Sequence[str], vectors: Vectors | None = None, rarity: Rarity = one) -> PartText:
    """A part with one segment a line."""
    ends = np.cumsum([len(line) + 1 for line in lines]).tolist()
    spans = [Span(end - 1 - len(line), end - 1) for end, line in zip(ends, lines, strict=True)]
    return part_text("\n".join(lines), spans, axes(len(lines)) if vectors is None else vectors, rarity)


def source(ordinal: int, work: str, text: str = "x", start: int = 0) -> SourceSegment:
    """A segment of the revision of a work that is named after it."""
    span = Span(start, start + len(text))
    return SourceSegment(ordinal=ordinal, work=work, revision=f"r{work}", span=span, text=text)


def content_of(segments: Sequence[SourceSegment], rarity: Rarity = one) -> WordTable:
    """The words of these segments and of no others."""
    records = [content_words(s.text, fold_words(s.text), rarity) for s in segments]
    works = list(dict.fromkeys(s.work for s in segments))
    return WordTable(
        ordinals=np.array([s.ordinal for s in segments], np.int64),
        texts=np.array([works.index(s.work) for s in segments], np.int64),
        bounds=np.cumsum([0, *map(len, records)]),
        words=np.concatenate([np.empty(0, CONTENT), *records]),
    )


def candidates_of(segments: Sequence[SourceSegment], vectors: Vectors, rarity: Rarity = one) -> Candidates:
    """Candidates around which there is nothing else."""
    return Candidates(segments=segments, vectors=vectors, content=content_of(segments, rarity))


def pair(
    segment: int,
    work: str,
    *,
    passage: int | None = None,
    copies: int | None = None,
    segment_of_work: SourceSegment | None = None,
    run: EqualWords | None = None,
    dense: float = 0.0,
    found: float = 0.0,
    figures: Mapping[str, float] | Floats | None = None,
) -> Pair:
    """A pair; works are registered in the order of their letters, and hold a passage of their own if none is given."""
    from_work = segment_of_work or source(FIRST_ORDINALS[work], work, "ten chars.", 10)
    named: Any = {} if figures is None else figures
    row = [named.get(name, 0.0) for name in FEATURES] if isinstance(named, Mapping) else named
    return Pair(
        segment=segment,
        source=from_work,
        passage=from_work.ordinal if passage is None else passage,
        copies=from_work.ordinal if copies is None else copies,
        dense=dense,
        found=found,
        run=run,
        figures=tuple(map(float, row)),
    )


def equal_words(first: int, words: int) -> EqualWords:
    """A run whose places in the texts don't matter."""
    return EqualWords(words=words, first=first, part_span=Span(0, 1), source_span=Span(0, 1))


def stump(
    names: Sequence[str], only: str, *, at_most: float = 0.0, low: float = -1.0, high: float = 1.0
) -> BoostedTrees:
    """One tree of one split: a logit of ``low`` where the figure is at most ``at_most``, and ``high`` above."""
    return BoostedTrees(
        names=tuple(names),
        bias=0,
        roots=(0,),
        figure=(names.index(only), LEAF, LEAF),
        threshold=(at_most, 0.0, 0.0),
        left=(1, 0, 0),
        right=(2, 0, 0),
        value=(0, int(low * LEAF_UNITS), int(high * LEAF_UNITS)),
    )


def single_figure(names: Sequence[str], only: str) -> LogisticModel:
    """Sigmoid of one figure, as it is."""
    n = len(names)
    weights = tuple(float(name == only) for name in names)
    return LogisticModel(names=tuple(names), weights=weights, centre=(0.0,) * n, scale=(1.0,) * n, bias=0.0)
