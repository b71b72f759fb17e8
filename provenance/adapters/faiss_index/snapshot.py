"""An open snapshot: its shards one after the other, each without what was replaced or withdrawn since.

An ordinal is the number of segments in the shards before plus the place in its shard, so a lower one was registered
earlier, and those of dead segments are left out wherever they would come up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.layout import Manifest
from provenance.adapters.faiss_index.shard import Shard
from provenance.adapters.faiss_index.standing import Standing
from provenance.adapters.faiss_index.vectors import Ordinals
from provenance.attribution.lexical import WordTable, joined_tables
from provenance.attribution.passages import Candidates, SegmentColumns, joined_columns
from provenance.fingerprints.crowded import sharing_places
from provenance.fingerprints.exact import Hashes
from provenance.fingerprints.vector import Vectors
from provenance.services.records import PublishedSnapshot

_LAST = np.iinfo(np.int64).max


class FaissSnapshot:
    """Implements the port `SourceIndex`, and `WordsAround` for its candidates."""

    def __init__(self, digest: str, manifest: Manifest, shards: Sequence[Shard]) -> None:
        self._published = manifest.published(digest)
        self._shards = [Standing(s, e) for s, e in zip(shards, manifest.shards, strict=True)]
        self._bounds = np.cumsum([0, *(e.segments for e in manifest.shards)])
        self._works = np.cumsum([0, *(e.works for e in manifest.shards)])

    @property
    def published(self) -> PublishedSnapshot:
        """Its digest, encoder and size."""
        return self._published

    def nearest(self, vectors: Vectors, k: int) -> NDArray[np.int64]:
        """Ordinals of the ``k`` segments of highest cosine, best first; between equals the lower ordinal."""
        if not self._shards or not len(vectors):
            return np.full((len(vectors), k), -1, np.int64)
        best = [shard.nearest(vectors, k) for shard in self._shards]
        score = np.hstack([scores for scores, _ in best])
        ordinal = np.hstack([_shifted(found, first) for (_, found), first in zip(best, self._bounds, strict=False)])
        order = np.lexsort((np.where(ordinal < 0, _LAST, ordinal), -score), axis=1)[:, :k]
        return np.take_along_axis(ordinal, order, axis=1)

    def sharing(self, hashes: Hashes) -> Sequence[Sequence[int]]:
        """For each k-gram hash, the ordinals of segments where such a k-gram starts: see `sharing_places`."""
        return sharing_places(hashes, self._first_sharing)

    def _first_sharing(self, hashes: Hashes, places_max: int) -> list[list[int]]:
        shared: list[list[int]] = [[] for _ in hashes]
        for shard, first in zip(self._shards, self._bounds.tolist(), strict=False):
            for all_, some in zip(shared, shard.sharing(hashes, places_max), strict=True):
                if some and len(all_) < places_max:
                    all_ += [first + o for o in some[: places_max - len(all_)]]
        return shared

    def revisions(self, ordinals: Set[int]) -> Mapping[int, str]:
        """The revision that each of these segments belongs to."""
        found: dict[int, str] = {}
        for number, local in self._by_shard(np.array(sorted(ordinals), np.int64)):
            shard, first = self._shards[number].shard, int(self._bounds[number])
            places = zip(local.tolist(), shard.place_of(local).tolist(), strict=True)
            found |= {first + ordinal: shard.works[place][1] for ordinal, place in places}
        return found

    def candidates(self, ordinals: Set[int]) -> Candidates:
        """These segments and their direct neighbours in the same revision, with their vectors and the words around.

        Ordinals that no segment has, or none that stands, are passed over.
        """
        segments: list[SegmentColumns] = []
        vectors: list[Vectors] = []
        for number, local in self._by_shard(np.array(sorted(ordinals), np.int64)):
            shard, first = self._shards[number].shard, int(self._bounds[number])
            near = shard.around(local[self._shards[number].stand(local)], 1)
            segments.append(shard.columns(near, first))
            vectors.append(shard.vectors.rows(near))
        dimensions = self._shards[0].shard.vectors.dimensions if self._shards else 0
        return Candidates(
            segments=joined_columns(segments),
            vectors=vectors[0]
            if len(vectors) == 1
            else np.concatenate([np.empty((0, dimensions), np.float32), *vectors]),
            content=self,
        )

    def around(self, ordinals: Ordinals, reach: int) -> WordTable:
        """The words of the segments within ``reach`` of one of ``ordinals`` (ascending) in the same revision."""
        tables: list[WordTable] = []
        for number, local in self._by_shard(ordinals):
            shard, first = self._shards[number].shard, int(self._bounds[number])
            tables.append(shard.words(shard.around(local, reach), first, int(self._works[number])))
        return joined_tables(tables)

    def _by_shard(self, ordinals: Ordinals) -> Iterator[tuple[int, Ordinals]]:
        """The number of each shard that holds some of these ordinals, and these by its own count."""
        cuts = np.searchsorted(ordinals, self._bounds)
        for number, (start, end) in enumerate(pairwise(cuts.tolist())):
            if start < end:
                yield number, ordinals[start:end] - self._bounds[number]


def _shifted(ordinals: Ordinals, first: int) -> Ordinals:
    return np.where(ordinals < 0, -1, ordinals + first)
