"""A log's tiles in a folder, under the paths of C2SP's tlog-tiles: any file server can hand them out as they are.

A file is whole under its name, and on disk, or it isn't there.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from provenance.adapters.writer_lock import writer_lock
from provenance.kernel.errors import AlreadyRunning, LogAltered, SequencerRunning, StorageFailed, StorageFull
from provenance.transparency.tiles import HASH_BYTES, WIDTH, TileName, place_path

WITNESSED = "checkpoint.witnessed"
FILE_BYTES_MAX = 32 * 1024 * 1024


class LogFolder:
    """Implements the port `TileStore`."""

    def __init__(self, folder: Path, lock: Path) -> None:
        """``lock`` is a file beside the folder, which isn't handed out with it."""
        self._folder, self._lock = folder, lock

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return (self._folder / path).is_file()

    def read(self, path: str) -> bytes:
        """The file. Raises `LogAltered` where it is missing, or larger than any of ours."""
        try:
            with (self._folder / path).open("rb") as file:
                data = file.read(FILE_BYTES_MAX + 1)
        except OSError as error:
            raise LogAltered(f"{path} of the log can't be read.", mend="provenance log rebuild", path=path) from error
        if len(data) > FILE_BYTES_MAX:
            raise LogAltered(f"{path} of the log is too large.", mend="provenance log rebuild", path=path)
        return data

    def read_tile(self, name: TileName) -> bytes:
        """A tile of exactly this width; what is missing of a partial one is looked for in the full one."""
        try:
            data, width = self.read(name.path), name.width
        except LogAltered:
            if name.width == WIDTH:
                raise
            data, width = self.read(TileName(name.level, name.place, WIDTH).path), WIDTH
        if len(data) != width * HASH_BYTES:
            raise LogAltered(f"{name.path} of the log has another length.", mend="provenance log rebuild")
        return data[: name.width * HASH_BYTES]

    def write(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write files, each whole or not at all, all on disk when this returns.

        Raises:
            StorageFull, StorageFailed: those before the one that failed are written, and no half of one is left.
        """
        try:
            folders: set[Path] = set()
            for path, data in files:
                folders |= self._write(self._folder / path, data)
            for folder in folders:
                _sync_folder(folder)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(
                    "The disk is full; the log stays at its last checkpoint, and no fact is lost.",
                    mend="Free some space; sealing goes on by itself.",
                ) from error
            raise StorageFailed(
                f"The log's folder can't be written: {error.strerror}.", mend="Check the folder and its permissions."
            ) from error

    def _write(self, path: Path, data: bytes) -> set[Path]:
        made = _make_folder(path.parent)
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with partial.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            partial.replace(path)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
        return {path.parent, *made}

    def forget_partials(self, level: str, place: int) -> None:
        """Remove the partial files of a tile or bundle that is full now. What can't be removed does no harm."""
        shutil.rmtree(self._folder / "tile" / level / f"{place_path(place, WIDTH)}.p", ignore_errors=True)

    @contextmanager
    def sequencing(self) -> Iterator[None]:
        """Be the one that seals the log. Raises `SequencerRunning`, `StorageFailed`."""
        with ExitStack() as held:
            try:
                held.enter_context(writer_lock(self._lock))
            except AlreadyRunning as error:
                raise SequencerRunning("Another process seals the log.", mend="Wait until it has ended.") from error
            yield


def _make_folder(folder: Path) -> set[Path]:
    """Make a folder and those above it; the ones that have a new entry."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
    return {new.parent for new in missing}


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
