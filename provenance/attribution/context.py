"""What the rest of a stretch says of each source: its neighbours, its paragraph, the whole.

A sentence by itself is like many others; what its neighbours derive from, it mostly derives from too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.passages import PartText
from provenance.attribution.similarity import PREFERENCE_TEMPERATURE, Floats, Integers, Similarity, paragraphs

SOURCES_PER_STRETCH = 6
COPIES_SUPPORTED_MAX = 4
NO_RIVAL_RANK = 99.0
IN_ORDER_STEP_MAX = 2
_RANKED_MAX = 256
_SIDES = np.array([[-1], [1]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the segments around say of each source; rows are segments, columns are sources.

    ``rank`` counts the sources that the stretch supports more, ``supported`` marks the first of them.
    """

    similarity: Similarity
    paragraph: Integers
    by_paragraph: Floats
    by_document: Floats
    by_document_alone: Floats
    rank: Integers
    supported: NDArray[np.bool_]
    dense_mean: Floats

    @classmethod
    def of(cls, part: PartText, similarity: Similarity) -> Context:
        """The context of a stretch."""
        lengths = np.array([len(s) for s in part.spans], np.float64)
        weighted = similarity.both.preference * lengths[:, None]
        paragraph = paragraphs(part)
        by_paragraph = np.zeros((int(paragraph.max()) + 1, weighted.shape[1]))
        np.add.at(by_paragraph, paragraph, weighted)
        by_document = weighted.sum(axis=0) / lengths.sum()
        rank = _rank(by_document, similarity.passage)
        return cls(
            similarity=similarity,
            paragraph=paragraph,
            by_paragraph=by_paragraph / np.bincount(paragraph, lengths)[:, None],
            by_document=by_document,
            by_document_alone=(similarity.alone.preference * lengths[:, None]).sum(axis=0) / lengths.sum(),
            rank=rank,
            supported=_first_of(rank),
            dense_mean=(similarity.both.cosine * lengths[:, None]).sum(axis=0) / lengths.sum(),
        )

    def figures(self, segment: Integers, source: Integers) -> Floats:
        """The figures from ``neighbour_preference`` to ``forward`` of `evidence.FEATURES`: shape (pairs, 12).

        ``segment`` and ``source`` are the row and the column of each pair.
        """
        preference, dense = self.similarity.both.preference, self.similarity.both.cosine
        ordinals = self.similarity.ordinals
        around = Around.of(segment, len(dense))
        steps = ordinals[around.rows, source] - ordinals[segment, source]  # (2, pairs), before and after
        columns = [
            around.highest(preference, source),
            around.sum(preference, source) / 2,
            self.by_paragraph[self.paragraph[segment], source],
            self.by_document[source],
            self.by_document_alone[source],
            self.rank[source],
            dense.max(axis=0)[source],
            self.dense_mean[source],
            around.highest(dense, source),
            around.sum(dense, source) / 2,
            ((np.abs(steps) <= IN_ORDER_STEP_MAX) & around.exists).any(axis=0),
            ((_SIDES * steps > 0) & around.exists).any(axis=0),
        ]
        return np.stack(columns, axis=-1).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The segments before and after that of each pair: shape (2, pairs). ``rows`` is 0 where there is none."""

    rows: Integers
    exists: NDArray[np.bool_]

    @classmethod
    def of(cls, segment: Integers, segments: int) -> Around:
        """The neighbours of the ``segment`` of each pair, where the stretch has so many ``segments``."""
        rows = segment + _SIDES
        exists = (rows >= 0) & (rows < segments)
        return cls(rows=np.where(exists, rows, 0), exists=exists)

    def highest(self, figures: Floats, source: Integers) -> Floats:
        """The higher of the neighbours' figures for each pair's source, 0 where there is no neighbour."""
        highest = np.where(self.exists, figures[self.rows, source], -np.inf).max(axis=0)
        return np.where(self.exists.any(axis=0), highest, 0.0)

    def sum(self, figures: Floats, source: Integers) -> Floats:
        """The sum of the neighbours' figures for each pair's source."""
        return np.asarray(np.where(self.exists, figures[self.rows, source], 0.0).sum(axis=0))


def _rank(by_document: Floats, passage: Integers) -> Integers:
    """How many sources the stretch supports more; those with mostly the same passages count once, and rank alike."""
    order = np.argsort(-by_document, kind="stable")
    rank = np.empty(len(order), np.int64)
    if not (np.diff(np.sort(passage, axis=1), axis=1) == 0).any():
        rank[order] = np.arange(len(order))
        return rank
    ranked = passage[:, order[:_RANKED_MAX]]
    same = sum((row[:, None] == row for row in ranked), np.zeros((ranked.shape[1], ranked.shape[1]), np.int64))
    alike = 2 * same > len(passage)
    leaders: list[int] = []
    # Most are like no other, and need no look at the leaders before them.
    for place, (source, single) in enumerate(zip(order.tolist(), (alike.sum(axis=1) == 1).tolist(), strict=False)):
        like = [] if single else np.flatnonzero(alike[place, leaders]).tolist()
        rank[source] = like[0] if like else len(leaders)
        if not like:
            leaders.append(place)
    rank[order[_RANKED_MAX:]] = np.arange(len(leaders), len(leaders) + max(0, len(order) - _RANKED_MAX))
    return rank


def _first_of(rank: Integers) -> NDArray[np.bool_]:
    """Which sources have one of the first ranks; of copies, the `COPIES_SUPPORTED_MAX` registered first."""
    supported = np.zeros(len(rank), np.bool_)
    for place in range(SOURCES_PER_STRETCH):
        supported[np.flatnonzero(rank == place)[:COPIES_SUPPORTED_MAX]] = True
    return supported


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Each source compared with those alone that the stretch as a whole supports.

    In a large index, strangers come near to single sentences by chance; few come near to a whole stretch.
    """

    margin: Floats
    preference: Floats
    by_document: Floats
    rival: Integers  # the nearest source with another passage, -1 where there is none
    context: Context

    @classmethod
    def of(cls, part: PartText, similarity: Similarity, context: Context) -> Support:
        """The support of a stretch."""
        dense, passage = similarity.both.cosine, similarity.passage
        lengths = np.array([len(s) for s in part.spans], np.float64)
        supported = np.where(context.supported, dense, -np.inf)
        best = _elsewhere(supported, passage)[0]
        highest = dense.max(axis=1)[:, None]
        raised = _sums_elsewhere(
            np.exp((supported - highest) / PREFERENCE_TEMPERATURE), passage, np.flatnonzero(context.supported)
        )
        mine = np.exp((dense - highest) / PREFERENCE_TEMPERATURE)
        preference = mine / (mine + raised)
        return cls(
            margin=dense - np.where(np.isfinite(best), best, 0.0),
            preference=preference,
            by_document=(preference * lengths[:, None]).sum(axis=0) / lengths.sum(),
            rival=_elsewhere(dense, passage)[1],
            context=context,
        )

    def figures(self, segment: Integers, source: Integers) -> Floats:
        """The figures from ``margin_supported`` to ``rival_document_rank``: shape (pairs, 6)."""
        rival = self.rival[segment, source]
        columns = [
            self.margin[segment, source],
            self.preference[segment, source],
            Around.of(segment, len(self.preference)).highest(self.preference, source),
            self.by_document[source],
            np.where(rival >= 0, self.context.by_document[rival], 0.0),
            np.where(rival >= 0, self.context.rank[rival], NO_RIVAL_RANK),
        ]
        return np.stack(columns, axis=-1)


def _elsewhere(values: Floats, passage: Integers) -> tuple[Floats, Integers]:
    """For each segment and source, the highest of the ``values`` of other passages, and the first source that has it.

    Where there is no other passage, minus infinity and -1. All arrays have shape (segments, sources).
    """
    rows = np.arange(len(values))
    first = values.argmax(axis=1)
    in_first = passage == passage[rows, first][:, None]
    others = np.where(in_first, -np.inf, values)
    second = np.where(in_first.all(axis=1), -1, others.argmax(axis=1))
    highest = np.where(in_first, others.max(axis=1)[:, None], values[rows, first][:, None])
    return highest, np.where(in_first, second[:, None], first[:, None])


def _sums_elsewhere(values: Floats, passage: Integers, sources: Integers) -> Floats:
    """For each segment and source, the sum of the ``values`` of other passages; all but those of ``sources`` are 0.

    Sums are taken over all columns, in one order, whichever of them are left out.
    """
    sums = np.repeat(values.sum(axis=1)[:, None], values.shape[1], axis=1)
    for source in sources.tolist():
        same = passage == passage[:, [source]]
        sums = np.where(same, np.where(same, 0.0, values).sum(axis=1)[:, None], sums)
    return sums
