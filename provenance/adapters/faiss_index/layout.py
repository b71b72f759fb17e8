"""What lies where: the files of a shard with digests of their blocks, and the manifest of a snapshot over shards.

Both are sealed by their names: the name is the SHA-256 of the record's bytes, and the record holds the digests of all
the rest. What is of another name, size or content is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from provenance.kernel.canonical import sha256_hex
from provenance.kernel.errors import SnapshotUnusable
from provenance.services.records import PublishedSnapshot

FORMAT = "snapshot-4"
MANIFESTS, SHARDS = "manifests", "shards"
RECORD, WORKS = "shard.json", "works.json"
SEGMENTS, TEXT, CONTENT_WORDS, KGRAMS = "segments.bin", "text.bin", "content.bin", "kgrams.bin"
BLOCK_BYTES = 1 << 20
REBUILD = "Build it again from the database: provenance index --rebuild."

# A segment: its work's number in works.json, its characters in the revision, its UTF-8 bytes in text.bin, its
# records in content.bin.
SEGMENT = np.dtype(
    [
        ("work", "<u4"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("text_start", "<u8"),
        ("text_end", "<u8"),
        ("content_start", "<u8"),
        ("content_end", "<u8"),
    ],
    align=False,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A file's size in bytes, and the SHA-256 of each of its blocks of `BLOCK_BYTES`."""

    bytes: int
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorsInfo:
    """What a shard's record says of its vectors; of nothing but JSON values, and made again from its fields.

    ``files`` are the names of those that were written; ``parameters`` are those of the coarse stage with the recall
    that was measured, and empty where every row is compared.
    """

    files: tuple[str, ...]
    total: int
    dimensions: int
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardRecord:
    """All that a shard is: by which ``rules`` it was made, and each of its files."""

    format: str
    encoder: str
    rules: Mapping[str, str]
    works: int
    segments: int
    vectors: VectorsInfo
    files: Mapping[str, FileRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardEntry:
    """A shard in a snapshot. ``dead`` are the places of its works that were replaced or withdrawn since, ascending."""

    shard: str
    works: int
    segments: int
    dead: tuple[int, ...] = ()
    dead_segments: int = 0

    def __post_init__(self) -> None:
        assert sorted({*self.dead}) == [*self.dead], "tombstones are ascending, each once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A snapshot: its shards from the oldest to the newest. Ordinals run through them."""

    format: str
    encoder: str
    rules: Mapping[str, str]
    shards: tuple[ShardEntry, ...]

    def published(self, digest: str) -> PublishedSnapshot:
        """What the rest of the system knows of it: what was replaced or withdrawn doesn't count."""
        works = sum(e.works - len(e.dead) for e in self.shards)
        segments = sum(e.segments - e.dead_segments for e in self.shards)
        return PublishedSnapshot(digest=digest, encoder=self.encoder, works=works, segments=segments)


def sealed(record: ShardRecord | Manifest) -> tuple[str, bytes]:
    """The record's name and its bytes."""
    data = json.dumps(asdict(record), sort_keys=True, separators=(",", ":")).encode()
    return sha256_hex(data), data


def read_shard_record(folder: Path) -> ShardRecord:
    """The record of the shard in ``folder``. Raises `SnapshotUnusable`."""
    fields = _read(folder / RECORD, folder.name, f"The shard {folder.name[:16]}")
    return _made(_shard_record, fields, f"The shard {folder.name[:16]}")


def read_manifest(path: Path) -> Manifest:
    """The manifest of a snapshot. Raises `SnapshotUnusable`."""
    fields = _read(path, path.stem, f"The snapshot {path.stem[:16]}")
    return _made(_manifest, fields, f"The snapshot {path.stem[:16]}")


def read_works(folder: Path, record: ShardRecord) -> list[tuple[str, str]]:
    """The works of a shard and their revisions. Raises `SnapshotUnusable`."""
    try:
        data = (folder / WORKS).read_bytes()
    except OSError as error:
        raise SnapshotUnusable(f"The shard {folder.name[:16]} lacks {WORKS}.", mend=REBUILD) from error
    if record.files[WORKS] != describe(data):
        raise SnapshotUnusable(f"{WORKS} of the shard {folder.name[:16]} was altered.", mend=REBUILD)
    return [(work, revision) for work, revision in json.loads(data)]


def describe(data: bytes) -> FileRecord:
    """The record of a file that holds ``data``."""
    blocks = [data[i : i + BLOCK_BYTES] for i in range(0, len(data), BLOCK_BYTES)]
    return FileRecord(bytes=len(data), blocks=tuple(map(sha256_hex, blocks)))


def describe_file(path: Path) -> FileRecord:
    """The record of a file, read block by block."""
    blocks, size = [], 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            blocks.append(hashlib.sha256(block).hexdigest())
            size += len(block)
    return FileRecord(bytes=size, blocks=tuple(blocks))


def _read(path: Path, name: str, what: str) -> Any:
    try:
        data = path.read_bytes()
        if sha256_hex(data) != name:
            raise ValueError("its name is of other bytes")
        return json.loads(data)
    except (OSError, ValueError) as error:
        raise SnapshotUnusable(f"{what} has no readable manifest.", mend=REBUILD) from error


def _made(make: Callable[[dict[str, Any]], T], fields: dict[str, Any], what: str) -> T:
    try:
        if fields["format"] != FORMAT:
            raise SnapshotUnusable(f"{what} is of another format.", mend=REBUILD)
        return make(fields)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise SnapshotUnusable(f"{what} has no readable manifest.", mend=REBUILD) from error


def _shard_record(fields: dict[str, Any]) -> ShardRecord:
    vectors = {**fields["vectors"], "files": tuple(fields["vectors"]["files"])}
    files = {n: FileRecord(bytes=f["bytes"], blocks=tuple(f["blocks"])) for n, f in fields["files"].items()}
    return ShardRecord(**{**fields, "vectors": VectorsInfo(**vectors), "files": files})


def _manifest(fields: dict[str, Any]) -> Manifest:
    shards = tuple(ShardEntry(**{**e, "dead": tuple(e["dead"])}) for e in fields["shards"])
    return Manifest(**{**fields, "shards": shards})
