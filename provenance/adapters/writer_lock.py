"""One writer at a time: a lock file that the operating system lets go when its process ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provenance.kernel.errors import AlreadyRunning, StorageFailed


@contextmanager
def writer_lock(path: Path, *, busy: str = "Another process registers works or builds the index.") -> Iterator[None]:
    """Hold ``path`` for the block; ``busy`` says what whoever holds it does.

    Raises:
        AlreadyRunning: another process holds it.
        StorageFailed: the file can't be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise StorageFailed(f"{path} can't be written: {error.strerror}.", mend="Check its permissions.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(busy, mend="Wait until it has ended.") from error
        yield
