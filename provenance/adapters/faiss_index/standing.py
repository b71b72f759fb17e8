"""What still stands of a shard: its answers without the works that were replaced or withdrawn since."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.layout import ShardEntry
from provenance.adapters.faiss_index.shard import Shard
from provenance.adapters.faiss_index.vectors import Ordinals, Scores
from provenance.fingerprints.exact import PLACES_MAX, Hashes
from provenance.fingerprints.vector import Vectors

_WIDER = 4


class Standing:
    """A shard under tombstones; ordinals are the shard's own.

    Its answers are those of a shard without the dead works: where these are in the way it searches wider, up to as many
    more as there are dead segments. How many that may be before the shard is built anew, `tiers` says.
    """

    def __init__(self, shard: Shard, entry: ShardEntry) -> None:
        self.shard, self.entry = shard, entry

    def nearest(self, vectors: Vectors, k: int) -> tuple[Scores, Ordinals]:
        """Scores and ordinals of the ``k`` best that stand, best first; -1 where there are fewer."""
        if not self.entry.dead:
            return self.shard.vectors.nearest(vectors, k)
        scores = np.full((len(vectors), k), -np.inf, np.float32)
        ordinals = np.full((len(vectors), k), -1, np.int64)
        rows, asked, most = np.arange(len(vectors)), k, k + self.entry.dead_segments
        while len(rows):
            found_scores, found = self.shard.vectors.nearest(vectors[rows], asked)
            stands = self.stand(found)
            for row, score, ordinal, there in zip(rows.tolist(), found_scores, found, stands, strict=True):
                some = ordinal[there][:k]
                ordinals[row, : len(some)], scores[row, : len(some)] = some, score[there][:k]
            rows = rows[(stands.sum(axis=1) < k) & (asked < most)]
            asked = min(_WIDER * asked, most)
        return scores, ordinals

    def sharing(self, hashes: Hashes, places_max: int = PLACES_MAX) -> list[list[int]]:
        """For each hash the first ``places_max`` segments that stand and have it, ascending."""
        found = self.shard.kgrams.sharing(hashes, places_max)
        if not self.entry.dead:
            return found
        asked, most = places_max, places_max + self.entry.dead_segments
        kept = self._kept(found)
        while asked < most:
            short = [n for n, f in enumerate(found) if len(f) == asked and len(kept[n]) < places_max]
            if not short:
                break
            asked = min(_WIDER * asked, most)
            wider = self.shard.kgrams.sharing(hashes[short], asked)
            found = [[] for _ in found]
            for n, more, stands in zip(short, wider, self._kept(wider), strict=True):
                found[n], kept[n] = more, stands
        return [k[:places_max] for k in kept]

    def stand(self, ordinals: Ordinals) -> NDArray[np.bool_]:
        """Which of the ordinals are of segments that stand; -1 is none."""
        there = ordinals >= 0
        if self.entry.dead and there.any():
            there[there] = ~self._dead[self.shard.place_of(ordinals[there])]
        return there

    def _kept(self, found: Sequence[Sequence[int]]) -> list[list[int]]:
        every = np.fromiter((o for some in found for o in some), np.int64)
        stands = self.stand(every).tolist()
        kept, at = [], 0
        for some in found:
            kept.append([o for o, there in zip(some, stands[at : at + len(some)], strict=True) if there])
            at += len(some)
        return kept

    @cached_property
    def _dead(self) -> NDArray[np.bool_]:
        dead = np.zeros(self.entry.works, np.bool_)
        dead[list(self.entry.dead)] = True
        return dead
