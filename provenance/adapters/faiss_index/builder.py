"""Write a shard from a stream of revisions, holding one revision and one bucket of k-grams at a time.

The same revisions in the same order give the same bytes, and so the same digest: a shard that was cleared away can be
built again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.durable import synced, written
from provenance.adapters.faiss_index.kgram_file import KgramWriter
from provenance.adapters.faiss_index.layout import (
    CONTENT_WORDS,
    FORMAT,
    KGRAMS,
    RECORD,
    SEGMENT,
    SEGMENTS,
    TEXT,
    WORKS,
    ShardRecord,
    describe_file,
    sealed,
)
from provenance.adapters.faiss_index.vectors import VectorsWriter
from provenance.attribution.lexical import CONTENT, LEXICAL_IDENTITY, Rarity, content_words
from provenance.fingerprints.exact import EXACT_IDENTITY, kgram_hashes
from provenance.fingerprints.segment import segment
from provenance.fingerprints.words import FOLDING, fold_words
from provenance.kernel.span import Span
from provenance.services.records import IndexedRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """How rare words are in general language, and the name of the table that says so."""

    rarity: Rarity
    identity: str


def rules(background: Background) -> dict[str, str]:
    """By what a shard is made from its revisions: shards of other rules don't go together."""
    return {
        "exact": EXACT_IDENTITY,
        "words": FOLDING,
        "content": LEXICAL_IDENTITY,
        "background": background.identity,
    }


def build_shard(
    folder: Path, revisions: Iterator[IndexedRevision], encoder: str, dimensions: int, background: Background
) -> tuple[str, ShardRecord]:
    """Write all files of a shard into the empty ``folder`` and through to the disk; the record comes last."""
    works: list[tuple[str, str]] = []
    total = 0
    with (
        (folder / SEGMENTS).open("wb") as segments,
        (folder / TEXT).open("wb") as text,
        (folder / CONTENT_WORDS).open("wb") as content,
        KgramWriter(folder / KGRAMS) as kgrams,
        VectorsWriter(folder, dimensions) as vectors,
    ):
        files = _SegmentFiles(segments=segments, text=text, content=content)
        for revision in revisions:
            spans = segment(revision.text)
            assert len(spans) == len(revision.vectors), f"{revision.revision} was cut by other rules"
            files.write(len(works), revision.text, spans, background.rarity)
            _add_kgrams(kgrams, revision.text, spans, first=total)
            vectors.add(revision.vectors)
            works.append((revision.work, revision.revision))
            total += len(spans)
        info = vectors.close()
    written(folder / WORKS, json.dumps(works).encode())
    named = [SEGMENTS, TEXT, CONTENT_WORDS, KGRAMS, WORKS, *info.files]
    record = ShardRecord(
        format=FORMAT,
        encoder=encoder,
        rules=rules(background),
        works=len(works),
        segments=total,
        vectors=info,
        files={name: describe_file(folder / name) for name in named},
    )
    digest, data = sealed(record)
    written(folder / RECORD, data)
    # All at once: the disk takes them together.
    with ThreadPoolExecutor(len(named) + 1) as pool:
        for _ in pool.map(synced, [folder / name for name in (*named, RECORD)]):
            pass
    synced(folder)
    return digest, record


@dataclass(frozen=True, slots=True, kw_only=True)
class _SegmentFiles:
    """The files that hold one record, one text and one set of content words for each segment."""

    segments: BinaryIO
    text: BinaryIO
    content: BinaryIO

    def write(self, work: int, whole: str, spans: list[Span], rarity: Rarity) -> None:
        rows = np.empty(len(spans), SEGMENT)
        text_at, content_at = self.text.tell(), self.content.tell() // CONTENT.itemsize
        for row, span in zip(rows, spans, strict=True):
            text = span.of(whole)
            data, words = text.encode("utf-8"), content_words(text, fold_words(text), rarity)
            self.text.write(data)
            self.content.write(words.tobytes())
            row["work"], row["start"], row["end"] = work, span.start, span.end
            row["text_start"], row["text_end"] = text_at, text_at + len(data)
            row["content_start"], row["content_end"] = content_at, content_at + len(words)
            text_at, content_at = text_at + len(data), content_at + len(words)
        self.segments.write(rows.tobytes())


def _add_kgrams(kgrams: KgramWriter, whole: str, spans: list[Span], *, first: int) -> None:
    words = fold_words(whole)
    hashes = kgram_hashes(words.folded)
    if not len(hashes):
        return
    starts = np.array([s.start for s in spans], np.int64)
    places = np.array(words.starts[: len(hashes)], np.int64)
    inside: NDArray[np.int64] = np.maximum(np.searchsorted(starts, places, "right") - 1, 0)
    kgrams.add(hashes, (inside + first).astype(np.uint32))
