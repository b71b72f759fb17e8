"""Which pages of a mapped file are in memory: those that every search reads stay, single ones are fetched together.

Left alone, a system takes pages of files back when they weren't read for a while, and then reads each row with all that
lies around it, one after the other: hundreds of rows take half a second where a few milliseconds would do. All of this
is advice; where it isn't taken, nothing but time is lost.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

# A file that is larger than this part of the machine's memory is not held, so that no index can fill all of it.
MEMORY_PARTS = 8
RANGES_MAX = 1_024  # that one call takes

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
        begins = pages[np.append(0, breaks)] * mmap.PAGESIZE
        ends = np.minimum((pages[np.append(breaks, len(pages)) - 1] + 1) * mmap.PAGESIZE, len(self._map))
        if not self._advise_all(begins, ends - begins):
            for begin, length in zip(begins.tolist(), (ends - begins).tolist(), strict=True):
                self._map.madvise(mmap.MADV_WILLNEED, begin, length)

    def _advise_all(self, begins: Offsets, lengths: Offsets) -> bool:
        """Ask for all ranges in one call, where the system has one (process_madvise of Linux): half the time."""
        if _process_madvise is None:
            return False
        ranges = np.stack([begins + self._address, lengths], axis=1)
        for first in range(0, len(ranges), RANGES_MAX):
            some = np.ascontiguousarray(ranges[first : first + RANGES_MAX])
            if _process_madvise(_own_process(), some.ctypes.data, len(some), mmap.MADV_WILLNEED, 0) < 0:
                return False
        return True

    @cached_property
    def _address(self) -> int:
        return int(np.frombuffer(self._map, np.uint8).ctypes.data)

    def hold(self) -> bool:
        """Read the whole file and keep it in memory as long as this lives; whether the system agreed to keep it."""
        if not self._advises or len(self._map) > _memory() // MEMORY_PARTS:
            return False
        self._map.madvise(mmap.MADV_WILLNEED)
        # Refused where the user may lock less: the pages are read all the same, and may be taken back.
        refused: int = ctypes.CDLL(None).mlock(ctypes.c_void_p(self._address), ctypes.c_size_t(len(self._map)))
        return refused == 0


def _found_process_madvise() -> Callable[..., int] | None:
    if not hasattr(mmap, "MADV_WILLNEED") or not hasattr(os, "pidfd_open"):
        return None
    call: Any = getattr(ctypes.CDLL(None), "process_madvise", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_uint)
        call.restype = ctypes.c_ssize_t
    return cast("Callable[..., int] | None", call)


_process_madvise = _found_process_madvise()


@cache
def _process(number: int) -> int:
    return os.pidfd_open(number)


def _own_process() -> int:
    # By number: a process that was forked off has one of its own.
    return _process(os.getpid())


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
