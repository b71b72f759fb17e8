"""The folder of snapshots: builds beside, publishes by an atomic rename, opens by digest, clears what is left over."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator, Set
from pathlib import Path

from provenance.adapters.faiss_index.builder import Background, build_snapshot
from provenance.adapters.faiss_index.layout import read_manifest
from provenance.adapters.faiss_index.snapshot import FaissSnapshot
from provenance.fingerprints.vector import EncoderIdentity
from provenance.kernel.errors import SnapshotUnusable, StorageFailed, StorageFull
from provenance.services.records import IndexedRevision, PublishedSnapshot

BUILDING = "building-"


class SnapshotFolder:
    """Implements the port `Snapshots` on a local folder."""

    def __init__(self, root: Path, background: Background) -> None:
        self._root, self._background = root, background

    def build(self, revisions: Iterator[IndexedRevision], encoder: EncoderIdentity) -> PublishedSnapshot:
        """Write a whole snapshot under its digest. One that exists and is whole is left as it is.

        Raises:
            StorageFull, StorageFailed: nothing is left behind.
        """
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(prefix=BUILDING, dir=self._root))
        except OSError as error:
            raise _storage_error(error, self._root) from error
        try:
            manifest = build_snapshot(building, revisions, encoder, self._background)
            self._publish(building, self._root / manifest.digest)
        except OSError as error:
            raise _storage_error(error, self._root) from error
        except RuntimeError as error:  # FAISS reports a failed write so
            raise StorageFailed(f"The index can't be written: {str(error)[:200]}", mend="Check the disk.") from error
        finally:
            shutil.rmtree(building, ignore_errors=True)
        return manifest.published

    def _publish(self, building: Path, target: Path) -> None:
        if _whole(target):
            return
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)

    def open(self, digest: str, encoder: str) -> FaissSnapshot:
        """Open by digest; raises `SnapshotUnusable`."""
        return FaissSnapshot.open(self._root / digest, encoder)

    def keep_only(self, digests: Set[str]) -> None:
        """Remove other snapshots and unfinished builds. Readers that have a file mapped keep it until they let go."""
        for folder in self._root.glob("*") if self._root.exists() else ():
            if folder.is_dir() and folder.name not in digests:
                shutil.rmtree(folder, ignore_errors=True)


def _whole(folder: Path) -> bool:
    try:
        read_manifest(folder)
    except SnapshotUnusable:
        return False
    return True


def _storage_error(error: OSError, root: Path) -> StorageFull | StorageFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            f"The disk of {root} is full; the index was not changed.", mend="Free some space and run it again."
        )
    return StorageFailed(f"The index under {root} can't be written: {error.strerror}.", mend="Check its permissions.")
