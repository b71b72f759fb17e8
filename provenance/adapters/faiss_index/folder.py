"""The folder of snapshots: small manifests over shards; opened by digest, grown, merged, restored and cleared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Set
from dataclasses import replace
from pathlib import Path

from provenance.adapters.faiss_index.builder import Background
from provenance.adapters.faiss_index.durable import building, clear_buildings, storage_errors
from provenance.adapters.faiss_index.layout import FORMAT, Manifest, ShardEntry
from provenance.adapters.faiss_index.manifests import ManifestFolder, without
from provenance.adapters.faiss_index.merging import ShardMerge, claim
from provenance.adapters.faiss_index.shards import ReadRevision, ShardFolder
from provenance.adapters.faiss_index.snapshot import FaissSnapshot
from provenance.fingerprints.vector import EncoderIdentity
from provenance.services.records import IndexedRevision, PublishedSnapshot

DIGEST_CHARS = 64


class SnapshotFolder:
    """Implements the port `Snapshots` on a local folder.

    One process at a time builds, adds, claims, splices and clears; any number open, verify, merge beside and restore.
    """

    def __init__(self, root: Path, background: Background) -> None:
        self._root = root
        self._shards = ShardFolder(root, background)
        self._manifests = ManifestFolder(root, self._shards.rules)

    def build(self, revisions: Iterator[IndexedRevision], encoder: EncoderIdentity) -> PublishedSnapshot:
        """Write a whole snapshot, as one shard.

        Raises:
            StorageFull, StorageFailed: nothing is left behind.
        """
        nothing = Manifest(format=FORMAT, encoder=encoder.name, rules=self._shards.rules, shards=())
        return self._grown(nothing, revisions, frozenset(), encoder)

    def add(
        self, base: str, revisions: Iterator[IndexedRevision], gone: Set[str], encoder: EncoderIdentity
    ) -> PublishedSnapshot:
        """A snapshot of what ``base`` holds and of these revisions, in one more shard; it costs what these cost.

        Earlier revisions of the same works, and all of the works in ``gone``, aren't found in it any more. The
        revisions were registered after all that ``base`` holds.

        Raises:
            SnapshotUnusable: ``base`` is.
            StorageFull, StorageFailed: nothing is left behind.
        """
        return self._grown(self._manifests.read(base, encoder.name), revisions, gone, encoder)

    def open(self, digest: str, encoder: str) -> FaissSnapshot:
        """Open by digest; shards that are open already are shared. Raises `SnapshotUnusable`."""
        manifest = self._manifests.read(digest, encoder)
        return FaissSnapshot(digest, manifest, [self._shards.open(e.shard) for e in manifest.shards])

    def restore(self, digest: str, encoder: str, read: ReadRevision) -> FaissSnapshot:
        """Open a snapshot of which shards were cleared away or damaged, after building these again.

        Raises:
            SnapshotUnusable: one can't be had again to the bit.
            StorageFull, StorageFailed: the disk refuses.
        """
        manifest = self._manifests.read(digest, encoder)
        with storage_errors(self._root):
            shards = [self._shards.restored(entry.shard, read) for entry in manifest.shards]
        return FaissSnapshot(digest, manifest, shards)

    def verify(self, digest: str, encoder: str) -> None:
        """Read every byte of the snapshot. Raises `SnapshotUnusable` where one was altered."""
        for entry in self._manifests.read(digest, encoder).shards:
            self._shards.check(entry.shard)

    def next_merge(
        self, digest: str, encoder: EncoderIdentity, *, segments_max: int | None = None
    ) -> ShardMerge | None:
        """The merge that is due in this snapshot, and nobody else's until its block ends; None where there is none.

        One that writes more than ``segments_max`` segments isn't looked for. Raises what `add` does.
        """
        manifest = self._manifests.read(digest, encoder.name)
        with storage_errors(self._root):
            found = claim(self._root, manifest, segments_max)
        return ShardMerge(found, self._shards, self._manifests, encoder) if found else None

    def keep_only(self, digests: Set[str]) -> None:
        """Clear away the shards that none of these snapshots holds, and what crashed builds left; never a manifest."""
        if not self._root.exists():
            return
        clear_buildings(self._root)
        self._manifests.clear_unfinished()
        for folder in self._root.glob("*"):  # snapshots of the time before there were shards
            if len(folder.name) == DIGEST_CHARS and folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
        self._shards.keep_only(self._manifests.shards_of(digests))

    def _grown(
        self, base: Manifest, revisions: Iterator[IndexedRevision], gone: Set[str], encoder: EncoderIdentity
    ) -> PublishedSnapshot:
        with storage_errors(self._root), building(self._root) as into:
            built = self._shards.write(into, revisions, encoder.name, encoder.dimensions)
            if built is None:
                return self._manifests.write(replace(base, shards=without(base.shards, gone, self._shards)))
            digest, record = built
            self._shards.name(into, digest)
            new = ShardEntry(shard=digest, works=record.works, segments=record.segments)
            replaced = self._shards.open(digest).places.keys()
            standing = without(base.shards, gone | replaced, self._shards)
            return self._manifests.write(replace(base, shards=(*standing, new)))
