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
_RANKED_MAX = 256


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

    def figures(self, segment: int, source: int) -> tuple[float, ...]:
        """The figures from ``neighbour_preference`` to ``forward``, in the order of `evidence.FEATURES`."""
        around = [n for n in (segment - 1, segment + 1) if 0 <= n < len(self.paragraph)]
        preferences = [float(self.similarity.both.preference[n, source]) for n in around]
        dense = [float(self.similarity.both.cosine[n, source]) for n in around]
        here = int(self.similarity.ordinals[segment, source])
        steps = [(n - segment, int(self.similarity.ordinals[n, source]) - here) for n in around]
        return (
            max(preferences, default=0.0),
            sum(preferences) / 2,
            float(self.by_paragraph[self.paragraph[segment], source]),
            float(self.by_document[source]),
            float(self.by_document_alone[source]),
            float(self.rank[source]),
            float(self.similarity.both.cosine[:, source].max()),
            float(self.dense_mean[source]),
            max(dense, default=0.0),
            sum(dense) / 2,
            float(any(abs(step) <= 2 for _, step in steps)),
            float(any(side * step > 0 for side, step in steps)),
        )


def _rank(by_document: Floats, passage: Integers) -> Integers:
    """How many sources the stretch supports more; those with mostly the same passages count once, and rank alike."""
    order = np.argsort(-by_document, kind="stable")
    rank = np.empty(len(order), np.int64)
    leaders: list[int] = []
    for source in order[:_RANKED_MAX].tolist():
        place = next((n for n, of in enumerate(leaders) if (passage[:, of] == passage[:, source]).mean() > 0.5), None)
        if place is None:
            place = len(leaders)
            leaders.append(source)
        rank[source] = place
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
        margin, preference = np.empty_like(dense), np.empty_like(dense)
        rival = np.empty(dense.shape, np.int64)
        for row, (values, passages) in enumerate(zip(dense, passage, strict=True)):
            apart = passages[None, :] != passages[:, None]
            others = np.where(apart, values[None, :], -np.inf)
            rival[row] = np.where(apart.any(axis=1), others.argmax(axis=1), -1)
            supported = np.where(context.supported[None, :], others, -np.inf)
            best = supported.max(axis=1)
            margin[row] = values - np.where(np.isfinite(best), best, 0.0)
            raised = np.exp((supported - values.max()) / PREFERENCE_TEMPERATURE).sum(axis=1)
            mine = np.exp((values - values.max()) / PREFERENCE_TEMPERATURE)
            preference[row] = mine / (mine + raised)
        by_document = (preference * lengths[:, None]).sum(axis=0) / lengths.sum()
        return cls(margin=margin, preference=preference, by_document=by_document, rival=rival, context=context)

    def figures(self, segment: int, source: int) -> tuple[float, ...]:
        """The figures from ``margin_supported`` to ``rival_document_rank``."""
        around = [n for n in (segment - 1, segment + 1) if 0 <= n < len(self.preference)]
        rival = int(self.rival[segment, source])
        return (
            float(self.margin[segment, source]),
            float(self.preference[segment, source]),
            max((float(self.preference[n, source]) for n in around), default=0.0),
            float(self.by_document[source]),
            float(self.context.by_document[rival]) if rival >= 0 else 0.0,
            float(self.context.rank[rival]) if rival >= 0 else NO_RIVAL_RANK,
        )
