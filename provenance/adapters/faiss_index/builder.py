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

from provenance.adapters.faiss_index.durable import synced, written
from provenance.adapters.faiss_index.kgram_file import KgramWriter
from provenance.adapters.faiss_index.layout import (
    CONTENT_WORDS,
    FORMAT,
    KGRAMS,
    RECORD,
    SEGMENTS,
    TEXT,
    WORKS,
    ShardRecord,
    describe_file,
    sealed,
)
from provenance.adapters.faiss_index.segment_files import SegmentFiles
from provenance.adapters.faiss_index.vectors import VectorsWriter
from provenance.attribution.lexical import LEXICAL_IDENTITY, Rarity
from provenance.fingerprints.sampling import SAMPLED_IDENTITY
from provenance.fingerprints.segment import segment
from provenance.fingerprints.words import FOLDING
from provenance.services.records import IndexedRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """How rare words are in general language, and the name of the table that says so."""

    rarity: Rarity
    identity: str


def rules(background: Background) -> dict[str, str]:
    """By what a shard is made from its revisions: shards of other rules don't go together."""
    return {
        "exact": SAMPLED_IDENTITY,
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
        files = SegmentFiles(segments=segments, text=text, content=content, rarity=background.rarity)
        for revision in revisions:
            spans = segment(revision.text)
            assert len(spans) == len(revision.vectors), f"{revision.revision} was cut by other rules"
            kgrams.add(*files.write(len(works), revision.text, spans))
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
