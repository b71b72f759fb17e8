"""Exports as zip files: written beside and renamed when whole, read with bounds."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from provenance.kernel.errors import InvalidInput, StorageFailed, StorageFull, TooLarge

LINE_BYTES_MAX = 64 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the same facts give the same bytes


class _Digesting(io.RawIOBase):
    def __init__(self, out: Any) -> None:
        self._out, self.sha256, self.bytes = out, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._out.write(data)
        self.sha256.update(data)
        self.bytes += len(data)
        return len(data)


class ZipWriter:
    """Implements the port `Archive` on any binary stream."""

    def __init__(self, out: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._described: dict[str, dict[str, Any]] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """A file of this name to write to; the next one can be opened when it is closed."""
        entry = zipfile.ZipInfo(name, FIXED_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        with self._zip.open(entry, "w", force_zip64=True) as out:
            digesting = _Digesting(out)
            buffered = io.BufferedWriter(digesting, CHUNK_BYTES)
            yield buffered
            buffered.flush()
        self._described[name] = {"bytes": digesting.bytes, "sha256": digesting.sha256.hexdigest()}

    def described(self) -> Mapping[str, Mapping[str, Any]]:
        """Size in bytes and SHA-256 of each file so far."""
        return self._described

    def close(self) -> None:
        """Write the directory."""
        self._zip.close()


@contextmanager
def writing_zip(path: Path) -> Iterator[ZipWriter]:
    """A zip at ``path``: it appears when the block ends without an error, whole, or not at all.

    Raises:
        StorageFull, StorageFailed
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as out:
            with closing(ZipWriter(out)) as writer:
                yield writer
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(f"The disk is full; {path} was not written.", mend="Free some space.") from error
        raise StorageFailed(
            f"{path} can't be written: {error.strerror}.", mend="Check folder and permissions."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


class ZipReader:
    """Implements the port `ReadableArchive`.

    Raises:
        InvalidInput: the file is missing or isn't a zip.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise InvalidInput(
                f"{path} is not an export: {error}.", mend="Name a file of provenance export."
            ) from error

    def names(self) -> frozenset[str]:
        """Names of all files in it."""
        return frozenset(self._zip.namelist())

    def lines(self, name: str) -> Iterator[bytes]:
        """Lines of a file, one at a time."""
        with self._open(name) as file:
            while line := file.readline(LINE_BYTES_MAX + 1):
                if len(line) > LINE_BYTES_MAX:
                    raise TooLarge(f"{name} has a line of over {LINE_BYTES_MAX} bytes.")
                yield line

    def describe(self, name: str) -> Mapping[str, Any]:
        """Size in bytes and SHA-256 of a file as it is."""
        sha256, size = hashlib.sha256(), 0
        with self._open(name) as file:
            while data := file.read(CHUNK_BYTES):
                sha256.update(data)
                size += len(data)
        return {"bytes": size, "sha256": sha256.hexdigest()}

    @contextmanager
    def _open(self, name: str) -> Iterator[Any]:
        try:
            with self._zip.open(name) as file:
                yield file
        except KeyError as error:
            raise InvalidInput(f"The export has no file {name}.", mend="Export it again.") from error
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            raise InvalidInput(f"{name} of the export is damaged.", mend="Export it again.") from error
