"""An open snapshot: every file mapped read-only, safe to read from many threads and processes at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.kgram_file import KgramFile
from provenance.adapters.faiss_index.layout import (
    CONTENT_WORDS,
    KGRAMS,
    REBUILD,
    SEGMENT,
    SEGMENTS,
    TEXT,
    WORKS,
    Manifest,
    read_manifest,
    shard_name,
)
from provenance.attribution.lexical import CONTENT, WordTable
from provenance.attribution.passages import REGION_SEGMENTS, Candidates, SourceSegment
from provenance.fingerprints.exact import Hashes
from provenance.fingerprints.vector import Vectors
from provenance.kernel.errors import SnapshotUnusable
from provenance.kernel.span import Span
from provenance.services.records import PublishedSnapshot


class FaissSnapshot:
    """Implements the port `SourceIndex`."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._manifest = manifest
        flags = faiss.IO_FLAG_MMAP_IFC
        self._shards = [faiss.read_index(str(folder / shard_name(i)), flags) for i in range(manifest.shards)]
        self._bounds = np.cumsum([0, *(s.ntotal for s in self._shards)])
        self._segments = _mapped(folder / SEGMENTS, SEGMENT)
        self._text = _mapped(folder / TEXT, np.dtype(np.uint8))
        self._content = _mapped(folder / CONTENT_WORDS, CONTENT)
        self._works: list[tuple[str, str]] = [tuple(w) for w in json.loads((folder / WORKS).read_text("utf-8"))]
        self._kgrams = KgramFile(folder / KGRAMS)

    @classmethod
    def open(cls, folder: Path, encoder: str) -> FaissSnapshot:
        """Open the snapshot in ``folder``.

        Raises:
            SnapshotUnusable: missing, altered, or of another encoder than ``encoder``.
        """
        manifest = read_manifest(folder)
        if manifest.encoder != encoder:
            raise SnapshotUnusable(
                f"The snapshot {folder.name[:16]} is of the encoder {manifest.encoder}, not {encoder}.", mend=REBUILD
            )
        return cls(folder, manifest)

    @property
    def published(self) -> PublishedSnapshot:
        """Its digest, encoder and size."""
        return self._manifest.published

    def nearest(self, vectors: Vectors, k: int) -> NDArray[np.int64]:
        """Ordinals of the ``k`` segments of highest cosine, best first; between equals the lower ordinal."""
        if not self._shards or not len(vectors):
            return np.full((len(vectors), k), -1, np.int64)
        best = [_best(shard, np.ascontiguousarray(vectors), k) for shard in self._shards]
        score = np.hstack([scores for scores, _ in best])
        ordinal = np.hstack([ids + first for (_, ids), first in zip(best, self._bounds[:-1], strict=True)])
        order = np.lexsort((ordinal, -score), axis=1)[:, :k]
        nearest = np.full((len(vectors), k), -1, np.int64)
        nearest[:, : order.shape[1]] = np.take_along_axis(ordinal, order, axis=1)
        return nearest

    def sharing(self, hashes: Hashes) -> Sequence[Sequence[int]]:
        """For each hash, the segments where such a k-gram was sampled, at most `PLACES_MAX`: the first."""
        return self._kgrams.sharing(hashes)

    def revisions(self, ordinals: Set[int]) -> Mapping[int, str]:
        """The revision that each of these segments belongs to."""
        return {o: self._works[int(self._segments[o]["work"])][1] for o in ordinals}

    def candidates(self, ordinals: Set[int]) -> Candidates:
        """These segments and their direct neighbours in the same revision, with their vectors and the words around."""
        wanted = np.array(sorted(ordinals), np.int64)
        near = self._around(wanted, 1)
        return Candidates(
            segments=[self._segment(o) for o in near.tolist()],
            vectors=self._vectors(near),
            content=self._words(self._around(near, REGION_SEGMENTS)),
        )

    def _around(self, ordinals: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
        """The ordinals that lie within ``reach`` of one of these in the same work, ascending."""
        near = ordinals[:, None] + np.arange(-reach, reach + 1)
        inside = np.clip(near, 0, max(0, len(self._segments) - 1))
        work = self._segments["work"]
        return np.unique(near[(near == inside) & (work[inside] == work[ordinals][:, None])])

    def _words(self, ordinals: NDArray[np.int64]) -> WordTable:
        rows = self._segments[ordinals]
        records = [self._content[a:b] for a, b in zip(rows["content_start"], rows["content_end"], strict=True)]
        return WordTable(
            ordinals=ordinals,
            texts=rows["work"].astype(np.int64),
            bounds=np.cumsum([0, *map(len, records)]),
            words=np.concatenate([np.empty(0, CONTENT), *records]),
        )

    def _segment(self, ordinal: int) -> SourceSegment:
        row = self._segments[ordinal]
        work, revision = self._works[int(row["work"])]
        text = bytes(self._text[int(row["text_start"]) : int(row["text_end"])]).decode("utf-8")
        span = Span(int(row["start"]), int(row["end"]))
        return SourceSegment(ordinal=ordinal, work=work, revision=revision, span=span, text=text)

    def _vectors(self, wanted: NDArray[np.int64]) -> Vectors:
        vectors = np.empty((len(wanted), self._shards[0].d if self._shards else 0), np.float32)
        shard_of = np.searchsorted(self._bounds, wanted, "right") - 1
        for number in np.unique(shard_of):
            rows = np.flatnonzero(shard_of == number)
            vectors[rows] = self._shards[number].reconstruct_batch(wanted[rows] - self._bounds[number])
        return vectors


def _best(shard: faiss.Index, vectors: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Scores and ids of the ``k`` best of a shard (or all of a smaller one); between equals the lower ids.

    FAISS keeps any of several equals in the last place. So it is asked for one more than that, and where this one is as
    good as the last, for more until they are all in.
    """
    scores, ids = shard.search(vectors, min(k + 1, shard.ntotal))
    if k < shard.ntotal:
        for row in np.flatnonzero(scores[:, k] == scores[:, k - 1]):
            scores[row, :k], ids[row, :k] = _best_through_equals(shard, vectors[row], k)
    return scores[:, :k], ids[:, :k]


def _best_through_equals(
    shard: faiss.Index, vector: NDArray[np.float32], k: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    wanted, equals = k, True
    while equals:
        wanted = min(8 * wanted, shard.ntotal)
        scores, ids = shard.search(vector[None], wanted)
        equals = wanted < shard.ntotal and scores[0, -1] == scores[0, k - 1]
    order = np.lexsort((ids[0], -scores[0]))[:k]
    return scores[0, order], ids[0, order]


def _mapped(path: Path, kind: np.dtype[np.void] | np.dtype[np.uint8]) -> NDArray[np.void]:
    # An empty file can't be mapped.
    return np.empty(0, kind) if path.stat().st_size == 0 else np.memmap(path, kind, "r")
