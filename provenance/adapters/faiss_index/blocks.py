"""Whether a shard's files are those that were written: their sizes always, their blocks some or all.

Every byte of a small file is checked when it is opened. Of a large one the first and the last block are, and some
between that are drawn anew each time; `provenance index --verify` reads all.
"""

from __future__ import annotations

import random
from pathlib import Path

from provenance.adapters.faiss_index.layout import BLOCK_BYTES, REBUILD, FileRecord, ShardRecord
from provenance.kernel.canonical import sha256_hex
from provenance.kernel.errors import SnapshotUnusable

BLOCKS_DRAWN = 6


def check_files(folder: Path, record: ShardRecord, *, all_blocks: bool = False) -> None:
    """Check the files of the shard in ``folder``.

    Raises:
        SnapshotUnusable: one was lost, cut or, as far as it is looked at, altered.
    """
    check_sizes(folder, record)
    for name, expected in record.files.items():
        wanted = range(len(expected.blocks)) if all_blocks else _drawn(len(expected.blocks))
        try:
            whole = _is_whole(folder / name, expected, wanted)
        except OSError as error:
            raise SnapshotUnusable(f"The shard {folder.name[:16]} lacks {name}.", mend=REBUILD) from error
        if not whole:
            raise SnapshotUnusable(f"{name} of the shard {folder.name[:16]} was altered.", mend=REBUILD)


def check_sizes(folder: Path, record: ShardRecord) -> None:
    """Look at nothing but the files' sizes. Raises `SnapshotUnusable` where one was lost or cut."""
    for name, expected in record.files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError as error:
            raise SnapshotUnusable(f"The shard {folder.name[:16]} lacks {name}.", mend=REBUILD) from error
        if size != expected.bytes:
            raise SnapshotUnusable(f"{name} of the shard {folder.name[:16]} was altered.", mend=REBUILD)


def _drawn(count: int) -> list[int] | range:
    if count <= BLOCKS_DRAWN + 2:
        return range(count)
    # Not the same in every process: what one has missed, the next may find.
    between = random.SystemRandom().sample(range(1, count - 1), BLOCKS_DRAWN)
    return [0, *sorted(between), count - 1]


def _is_whole(path: Path, expected: FileRecord, blocks: list[int] | range) -> bool:
    with path.open("rb") as file:
        for number in blocks:
            file.seek(number * BLOCK_BYTES)
            if sha256_hex(file.read(BLOCK_BYTES)) != expected.blocks[number]:
                return False
    return True
