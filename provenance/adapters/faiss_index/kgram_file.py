"""A sorted file of (k-gram hash, segment): written with an external sort, read from mapped memory and never as a whole.

A directory over the first bits of the hashes says where those of a slot stand, so that they are left out of the
records, and a look-up searches a handful of records. The next 32 bits are kept; the rest are dropped. Hashes that are
told apart by none of the kept bits count as one: of 10,000 million look-ups of a strange hash about 15 find a segment
that lacks it, however large the file is. What is found is only proposed, the words themselves decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from provenance.adapters.faiss_index.layout import REBUILD
from provenance.fingerprints.exact import PLACES_MAX, Hashes
from provenance.kernel.errors import SnapshotUnusable

Positions = NDArray[np.int64]

# The file: RECORDs; 2**bits + 1 numbers of records, where each slot begins and where the last one ends; one FOOTER.
RECORD = np.dtype([("rest", "<u4"), ("segment", "<u4")])
SLOT = np.dtype("<u4")
FOOTER = np.dtype([("bits", "<u4"), ("records", "<u4"), ("magic", "S8")])
MAGIC = b"kgrams-2"
# A slot has 4 to 8 records: the directory takes a sixteenth to an eighth of the room that they take.
SLOT_RECORDS_BITS = 3
BITS_MAX = 32

# What is collected before it is sorted: up to so many records in memory, more of them one bucket at a time.
WAITING = np.dtype([("hash", "<u8"), ("segment", "<u4")])
HELD_MAX = 1_000_000
BUCKETS = 64
_SHIFT = np.uint64(64 - 6)


class KgramWriter:
    """Collects records and sorts them: a few in memory, many in buckets by the hash's first bits, to bound memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._paths = [path.with_name(f"{path.name}.{i:02d}") for i in range(BUCKETS)]
        self._waiting: list[NDArray[np.void]] = []
        self._held = 0
        self._files: list[BinaryIO] = []
        self._added = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._files:
                self._spill()
        finally:
            for file in self._files:
                file.close()
        if kind is None:
            self._sort()

    def add(self, hashes: Hashes, segments: NDArray[np.uint32]) -> None:
        """Add one record for each hash; ``segments`` has the same length. The same again adds nothing."""
        self._added += len(hashes)
        records = np.empty(len(hashes), WAITING)
        records["hash"], records["segment"] = hashes, segments
        self._waiting.append(records)
        self._held += len(records)
        if self._held > HELD_MAX:
            self._spill()

    def _spill(self) -> None:
        """Write what waits to the files of the buckets."""
        if not self._files:
            self._files = [p.open("wb") for p in self._paths]
        records = self._taken()
        bucket = (records["hash"] >> _SHIFT).astype(np.uint8)
        order = np.argsort(bucket, kind="stable")
        bounds = np.searchsorted(bucket[order], np.arange(BUCKETS + 1))
        for i, file in enumerate(self._files):
            file.write(records[order[bounds[i] : bounds[i + 1]]].tobytes())

    def _taken(self) -> NDArray[np.void]:
        records = np.concatenate([np.empty(0, WAITING), *self._waiting])
        self._waiting, self._held = [], 0
        return records

    def _buckets(self) -> Iterator[NDArray[np.void]]:
        """All records, by buckets in ascending order of the first bits."""
        if not self._files:
            yield self._taken()
            return
        for path in self._paths:
            yield np.fromfile(path, WAITING)
            path.unlink()

    def _sort(self) -> None:
        bits = max(0, self._added.bit_length() - SLOT_RECORDS_BITS)
        sizes = np.zeros(2**bits, np.int64)
        with self._path.open("wb") as out:
            for waiting in self._buckets():
                slots, records = _sorted_bucket(waiting, bits)
                out.write(records.tobytes())
                sizes += np.bincount(slots, minlength=2**bits)
            ends = np.cumsum([0, *sizes.tolist()])
            out.write(ends.astype(SLOT).tobytes())
            out.write(np.array([(bits, ends[-1], MAGIC)], FOOTER).tobytes())


def _sorted_bucket(waiting: NDArray[np.void], bits: int) -> tuple[Positions, NDArray[np.void]]:
    """The slots and the records of a bucket in order, each once."""
    slots, rests = _slot_and_rest(waiting["hash"], bits)
    order = np.lexsort((waiting["segment"], rests, slots))
    records = np.empty(len(waiting), RECORD)
    slots, records["rest"], records["segment"] = slots[order], rests[order], waiting["segment"][order]
    new = np.ones(len(records), np.bool_)
    new[1:] = (np.diff(slots) != 0) | (records[1:] != records[:-1])
    return slots[new], records[new]


def _slot_and_rest(hashes: Hashes, bits: int) -> tuple[Positions, NDArray[np.uint32]]:
    """The first bits of each hash, and the 32 that follow them."""
    slot = hashes >> np.uint64(64 - bits) if bits else np.zeros_like(hashes)
    return slot.astype(np.int64), (hashes >> np.uint64(32 - bits)).astype(np.uint32)


class KgramFile:
    """The finished file, mapped read-only.

    Raises:
        SnapshotUnusable: it is no such file, or was cut.
    """

    def __init__(self, path: Path) -> None:
        size, least = path.stat().st_size, SLOT.itemsize + FOOTER.itemsize
        mapped = np.asarray(np.memmap(path, np.uint8, "r")) if size > least else np.zeros(least, np.uint8)
        bits, total, magic = mapped[-FOOTER.itemsize :].view(FOOTER)[0].item()
        end = total * RECORD.itemsize
        if magic != MAGIC or bits > BITS_MAX or size != end + (2**bits + 1) * SLOT.itemsize + FOOTER.itemsize:
            raise SnapshotUnusable(f"{path.name} is no whole file of k-grams.", mend=REBUILD)
        records = mapped[:end].view(RECORD)
        self._bits: int = bits
        self._rests, self._segments = records["rest"], records["segment"]
        self._slots = mapped[end : -FOOTER.itemsize].view(SLOT)

    def sharing(self, hashes: Hashes, places_max: int = PLACES_MAX) -> list[list[int]]:
        """For each hash, the segments that have it, ascending: at most ``places_max`` of them, the lowest."""
        slot, rest = _slot_and_rest(hashes, self._bits)
        begin, end = self._slots[slot].astype(np.int64), self._slots[slot + 1].astype(np.int64)
        first = self._bisect(rest, begin, end, np.less)
        last = np.minimum(self._bisect(rest, first, end, np.less_equal), first + places_max)
        found: list[list[int]] = [[] for _ in hashes]
        for n in np.flatnonzero(last > first).tolist():
            found[n] = self._segments[first[n] : last[n]].tolist()
        return found

    def _bisect(self, rest: NDArray[np.uint32], begin: Positions, end: Positions, before: np.ufunc) -> Positions:
        """For each rest, where among the records of its slot the first stands that isn't ``before`` it."""
        low, high = begin.copy(), end.copy()
        while len(unsure := np.flatnonzero(low < high)):
            middle = (low[unsure] + high[unsure]) // 2
            after = before(self._rests[middle], rest[unsure])
            low[unsure] = np.where(after, middle + 1, low[unsure])
            high[unsure] = np.where(after, high[unsure], middle)
        return low
