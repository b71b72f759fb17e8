"""The folder of shards: built beside, named in one step, opened once for all snapshots that hold them, cleared away.

Of a shard that is cleared away its record and the list of its revisions stay: from these and the database it can be
built again, to the same bytes.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Set
from itertools import chain
from pathlib import Path
from weakref import WeakValueDictionary

from provenance.adapters.faiss_index.blocks import check_files, check_sizes
from provenance.adapters.faiss_index.builder import Background, build_shard, rules
from provenance.adapters.faiss_index.durable import building, synced
from provenance.adapters.faiss_index.layout import (
    RECORD,
    SHARDS,
    WORKS,
    ShardRecord,
    read_shard_record,
    read_works,
)
from provenance.adapters.faiss_index.shard import Shard
from provenance.kernel.errors import SnapshotUnusable
from provenance.services.records import IndexedRevision

KEPT_FOR_EVER = (RECORD, WORKS)
BUILT = "shard"

ReadRevision = Callable[[str], IndexedRevision | None]


class ShardFolder:
    """Shards under ``root/shards``, each in the folder of its digest."""

    def __init__(self, root: Path, background: Background) -> None:
        self._root, self._background = root, background
        self._folder = root / SHARDS
        self._open: WeakValueDictionary[str, Shard] = WeakValueDictionary()
        self._lock = threading.Lock()

    @property
    def rules(self) -> dict[str, str]:
        """By what shards are built here."""
        return rules(self._background)

    def open(self, digest: str) -> Shard:
        """The shard. Files are checked when they are opened; of one that is open already, their sizes.

        Raises:
            SnapshotUnusable: they aren't what was written.
        """
        with self._lock:
            shard = self._open.get(digest)
            if shard is not None:
                check_sizes(self._folder / digest, shard.record)
            else:
                shard = self._open[digest] = Shard.open(self._folder / digest)
            return shard

    def check(self, digest: str) -> None:
        """Read every byte. Raises `SnapshotUnusable`."""
        folder = self._folder / digest
        check_files(folder, read_shard_record(folder), all_blocks=True)

    def write(
        self, into: Path, revisions: Iterator[IndexedRevision], encoder: str, dimensions: int
    ) -> tuple[str, ShardRecord] | None:
        """Write a shard under the folder ``into``, without its name yet; None where there are no revisions."""
        first = next(revisions, None)
        if first is None:
            return None
        (into / BUILT).mkdir()
        return build_shard(into / BUILT, chain([first], revisions), encoder, dimensions, self._background)

    def name(self, built: Path, digest: str) -> None:
        """Give what was written under ``built`` its name. One that is there and whole is left as it is."""
        target = self._folder / digest
        self._folder.mkdir(exist_ok=True)
        if target.exists():
            if self._is_whole(target):
                return
            # File by file, the record last: whoever opens it meanwhile finds whole files, or that some are missing.
            for file in sorted((built / BUILT).iterdir(), key=lambda f: f.name == RECORD):
                os.replace(file, target / file.name)  # noqa: PTH105  a folder in a file's place is an error
            synced(target)
        else:
            (built / BUILT).rename(target)
        synced(self._folder)

    def restored(self, digest: str, read: ReadRevision) -> Shard:
        """The shard, built again where it was cleared away or damaged.

        Raises:
            SnapshotUnusable: what it was built from is lost, or gives another shard today.
        """
        folder = self._folder / digest
        record = read_shard_record(folder)
        works = read_works(folder, record)
        if self._is_whole(folder):
            return self.open(digest)
        if record.rules != self.rules:
            raise SnapshotUnusable(
                f"The shard {digest[:16]} was made by other rules.", mend="Ask a program of the version that made it."
            )
        with building(self._root) as into:
            revisions = read_all((revision for _, revision in works), read)
            built = self.write(into, revisions, record.encoder, record.vectors.dimensions)
            if built is None or built[0] != digest:
                raise SnapshotUnusable(
                    f"The shard {digest[:16]} can't be built again: it comes out another one.",
                    mend="Ask a program of the version that made it, on a machine of the same kind.",
                )
            self.name(into, digest)
        return self.open(digest)

    def keep_only(self, digests: Set[str]) -> None:
        """Clear every other shard away. Readers that have a file mapped keep it until they let go."""
        for folder in self._folder.glob("*"):
            if folder.name not in digests and folder.is_dir():
                for file in folder.iterdir():
                    if file.name not in KEPT_FOR_EVER:
                        _removed(file)

    def _is_whole(self, folder: Path) -> bool:
        try:
            check_files(folder, read_shard_record(folder))
        except SnapshotUnusable:
            return False
        return True


def read_all(revisions: Iterable[str], read: ReadRevision) -> Iterator[IndexedRevision]:
    """Read revisions one after the other. Raises `SnapshotUnusable` where one can't be."""
    for revision in revisions:
        found = read(revision)
        if found is None:
            raise SnapshotUnusable(f"The revision {revision} has no vectors of this encoder any more.")
        yield found


def _removed(file: Path) -> None:
    try:
        if file.is_dir():
            shutil.rmtree(file, ignore_errors=True)
        else:
            file.unlink(missing_ok=True)
    except OSError:
        return  # what can't be removed now is tried again the next time
