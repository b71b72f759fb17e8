"""Files that a command writes: whole under their name, or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provenance.cli.visible import visible
from provenance.kernel.errors import StorageFailed, StorageFull


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; it takes the place of ``path`` when the block ends without an error.

    Raises:
        StorageFull, StorageFailed: nothing is left behind, and an older ``path`` is as it was.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except OSError as error:
        shown = visible(str(path))
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(f"The disk is full; {shown} was not written.", mend="Free some space.") from error
        raise StorageFailed(
            f"{shown} can't be written: {error.strerror}.", mend="Check the folder and its permissions."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write bytes, or text as UTF-8. Raises as `replacing` does."""
    with replacing(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
