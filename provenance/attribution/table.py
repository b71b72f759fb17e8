"""The pairs of one part as columns of numbers, so that all of them are judged at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.evidence import FEATURES, Pair
from provenance.attribution.similarity import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTable:
    """One row a pair, in the order of the segments.

    ``works`` names the works in the order of registration and ``work`` indexes them; ``lengths`` holds the characters
    of every segment of the part, also of those without a pair. ``figures`` has shape (pairs, figures).
    """

    works: tuple[str, ...]
    lengths: Floats
    segment: Integers
    work: Integers
    passage: Integers
    figures: Floats

    def __len__(self) -> int:
        return len(self.segment)

    def where(self, kept: NDArray[np.bool_]) -> EvidenceTable:
        """The rows where ``kept`` holds; works and segments keep their numbers."""
        return EvidenceTable(
            works=self.works,
            lengths=self.lengths,
            segment=self.segment[kept],
            work=self.work[kept],
            passage=self.passage[kept],
            figures=self.figures[kept],
        )

    def met(self) -> EvidenceTable:
        """The same rows, without the works that none of them is of."""
        left, work = np.unique(self.work, return_inverse=True)
        return replace(self, works=tuple(self.works[n] for n in left), work=work.reshape(-1))

    def column(self, feature: str) -> Floats:
        """One figure of every row."""
        return np.asarray(self.figures[:, FEATURES.index(feature)])

    def groups(self) -> Integers:
        """A number for each row, equal for the rows of one segment whose works hold the same passage."""
        passages = int(self.passage.max(initial=0)) + 1
        return np.asarray(np.unique(self.segment * passages + self.passage, return_inverse=True)[1])


def evidence_table(pairs: Sequence[Pair], lengths: Sequence[int]) -> EvidenceTable:
    """The table of ``pairs`` (ordered by segment) of a part whose segments have ``lengths`` characters."""
    first: dict[str, int] = {}
    for pair in pairs:
        first[pair.work] = min(pair.source.ordinal, first.get(pair.work, pair.source.ordinal))
    works = sorted(first, key=lambda work: first[work])
    number = {work: i for i, work in enumerate(works)}
    return EvidenceTable(
        works=tuple(works),
        lengths=np.asarray(lengths, np.float64),
        segment=np.array([p.segment for p in pairs], np.int64),
        work=np.array([number[p.work] for p in pairs], np.int64),
        passage=np.array([p.passage for p in pairs], np.int64),
        figures=np.fromiter(chain.from_iterable(p.figures for p in pairs), np.float64).reshape(-1, len(FEATURES)),
    )
