"""Bytes that last: written through to the disk, named in one step, and errors of the disk in words of ours."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provenance.kernel.errors import StorageFailed, StorageFull

BUILDING = "building-"
_LOCK = "building.lock"


def written(path: Path, data: bytes) -> None:
    """Write a file; it may not have reached the disk yet."""
    with path.open("wb") as file:
        file.write(data)


def synced(path: Path) -> None:
    """Wait until a file, or the list of a folder's names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def building(root: Path) -> Iterator[Path]:
    """An empty folder under ``root`` that is gone after the block, or at the next `clear_buildings` after a crash.

    It is locked as long as its process lives, so that nobody takes it for left over.
    """
    root.mkdir(parents=True, exist_ok=True)
    with _lock(root):
        folder = Path(tempfile.mkdtemp(prefix=BUILDING, dir=root))
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def buildings(root: Path) -> list[Path]:
    """The folders that some process is building in now."""
    with _lock(root):
        return [f for f in root.glob(f"{BUILDING}*") if f.is_dir() and not _left(f)]


def clear_buildings(root: Path) -> None:
    """Remove what crashed builds left behind."""
    with _lock(root):
        for folder in root.glob(f"{BUILDING}*"):
            if folder.is_dir() and _left(folder):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def storage_errors(root: Path) -> Iterator[None]:
    """Say what the system refused.

    Raises:
        StorageFull, StorageFailed: it did.
    """
    try:
        yield
    except OSError as error:
        raise _storage_error(error, root) from error
    except RuntimeError as error:  # FAISS reports a failed write so
        raise StorageFailed(f"The index can't be written: {str(error)[:200]}", mend="Check the disk.") from error


def _storage_error(error: OSError, root: Path) -> StorageFull | StorageFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            f"The disk of {root} is full; the index was not changed.", mend="Free some space and run it again."
        )
    return StorageFailed(f"The index under {root} can't be written: {error.strerror}.", mend="Check its permissions.")


@contextmanager
def _lock(root: Path) -> Iterator[None]:
    """For the moment in which a folder is made and locked, or looked for."""
    with (root / _LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _left(folder: Path) -> bool:
    """Whether nobody builds in it any more: the system lets go of a lock when its process ends, however it ends."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
