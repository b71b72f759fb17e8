"""A witness's files: its key, the keys of the logs that it knows, and what it has cosigned last."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from provenance.adapters.ed25519 import KeyFile
from provenance.kernel.errors import InvalidCheckpoint, LogAltered, LogMissing, StorageFailed, StorageFull
from provenance.services.witness import Seen
from provenance.transparency.note import COSIGNATURE, Note, VerifierKey

_KEY, _LOGS, _STATE, _LOCK = "witness.key", "logs", "state.json", "lock"
STATE_BYTES_MAX = 16 * 1024 * 1024
LOGS_MAX = 1_000


class WitnessFolder:
    """Implements the port `WitnessState`. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def create(self, name: str, logs: list[VerifierKey]) -> VerifierKey:
        """Make the witness's key and an empty state. Raises `Conflict` where there is a key; it and the state stay."""
        key = KeyFile.create(self._folder / _KEY, name, COSIGNATURE).key
        self._replace(_STATE, b"{}\n")
        self._replace(_LOGS, "".join(f"{log.text}\n" for log in logs).encode())
        return key

    @property
    def signer(self) -> KeyFile:
        """Raises `LogMissing` where `create` wasn't called."""
        return KeyFile.read(self._folder / _KEY)

    @property
    def logs(self) -> list[VerifierKey]:
        """The keys of the logs that it knows. Raises `InvalidCheckpoint`, `LogMissing`."""
        lines = self._read(_LOGS).decode("ascii", "replace").splitlines()[:LOGS_MAX]
        return [VerifierKey.parse(line) for line in lines if line.strip()]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others from the state, in this process and others, until the block ends."""
        with self._lock, (self._folder / _LOCK).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self) -> Mapping[str, Seen]:
        """The newest checkpoint of each log.

        Raises:
            LogAltered: it can't be read. That is never taken for having seen nothing.
        """
        try:
            found = json.loads(self._read(_STATE))
            return {
                str(origin): Seen(note=Note.parse(seen["note"].encode()), at_seconds=int(seen["at"]))
                for origin, seen in found.items()
            }
        except (ValueError, KeyError, TypeError, AttributeError, InvalidCheckpoint, LogMissing) as error:
            raise LogAltered(
                "What the witness saw last can't be read.", mend="Restore its state; never start from none."
            ) from error

    def write(self, seen: Mapping[str, Seen]) -> None:
        """Keep it; on disk when this returns. Raises `StorageFull`, `StorageFailed`."""
        form = {origin: {"note": s.note.whole, "at": s.at_seconds} for origin, s in seen.items()}
        self._replace(_STATE, json.dumps(form, indent=1, sort_keys=True).encode() + b"\n")

    def _read(self, name: str) -> bytes:
        try:
            with (self._folder / name).open("rb") as file:
                return file.read(STATE_BYTES_MAX)
        except OSError as error:
            raise LogMissing("There is no witness here.", mend="provenance witness init") from error

    def _replace(self, name: str, data: bytes) -> None:
        path = self._folder / name
        partial = path.with_name(f".{name}.part")
        try:
            with partial.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            partial.replace(path)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            partial.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull("The disk is full; nothing was cosigned.", mend="Free some space.") from error
            raise StorageFailed(f"The witness can't write: {error.strerror}.", mend="Check its folder.") from error
