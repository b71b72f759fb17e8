"""Merkle tree hashes as in RFC 6962, section 2.1 (SHA-256, leaves and nodes told apart by a first byte)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """MTH of a single leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of any size by its perfect subtrees alone, largest first: 32 bytes for each bit of ``size``."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        assert self.size.bit_count() == len(self.peaks), "one peak a bit"

    def after(self, leaf: bytes) -> Tree:
        """The tree with one more leaf (its data, not its hash)."""
        peaks, hashed, size = list(self.peaks), leaf_hash(leaf), self.size
        while size & 1:
            hashed = node_hash(peaks.pop(), hashed)
            size >>= 1
        return Tree(self.size + 1, (*peaks, hashed))

    @property
    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far (32 bytes)."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of ``leaves``, in order, in memory that grows with the logarithm of their number."""
    tree = Tree()
    for leaf in leaves:
        tree = tree.after(leaf)
    return tree.root
