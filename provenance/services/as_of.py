"""A snapshot as it would answer if nothing had been registered after an output was made, or nothing were withdrawn.

Such works are passed over in the search itself, and not only in its results: however many of them lie nearer to the
output, they take no place of one that was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.passages import Candidates
from provenance.attribution.timely import Registered, registered_by_then
from provenance.fingerprints.exact import Hashes
from provenance.fingerprints.vector import Vectors
from provenance.services.ports import Database, SourceIndex
from provenance.services.records import PublishedSnapshot

# A segment's neighbours are looked through up to this many for those that were there; past that, the rest is given up.
NEAREST_SEARCHED_MAX = 1_024
_WIDER = 4


def registered_by(database: Database, made_at: datetime) -> Registered:
    """What was registered by ``made_at``, read from the database; texts are read when they are first needed."""
    with database.begin() as work:
        later = work.works.recorded_after(made_at)
    return _registered(database, later)


def registered_still(database: Database, made_at: datetime | None, *, before: int | None = None) -> Registered:
    """What was registered by ``made_at``, or by now where it is None, and was not withdrawn since.

    A withdrawn work is passed over whenever the output was made: it is the day of the decision that counts. With
    ``before``, a number of the log, only what was withdrawn before it is.
    """
    with database.begin() as work:
        later = dict(work.works.recorded_after(made_at)) if made_at is not None else {}
        later |= dict.fromkeys(work.works.withdrawn_revisions(before=before), ())
    return _registered(database, later)


def _registered(database: Database, later: Mapping[str, Sequence[str]]) -> Registered:
    def text(revision: str) -> str:
        with database.begin() as work:
            return work.works.text(revision) or ""

    return Registered(later=later, text=text)


class IndexAsOf:
    """Implements the port `SourceIndex` over another one. Its answers are those of an index without later passages."""

    def __init__(self, index: SourceIndex, registered: Registered) -> None:
        self._index, self._registered = index, registered
        self._had: dict[int, bool] = {}

    @property
    def published(self) -> PublishedSnapshot:
        """The snapshot that is searched."""
        return self._index.published

    def nearest(self, vectors: Vectors, k: int) -> NDArray[np.int64]:
        """Ordinals of the ``k`` nearest segments that were there; -1 where `NEAREST_SEARCHED_MAX` hold fewer."""
        nearest = np.full((len(vectors), k), -1, np.int64)
        rows, asked = np.arange(len(vectors)), k
        while len(rows):
            found = self._index.nearest(vectors[rows], asked)
            there = self._there(found)
            for row, ordinals in zip(rows, (f[t][:k] for f, t in zip(found, there, strict=True)), strict=True):
                nearest[row, : len(ordinals)] = ordinals
            full = (there.sum(axis=1) >= k) | (found < 0).any(axis=1)
            rows = rows[~full] if asked < NEAREST_SEARCHED_MAX else rows[:0]
            asked = min(_WIDER * asked, max(k, NEAREST_SEARCHED_MAX))
        return nearest

    def sharing(self, hashes: Hashes) -> Sequence[Sequence[int]]:
        """For each hash, the segments that were there; the index lists the oldest, so later ones push none out."""
        found = self._index.sharing(hashes)
        self._learn({ordinal for ordinals in found for ordinal in ordinals})
        return [[o for o in ordinals if self._had[o]] for ordinals in found]

    def revisions(self, ordinals: Set[int]) -> Mapping[int, str]:
        """The revision that each segment belongs to."""
        return self._index.revisions(ordinals)

    def candidates(self, ordinals: Set[int]) -> Candidates:
        """These segments and their direct neighbours, as far as they were there."""
        return registered_by_then(self._index.candidates(ordinals), self._registered)

    def _there(self, ordinals: NDArray[np.int64]) -> NDArray[np.bool_]:
        each = np.unique(ordinals[ordinals >= 0])
        self._learn({int(o) for o in each})
        had = np.array([self._had[int(o)] for o in each], bool)
        there = ordinals >= 0
        there[there] = had[np.searchsorted(each, ordinals[there])]
        return there

    def _learn(self, ordinals: Set[int]) -> None:
        """Whether each segment was there. Texts are compared only where a work was revised since."""
        new = ordinals - self._had.keys()
        unsure = set()
        for ordinal, revision in self._index.revisions(new).items():
            earlier = self._registered.later.get(revision)
            self._had[ordinal] = earlier is None
            if earlier:
                unsure.add(ordinal)
        if unsure:
            for segment in self._index.candidates(unsure).segments:
                self._had[segment.ordinal] = self._registered.had(segment)
