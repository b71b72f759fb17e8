"""What a snapshot folder holds: the files' names, their record types, and the manifest with a digest of each."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from provenance.kernel.canonical import digest
from provenance.kernel.errors import SnapshotUnusable
from provenance.services.records import PublishedSnapshot

FORMAT = "snapshot-2"
MANIFEST, WORKS = "manifest.json", "works.json"
SEGMENTS, TEXT, CONTENT_WORDS, KGRAMS = "segments.bin", "text.bin", "content.bin", "kgrams.bin"
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


def shard_name(number: int) -> str:
    """The file of the vectors' ``number``-th shard."""
    return f"vectors-{number:05d}.faiss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the snapshot is, and size and SHA-256 of each of its files by name."""

    format: str
    digest: str
    encoder: str
    works: int
    segments: int
    shards: int
    files: Mapping[str, Mapping[str, Any]]

    @property
    def published(self) -> PublishedSnapshot:
        """The part of it that the rest of the system knows."""
        return PublishedSnapshot(digest=self.digest, encoder=self.encoder, works=self.works, segments=self.segments)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it last, with a digest of itself, and through to the disk: a folder with a manifest is whole."""
    path = folder / MANIFEST
    fields = asdict(manifest)
    sealed = {**fields, "sha256": digest(fields)}
    path.write_text(json.dumps(sealed, indent=1, sort_keys=True), encoding="utf-8")
    for file in [*(folder / name for name in manifest.files), path, folder]:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_manifest(folder: Path) -> Manifest:
    """Read and check it against every file of the folder.

    Raises:
        SnapshotUnusable: there is none, it is of another format, or a file was lost, cut or altered.
    """
    try:
        fields = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if fields.pop("sha256") != digest(fields):
            raise ValueError("its digest is of another manifest")
        manifest = Manifest(**fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SnapshotUnusable(f"The snapshot {folder.name[:16]} has no readable manifest.", mend=REBUILD) from error
    if manifest.format != FORMAT or manifest.digest != folder.name:
        raise SnapshotUnusable(f"The snapshot {folder.name[:16]} is of another format or name.", mend=REBUILD)
    for name, expected in manifest.files.items():
        try:
            found = describe_file(folder / name)
        except OSError as error:
            raise SnapshotUnusable(f"The snapshot {folder.name[:16]} lacks {name}.", mend=REBUILD) from error
        if found != expected:
            raise SnapshotUnusable(f"{name} of the snapshot {folder.name[:16]} was altered.", mend=REBUILD)
    return manifest


def describe_file(path: Path) -> dict[str, Any]:
    """A file's size in bytes and SHA-256."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
