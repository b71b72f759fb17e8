"""Which pages of a mapped file are in memory: those that every search reads stay, single ones are fetched together.

Left alone, a system takes pages of files back when they weren't read for a while, and then reads each row with all that
lies around it, one after the other: hundreds of rows take half a second where a few milliseconds would do. All of this
is advice; where it isn't taken, nothing but time is lost.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# A file that is larger than this part of the machine's memory is not held, so that no index can fill all of it.
MEMORY_PARTS = 8

Offsets = NDArray[np.int64]


class Pages:
    """The pages of a file, by way of a mapping of its own; other mappings of the file share them.

    Raises:
        OSError: the file can't be mapped.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._advises = hasattr(self._map, "madvise")

    def __len__(self) -> int:
        return len(self._map)

    def fetch(self, starts: Offsets, ends: Offsets) -> None:
        """Have these bytes read, all at once: from each of ``starts`` up to the one of ``ends`` in its place."""
        if not self._advises or not len(starts):
            return
        # A row is seldom longer than a page: its first and its last one are all that it lies on.
        pages = np.unique(np.concatenate([starts, ends - 1]) // mmap.PAGESIZE)
        breaks = np.flatnonzero(np.diff(pages) > 1) + 1
        begins, ends = pages[np.append(0, breaks)], pages[np.append(breaks, len(pages)) - 1] + 1
        for begin, end in zip((begins * mmap.PAGESIZE).tolist(), (ends * mmap.PAGESIZE).tolist(), strict=True):
            self._map.madvise(mmap.MADV_WILLNEED, begin, min(end, len(self._map)) - begin)

    def hold(self) -> bool:
        """Read the whole file and keep it in memory as long as this lives; whether the system agreed to keep it."""
        if not self._advises or len(self._map) > _memory() // MEMORY_PARTS:
            return False
        self._map.madvise(mmap.MADV_WILLNEED)
        address = np.frombuffer(self._map, np.uint8).ctypes.data
        # Refused where the user may lock less: the pages are read all the same, and may be taken back.
        refused: int = ctypes.CDLL(None).mlock(ctypes.c_void_p(address), ctypes.c_size_t(len(self._map)))
        return refused == 0


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
