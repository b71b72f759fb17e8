"""Merkle trees as tiles of 256 hashes, the way that C2SP's tlog-tiles lays them out: how they grow, how they are read.

A tile at level L holds the hashes of full tiles at level L - 1, and at level 0 those of leaves. Full tiles never
change; the last one of each level may be partial, and is written anew, under another name, as the tree grows. Reads and
writes no files: whoever calls does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from provenance.kernel.errors import LogAltered
from provenance.transparency.merkle import EMPTY_ROOT, node_hash
from provenance.transparency.proof import SIZE_MAX, Subtree

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH_BYTES = 32
TILE_BYTES = WIDTH * HASH_BYTES
ENTRY_BYTES_MAX = 2**16 - 1
# 2**63 leaves.
LEVELS_MAX = 8
TILES_KEPT = 512


@dataclass(frozen=True, slots=True, order=True)
class TileName:
    """A tile by its level, its place in the level, and how many hashes it has (1 to 256)."""

    level: int
    place: int
    width: int

    @property
    def path(self) -> str:
        """``tile/<L>/<N>[.p/<W>]``."""
        return f"tile/{self.level}/{place_path(self.place, self.width)}"


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile and its bytes."""

    name: TileName
    data: bytes


ReadTile = Callable[[TileName], bytes]


def place_path(place: int, width: int) -> str:
    """The place in groups of three digits, all but the last led by an x, and the width where it isn't full."""
    digits = f"{place:d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    whole = "/".join([*(f"x{g}" for g in groups[:-1]), groups[-1]])
    return whole if width == WIDTH else f"{whole}.p/{width}"


def entries_path(place: int, width: int) -> str:
    """``tile/entries/<N>[.p/<W>]``: the leaves' own bytes, as many as the tile of level 0 has hashes."""
    return f"tile/entries/{place_path(place, width)}"


def bundle(entries: Sequence[bytes]) -> bytes:
    """Leaves' bytes, each led by its length in two bytes."""
    assert all(len(entry) <= ENTRY_BYTES_MAX for entry in entries), "a leaf names a fact, and holds none"
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def entries_of(data: bytes, width: int) -> tuple[bytes, ...]:
    """The ``width`` leaves of a bundle. Raises `LogAltered` where it holds another number."""
    found: list[bytes] = []
    at = 0
    while at < len(data) and len(found) <= width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        found.append(data[at + 2 : end])
        at = end
    if len(found) != width or at != len(data):
        raise LogAltered(f"A bundle of {width} entries holds something else.", mend="provenance log verify")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: its size, and the partial tile of each level, from level 0 up (empty: no tile)."""

    size: int = 0
    partial: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root of the tree (32 bytes)."""
        root: bytes | None = None
        for data in self.partial:
            for peak in _peaks(data):
                root = peak if root is None else node_hash(peak, root)
        return EMPTY_ROOT if root is None else root

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """The partial tiles that a tree of this size has."""
        return tuple(Tile(name, self.partial[name.level]) for name in edge_names(self.size))


def edge_names(size: int) -> tuple[TileName, ...]:
    """Names of the partial tiles of a tree, from level 0 up."""
    assert 0 <= size <= SIZE_MAX
    return tuple(
        TileName(level, (size >> HEIGHT * level) // WIDTH, width)
        for level in range(LEVELS_MAX)
        if (width := (size >> HEIGHT * level) % WIDTH)
    )


def all_names(size: int) -> Iterator[TileName]:
    """Names of all tiles of a tree: the full ones of each level, then the partial ones."""
    for level in range(LEVELS_MAX):
        for place in range(size >> HEIGHT * (level + 1)):
            yield TileName(level, place, WIDTH)
    yield from edge_names(size)


def read_edge(size: int, read: ReadTile) -> Edge:
    """The edge of a tree of ``size`` leaves."""
    partial = [b""] * LEVELS_MAX
    for name in edge_names(size):
        partial[name.level] = read(name)
    return Edge(size, tuple(partial))


def grown(edge: Edge, leaf_hashes: Sequence[bytes]) -> tuple[Edge, list[Tile]]:
    """The edge after more leaves, and the full tiles that came to be; the new edge has the partial ones."""
    full: list[Tile] = []
    partial = [bytearray(data) for data in edge.partial] or [bytearray()]
    level, new = 0, b"".join(leaf_hashes)
    while new:
        if level == len(partial):
            partial.append(bytearray())
        data = partial[level]
        place = (edge.size >> HEIGHT * level) // WIDTH
        data += new
        roots = []
        whole = len(data) - len(data) % TILE_BYTES
        for at in range(0, whole, TILE_BYTES):
            tile = bytes(data[at : at + TILE_BYTES])
            full.append(Tile(TileName(level, place, WIDTH), tile))
            roots.append(_rows(tile)[HEIGHT][:HASH_BYTES])
            place += 1
        del data[:whole]
        level, new = level + 1, b"".join(roots)
    return Edge(edge.size + len(leaf_hashes), tuple(map(bytes, partial))), full


Rows = tuple[bytes, ...]


def rows_kept(read: ReadTile, *, kept: int = TILES_KEPT) -> Callable[[TileName], Rows]:
    """The hashes within a tile, for `subtree_of` trees of any size; those of up to ``kept`` tiles are kept."""

    @lru_cache(maxsize=kept)
    def rows(name: TileName) -> Rows:
        return _rows(read(name))

    return rows


def subtree_of(size: int, rows: Callable[[TileName], Rows]) -> Subtree:
    """Hashes of the perfect subtrees of a tree of ``size`` leaves."""

    def subtree(level: int, place: int) -> bytes:
        tile_level, row = divmod(level, HEIGHT)
        at, within = divmod(place << row, WIDTH)
        width = min(WIDTH, (size >> HEIGHT * tile_level) - at * WIDTH)
        start = (within >> row) * HASH_BYTES
        found = rows(TileName(tile_level, at, width))[row][start : start + HASH_BYTES]
        assert len(found) == HASH_BYTES, f"a tree of {size} leaves has no such subtree"
        return found

    return subtree


def _rows(tile: bytes) -> Rows:
    """The hashes of a tile, of pairs of them, of pairs of those, and so on: of perfect subtrees alone."""
    sha256, rows = hashlib.sha256, [tile]
    for _ in range(HEIGHT):
        row = rows[-1]
        pairs = range(0, len(row) - HASH_BYTES, 2 * HASH_BYTES)
        rows.append(b"".join([sha256(b"\x01" + row[at : at + 2 * HASH_BYTES]).digest() for at in pairs]))
    return tuple(rows)


def _peaks(data: bytes) -> list[bytes]:
    """Roots of the perfect subtrees that a partial tile consists of, the smallest (and last) first."""
    rows, width = _rows(data), len(data) // HASH_BYTES
    peaks = []
    for row in range(HEIGHT):
        if width >> row & 1:
            start = ((width >> row) - 1) * HASH_BYTES
            peaks.append(rows[row][start : start + HASH_BYTES])
    return peaks
