"""The log's Merkle tree (RFC 6962) from its leaves, and the tiles (C2SP tlog-tiles) that it is published as."""

from __future__ import annotations

import hashlib

from .archive import Bundle, Report

TILE, HASH = 256, 32
CHECK = "tiles hold the hashes of the leaves"


class Tree:
    """A Merkle tree (RFC 6962) as tiles of 256 hashes (C2SP tlog-tiles); full tiles are held against the bundle's."""

    def __init__(self, bundle: Bundle, report: Report) -> None:
        self.size, self._levels = 0, [bytearray()]
        self._bundle, self._report, self.seen = bundle, report, set[str]()

    def add(self, leaf: bytes) -> None:
        """Add one leaf, by its bytes."""
        self._levels[0] += hashlib.sha256(b"\x00" + leaf).digest()
        self.size += 1
        level = 0
        while len(self._levels[level]) == TILE * HASH:
            data = bytes(self._levels[level])
            self._levels[level].clear()
            self.check(level, (self.size >> 8 * (level + 1)) - 1, data)
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += peaks(data)[0]

    def check(self, level: int, place: int, data: bytes) -> None:
        """Hold a tile against the bundle's."""
        digits = str(place).zfill(-(-len(str(place)) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = "/".join([f"tile/{level}", *(f"x{g}" for g in groups[:-1]), groups[-1]])
        path += "" if len(data) == TILE * HASH else f".p/{len(data) // HASH}"
        self.seen.add(path)
        same = path in self._bundle.names and self._bundle.small(path) == data
        self._report.note(CHECK, None if same else f"{path} was altered or is missing")

    def check_edge(self) -> None:
        """Hold the partial tiles against the bundle's; no other tiles may be there."""
        for level, data in enumerate(self._levels):
            if data:
                self.check(level, (self.size >> 8 * level) // TILE, bytes(data))
        for name in sorted(self._bundle.names - self.seen):
            if name.startswith("tile/"):
                self._report.note(CHECK, f"{name} is no tile of this log")

    def root(self) -> bytes:
        """The root of all leaves so far."""
        root: bytes | None = None
        for data in self._levels:
            for peak in peaks(bytes(data)) if data else ():
                root = peak if root is None else hashlib.sha256(b"\x01" + peak + root).digest()
        return hashlib.sha256().digest() if root is None else root


def peaks(row: bytes) -> list[bytes]:
    """Roots of the perfect subtrees over a row of hashes, the smallest first."""
    found = []
    while row:
        count = len(row) // HASH
        if count & 1:
            found.append(row[-HASH:])
        pairs = range(0, count // 2 * 2 * HASH, 2 * HASH)
        row = b"".join([hashlib.sha256(b"\x01" + row[at : at + 2 * HASH]).digest() for at in pairs])
    return found
