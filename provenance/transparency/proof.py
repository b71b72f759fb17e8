"""Proofs of a Merkle log: that a leaf is in it, and that a later root only added leaves (RFC 6962, RFC 9162).

They are made from the hashes of perfect subtrees, wherever those are kept, and checked from nothing but the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from provenance.kernel.errors import ForkedLog, InvalidProof
from provenance.transparency.merkle import EMPTY_ROOT, node_hash

# A tree of 2**63 leaves needs no more.
PATH_HASHES_MAX = 63
SIZE_MAX = 2**63 - 1

# The hash of a perfect subtree, by its level (2**level leaves) and its place among those of its level.
Subtree = Callable[[int, int], bytes]


def root_at(size: int, subtree: Subtree) -> bytes:
    """The root (32 bytes) of the first ``size`` leaves."""
    return _range_root(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """PATH(index, D[size]) of RFC 6962, section 2.1.1: from the leaf's sibling up to the root's child."""
    assert 0 <= index < size <= SIZE_MAX, (index, size)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(start, middle, subtree))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """PROOF(old, D[size]) of RFC 6962, section 2.1.2; empty where ``old`` is 0 or ``size``."""
    assert 0 <= old <= size <= SIZE_MAX, (old, size)
    if old in (0, size):
        return ()
    path: list[bytes] = []
    start, end = 0, size
    # Whether the old tree is a subtree that its own root names, so that the proof needn't repeat it.
    whole = True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(start, middle, subtree))
            start, whole = middle, False
    if not whole:
        path.append(_range_root(start, end, subtree))
    return tuple(reversed(path))


def root_of_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf's hash and its path lead to (RFC 9162, section 2.1.3.2).

    Raises:
        InvalidProof: the path has another length than the place and the size ask for.
    """
    if not 0 <= index < size <= SIZE_MAX:
        raise _invalid(f"Leaf {index} is in no tree of {size} leaves.")
    at, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise _invalid("The path is longer than the tree is high.")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise _invalid("The path ends before the root.")
    return root


def check_inclusion(leaf: bytes, index: int, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Do nothing where the leaf's hash stands at ``index`` of the tree with this root. Raises `InvalidProof`."""
    if root_of_inclusion(leaf, index, size, path) != root:
        raise _invalid(f"The proof doesn't lead from this leaf, as number {index}, to the root.")


def check_consistency(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Do nothing where the tree of ``size`` leaves starts with that of ``old`` leaves (RFC 9162, section 2.1.4.2).

    Raises:
        ForkedLog: one size, two roots.
        InvalidProof: the path doesn't lead to both roots.
    """
    if not 0 <= old <= size <= SIZE_MAX:
        raise _invalid(f"A tree of {old} leaves is no beginning of one of {size}.")
    if old in (0, size):
        _check_trivial(old, old_root, size, root, path)
        return
    hashes = list(path) if old & (old - 1) else [old_root, *path]
    if not hashes:
        raise _invalid("The proof is empty.")
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise _invalid("The proof is longer than the tree is high.")
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    if last or before != old_root or after != root:
        raise _invalid(f"The proof doesn't lead from the root at {old} to the root at {size}.")


def _check_trivial(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    if path:
        raise _invalid("Nothing is to be proved here, and yet there is a proof.")
    if old == size and old_root != root:
        raise ForkedLog(f"Two roots of {size} leaves.", mend="Keep both: they prove that the log was changed.")
    if not old and old_root != EMPTY_ROOT:
        raise _invalid("An empty tree has another root.")


def _range_root(start: int, end: int, subtree: Subtree) -> bytes:
    """The hash of a range that starts where a subtree of its size may start."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(subtree(level, start >> level))
        start += 1 << level
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def _split(count: int) -> int:
    """The largest power of two below ``count``, which is at least 2."""
    return 1 << (count - 1).bit_length() - 1


def _invalid(message: str) -> InvalidProof:
    return InvalidProof(message, mend="Ask for the proof again, from another place if it stays so.")
