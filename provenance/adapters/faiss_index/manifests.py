"""The manifests of all snapshots there ever were: small files under their digests, and never removed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path

from provenance.adapters.faiss_index.durable import synced, written
from provenance.adapters.faiss_index.layout import MANIFESTS, REBUILD, Manifest, ShardEntry, read_manifest, sealed
from provenance.adapters.faiss_index.shards import ShardFolder
from provenance.kernel.errors import SnapshotUnusable
from provenance.services.records import PublishedSnapshot

REMEMBERED_MAX = 100_000
UNFINISHED = ".new"


class ManifestFolder:
    """Manifests under ``root/manifests``; one process at a time writes."""

    def __init__(self, root: Path, rules: Mapping[str, str]) -> None:
        self._folder, self._rules = root / MANIFESTS, rules
        self._shards: dict[str, frozenset[str]] = {}

    def read(self, digest: str, encoder: str) -> Manifest:
        """Raises `SnapshotUnusable` where there is none, or it is of another encoder or of other rules."""
        manifest = read_manifest(self._folder / f"{digest}.json")
        if manifest.encoder != encoder:
            raise SnapshotUnusable(
                f"The snapshot {digest[:16]} is of the encoder {manifest.encoder}, not {encoder}.", mend=REBUILD
            )
        if manifest.rules != self._rules:
            raise SnapshotUnusable(f"The snapshot {digest[:16]} was made by other rules.", mend=REBUILD)
        return manifest

    def write(self, manifest: Manifest) -> PublishedSnapshot:
        """Write it through to the disk under its name, in one step. Raises `OSError`."""
        digest, data = sealed(manifest)
        path = self._folder / f"{digest}.json"
        if not path.exists() or path.read_bytes() != data:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(UNFINISHED)
            try:
                written(unfinished, data)
                synced(unfinished)
                os.replace(unfinished, path)  # noqa: PTH105  like the other renames here
            except OSError:
                unfinished.unlink(missing_ok=True)
                raise
            synced(self._folder)
        return manifest.published(digest)

    def shards_of(self, digests: Set[str]) -> set[str]:
        """The shards of these snapshots; of one whose manifest can't be read there are none."""
        if len(self._shards) > REMEMBERED_MAX:
            self._shards.clear()
        for digest in digests - self._shards.keys():
            try:
                manifest = read_manifest(self._folder / f"{digest}.json")
            except SnapshotUnusable:
                continue
            self._shards[digest] = frozenset(e.shard for e in manifest.shards)
        return {shard for digest in digests for shard in self._shards.get(digest, ())}

    def clear_unfinished(self) -> None:
        """Remove what a killed writer left."""
        for left in self._folder.glob(f"*{UNFINISHED}"):
            left.unlink(missing_ok=True)


def without(entries: Sequence[ShardEntry], works: Set[str], shards: ShardFolder) -> tuple[ShardEntry, ...]:
    """The entries with tombstones on these works, and no shard of which nothing stands any more."""
    if not works:
        return tuple(entries)
    buried = (_buried(entry, works, shards) for entry in entries)
    return tuple(e for e in buried if len(e.dead) < e.works)


def _buried(entry: ShardEntry, works: Set[str], shards: ShardFolder) -> ShardEntry:
    shard = shards.open(entry.shard)
    places = {place for work in works if (place := shard.places.get(work)) is not None}
    if places <= {*entry.dead}:
        return entry
    dead = tuple(sorted(places | {*entry.dead}))
    return replace(entry, dead=dead, dead_segments=shard.sizes(dead))
