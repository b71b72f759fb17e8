"""The folder of bank files. Everything in it is written once, whole, and stays; the bank gets copies.

    orders/ID.json    a payment that waits for a file, by its end-to-end id
    filed/ID.json     the same, once it stands in a file
    files/M….xml      what goes to the bank
    complete/M…       that all orders of a file have been moved to filed/
    outcomes/ID.json  what the bank said of a payment
    imported/SHA256   messages of the bank's that were taken in

A file is written before its orders move on, and an order that waits is held against the files before another one is
written: whenever the process is killed, a payment stands in one file, or in none.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from provenance.adapters.writer_lock import writer_lock
from provenance.kernel.canonical import Json, canonical_bytes
from provenance.kernel.errors import StorageFailed, StorageFull

ORDERS, FILED, FILES, COMPLETE, OUTCOMES, IMPORTED = "orders filed files complete outcomes imported".split()
RECORD_BYTES_MAX = 1_000_000

_NAME = re.compile(r"[A-Z0-9]{1,64}", re.ASCII)


class BankFolder:
    """Small records and files under one folder, of which nobody else can read any."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one who writes files and takes in messages. Raises `AlreadyRunning`, `StorageFailed`."""
        with writer_lock(self.root / "bank.lock", busy="Another process writes bank files or takes in messages."):
            yield

    def read(self, kind: str, name: str) -> dict[str, Any] | None:
        """A record, or None where there is none. A name that a bank made up leads nowhere."""
        if not _NAME.fullmatch(name):
            return None
        try:
            found: dict[str, Any] = json.loads((self.root / kind / f"{name}.json").read_bytes()[:RECORD_BYTES_MAX])
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StorageFailed(f"The record {kind}/{name} can't be read.", mend="Restore the bank folder.") from error
        return found

    def write_once(self, kind: str, name: str, record: Json) -> None:
        """Write a record unless it is there: then it stays as it is."""
        self._write(kind, f"{name}.json", canonical_bytes(record), replace=False)

    def write(self, kind: str, name: str, record: Json) -> None:
        """Write a record in the place of an older one."""
        self._write(kind, f"{name}.json", canonical_bytes(record), replace=True)

    def write_file(self, kind: str, name: str, data: bytes) -> None:
        """Write a file unless it is there."""
        self._write(kind, name, data, replace=False)

    def read_file(self, kind: str, name: str) -> bytes | None:
        """A file, or None where there is none."""
        try:
            return (self.root / kind / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed(self.root / kind / name, error) from error

    def names(self, kind: str) -> list[str]:
        """Names of all records or files of a kind, in order; a record's without its ending."""
        try:
            found = [path.name for path in (self.root / kind).iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _failed(self.root / kind, error) from error
        return sorted(name.removesuffix(".json") for name in found if not name.startswith("."))

    def drop(self, kind: str, name: str) -> None:
        """Take a record away that is there under another kind, too."""
        self.path(kind, f"{name}.json").unlink(missing_ok=True)

    def path(self, kind: str, name: str) -> Path:
        """Where a file lies."""
        return self.root / kind / name

    def move(self, name: str, *, source: str, target: str) -> None:
        """Move a record from one kind to another; again does nothing."""
        try:
            self._make(target)
            (self.root / source / f"{name}.json").replace(self.root / target / f"{name}.json")
            _sync(self.root / target)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed(self.root / target, error) from error

    def _write(self, kind: str, name: str, data: bytes, *, replace: bool) -> None:
        path = self.root / kind / name
        partial = path.with_name(f".{name}.{os.getpid()}.part")
        try:
            self._make(kind)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                partial.replace(path)
            else:
                path.hardlink_to(partial)
            _sync(path.parent)
        except FileExistsError:
            return
        except OSError as error:
            raise _failed(path, error) from error
        finally:
            partial.unlink(missing_ok=True)

    def _make(self, kind: str) -> None:
        (self.root / kind).mkdir(mode=0o700, parents=True, exist_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(path: Path, error: OSError) -> StorageFailed | StorageFull:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"The disk is full; {path} was not written.", mend="Free some space.")
    return StorageFailed(f"{path} can't be used: {error.strerror}.", mend="Check its permissions.")
