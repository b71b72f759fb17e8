"""Write a snapshot from a stream of revisions, holding one revision, one shard and one bucket of k-grams at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from provenance.adapters.faiss_index.kgram_file import KgramWriter
from provenance.adapters.faiss_index.layout import (
    CONTENT_WORDS,
    FORMAT,
    KGRAMS,
    SEGMENTS,
    TEXT,
    WORKS,
    Manifest,
    describe_file,
    shard_name,
    write_manifest,
)
from provenance.adapters.faiss_index.segment_files import SegmentFiles
from provenance.attribution.lexical import LEXICAL_IDENTITY, Rarity
from provenance.fingerprints.sampling import SAMPLED_IDENTITY
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.fingerprints.words import FOLDING
from provenance.kernel.canonical import digest
from provenance.services.records import IndexedRevision

SHARD_VECTORS = 131_072


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """How rare words are in general language, and the name of the table that says so."""

    rarity: Rarity
    identity: str


def build_snapshot(
    folder: Path, revisions: Iterator[IndexedRevision], encoder: EncoderIdentity, background: Background
) -> Manifest:
    """Write all files of a snapshot into the empty ``folder``; the manifest comes last and names the digest."""
    works: list[tuple[str, str]] = []
    state = hashlib.sha256()
    shards = _ShardWriter(folder, encoder.dimensions)
    with (
        (folder / SEGMENTS).open("wb") as segments,
        (folder / TEXT).open("wb") as text,
        (folder / CONTENT_WORDS).open("wb") as content,
        KgramWriter(folder / KGRAMS) as kgrams,
    ):
        files = SegmentFiles(segments=segments, text=text, content=content, rarity=background.rarity)
        for revision in revisions:
            spans = segment(revision.text)
            assert len(spans) == len(revision.vectors), f"{revision.revision} was cut by other rules"
            kgrams.add(*files.write(len(works), revision.text, spans))
            shards.add(revision.vectors)
            works.append((revision.work, revision.revision))
            state.update(f"{revision.work} {revision.revision} ".encode() + revision.vectors.astype("<f2").tobytes())
    shards.close()
    (folder / WORKS).write_text(json.dumps(works), encoding="utf-8")
    named = [SEGMENTS, TEXT, CONTENT_WORDS, KGRAMS, WORKS, *(shard_name(i) for i in range(shards.count))]
    parts = {
        "format": FORMAT,
        "encoder": encoder.name,
        "exact": SAMPLED_IDENTITY,
        "words": FOLDING,
        "content": LEXICAL_IDENTITY,
        "background": background.identity,
        "revisions_sha256": state.hexdigest(),
    }
    manifest = Manifest(
        format=FORMAT,
        digest=digest(parts),
        encoder=encoder.name,
        works=len(works),
        segments=shards.total,
        shards=shards.count,
        files={name: describe_file(folder / name) for name in named},
    )
    write_manifest(folder, manifest)
    return manifest


class _ShardWriter:
    """Fills one FAISS index after the other: half-precision scalar codes, inner product, no loss to stored vectors."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder, self._dimensions = folder, dimensions
        self._index = self._empty()
        self.count = 0
        self.total = 0

    def _empty(self) -> faiss.IndexScalarQuantizer:
        return faiss.IndexScalarQuantizer(self._dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)

    def add(self, vectors: Vectors) -> None:
        self.total += len(vectors)
        while len(vectors):
            room = SHARD_VECTORS - self._index.ntotal
            self._index.add(np.ascontiguousarray(vectors[:room]))
            vectors = vectors[room:]
            if self._index.ntotal == SHARD_VECTORS:
                self._write()

    def _write(self) -> None:
        # Through a file of Python's: FAISS's own swallows the error where the last block doesn't fit on the disk.
        with (self._folder / shard_name(self.count)).open("wb") as file:
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]  # no stub
        self.count += 1
        self._index = self._empty()

    def close(self) -> None:
        if self._index.ntotal:
            self._write()
