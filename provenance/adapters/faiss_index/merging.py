"""One merge of neighbouring shards: claimed, built beside while publications go on, and spliced in for them.

It is built from the database, like every shard: to cut and fold a segment again costs a hundredth of what it cost to
encode it, damage isn't copied on, and what comes out is what a build from scratch would be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from provenance.adapters.faiss_index.durable import building, buildings, storage_errors, written
from provenance.adapters.faiss_index.layout import Manifest, ShardEntry, ShardRecord
from provenance.adapters.faiss_index.manifests import ManifestFolder, without
from provenance.adapters.faiss_index.shards import ReadRevision, ShardFolder, read_all
from provenance.adapters.faiss_index.tiers import ShardSize, next_merge
from provenance.fingerprints.vector import EncoderIdentity
from provenance.services.records import PublishedSnapshot

CLAIMS = "claims.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Neighbouring shards that nobody else merges while ``held`` is open."""

    entries: tuple[ShardEntry, ...]
    folder: Path
    held: ExitStack


def claim(root: Path, manifest: Manifest, segments_max: int | None) -> Claim | None:
    """Choose what is due and claim it; the caller is the one process that publishes."""
    sizes = [
        ShardSize(shard=e.shard, standing=e.segments - e.dead_segments, dead=e.dead_segments) for e in manifest.shards
    ]
    run = next_merge(sizes, claimed=_claimed(root), segments_max=segments_max)
    if not run:
        return None
    with ExitStack() as held:
        folder = held.enter_context(building(root))
        entries = manifest.shards[run.start : run.stop]
        written(folder / CLAIMS, json.dumps([e.shard for e in entries]).encode())
        return Claim(entries=entries, folder=folder, held=held.pop_all())


def _claimed(root: Path) -> set[str]:
    claims = [folder / CLAIMS for folder in buildings(root)]
    return {shard for file in claims if file.exists() for shard in json.loads(file.read_bytes())}


class ShardMerge:
    """Implements the port `Merge`."""

    def __init__(
        self, claimed: Claim, shards: ShardFolder, manifests: ManifestFolder, encoder: EncoderIdentity
    ) -> None:
        self._claim, self._shards, self._manifests, self._encoder = claimed, shards, manifests, encoder
        self._built: tuple[str, ShardRecord] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._claim.held.close()

    def build(self, read: ReadRevision) -> None:
        """Write the merged shard, without what is dead by now; takes long where it is large.

        Raises:
            SnapshotUnusable: a revision can't be read any more.
            StorageFull, StorageFailed: nothing has changed.
        """
        with storage_errors(self._claim.folder.parent):
            revisions = read_all(self._standing(), read)
            name, dimensions = self._encoder.name, self._encoder.dimensions
            self._built = self._shards.write(self._claim.folder, revisions, name, dimensions)

    def splice(self, onto: str) -> PublishedSnapshot | None:
        """The snapshot ``onto`` with the merged shard for those that it replaces; None where they aren't in it.

        What died while it was built is dead in it. The caller is the one process that publishes. Raises what `build`
        does.
        """
        manifest = self._manifests.read(onto, self._encoder.name)
        claimed = {e.shard for e in self._claim.entries}
        at = [n for n, entry in enumerate(manifest.shards) if entry.shard in claimed]
        if not at or at != [*range(at[0], at[-1] + 1)]:
            return None
        before, after = manifest.shards[: at[0]], manifest.shards[at[-1] + 1 :]
        with storage_errors(self._claim.folder.parent):
            spliced: tuple[ShardEntry, ...] = ()
            if self._built is not None:
                digest, record = self._built
                self._shards.name(self._claim.folder, digest)
                new = ShardEntry(shard=digest, works=record.works, segments=record.segments)
                spliced = without([new], self._died(manifest), self._shards)
            return self._manifests.write(replace(manifest, shards=(*before, *spliced, *after)))

    def _standing(self) -> Iterator[str]:
        for entry in self._claim.entries:
            dead = {*entry.dead}
            works = self._shards.open(entry.shard).works
            yield from (revision for place, (_, revision) in enumerate(works) if place not in dead)

    def _died(self, manifest: Manifest) -> set[str]:
        """The works in these shards that got a tombstone since they were claimed.

        A shard of which nothing stands any more has left the snapshot by now.
        """
        now = {e.shard: e.dead for e in manifest.shards}
        return {
            self._shards.open(then.shard).works[place][0]
            for then in self._claim.entries
            for place in {*now.get(then.shard, range(then.works))} - {*then.dead}
        }
