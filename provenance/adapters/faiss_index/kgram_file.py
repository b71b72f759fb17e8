"""A sorted file of (k-gram hash, segment): written with an external sort, read by binary search in mapped memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.exact import PLACES_MAX, Hashes

RECORD = np.dtype([("hash", "<u8"), ("segment", "<u4")])
BUCKETS = 64
_SHIFT = np.uint64(64 - 6)


class KgramWriter:
    """Collects records in buckets by the hash's first bits and sorts one bucket at a time, to bound memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._paths = [path.with_name(f"{path.name}.{i:02d}") for i in range(BUCKETS)]
        self._files = [p.open("wb") for p in self._paths]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()
        if kind is None:
            self._sort()

    def add(self, hashes: Hashes, segments: NDArray[np.uint32]) -> None:
        """Add one record for each hash; ``segments`` has the same length."""
        records = np.empty(len(hashes), RECORD)
        records["hash"], records["segment"] = hashes, segments
        bucket = (hashes >> _SHIFT).astype(np.int64)
        order = np.argsort(bucket, kind="stable")
        bounds = np.searchsorted(bucket[order], np.arange(BUCKETS + 1))
        for i, file in enumerate(self._files):
            file.write(records[order[bounds[i] : bounds[i + 1]]].tobytes())

    def _sort(self) -> None:
        with self._path.open("wb") as out:
            for path in self._paths:
                records = np.fromfile(path, RECORD)
                out.write(np.unique(records).tobytes())
                path.unlink()


class KgramFile:
    """The finished file, mapped read-only."""

    def __init__(self, path: Path) -> None:
        empty = path.stat().st_size == 0
        records = np.empty(0, RECORD) if empty else np.memmap(path, RECORD, "r")
        self._hashes, self._segments = records["hash"], records["segment"]

    def sharing(self, hashes: Hashes, places_max: int = PLACES_MAX) -> list[list[int]]:
        """For each hash, the segments that have it, ascending: at most ``places_max`` of them."""
        first = _bisect(self._hashes, hashes, np.less)
        end = np.minimum(_bisect(self._hashes, hashes, np.less_equal), first + places_max)
        return [self._segments[a:b].tolist() for a, b in zip(first, end, strict=True)]


def _bisect(ascending: Hashes, hashes: Hashes, before: np.ufunc) -> NDArray[np.int64]:
    """For each hash, how many of ``ascending`` stand ``before`` it.

    `numpy.searchsorted` would first copy the whole mapped column, because records of 12 bytes aren't aligned.
    """
    low, high = np.zeros(len(hashes), np.int64), np.full(len(hashes), len(ascending), np.int64)
    while len(unsure := np.flatnonzero(low < high)):
        middle = (low[unsure] + high[unsure]) // 2
        after = before(ascending[middle], hashes[unsure])
        low[unsure] = np.where(after, middle + 1, low[unsure])
        high[unsure] = np.where(after, high[unsure], middle)
    return low
