"""The Merkle tree against RFC 6962's own recursive definition, and against tampering."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provenance.transparency.merkle import Tree, root_of

leaves_of_any_kind = st.lists(st.binary(max_size=70), max_size=70)
some_leaves = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def merkle_tree_hash(leaves: list[bytes]) -> bytes:
    """MTH(D[n]) as section 2.1 of RFC 6962 writes it down: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + merkle_tree_hash(leaves[:k]) + merkle_tree_hash(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(71))
def test_the_root_is_that_of_the_recursive_definition_at_every_size(size: int) -> None:
    leaves = [f"leaf {number}".encode() for number in range(size)]
    assert root_of(leaves) == merkle_tree_hash(leaves)


@given(leaves_of_any_kind)
def test_the_root_is_that_of_the_recursive_definition_for_any_leaves(leaves: list[bytes]) -> None:
    assert root_of(leaves) == merkle_tree_hash(leaves)


@given(leaves_of_any_kind)
def test_a_tree_knows_its_size_and_has_a_peak_for_each_bit_of_it(leaves: list[bytes]) -> None:
    tree = Tree()
    for leaf in leaves:
        tree = tree.after(leaf)
    assert tree.size == len(leaves)
    assert len(tree.peaks) == len(leaves).bit_count()
    assert all(len(peak) == 32 for peak in (*tree.peaks, tree.root))


@given(some_leaves, st.binary(max_size=8), st.data())
def test_a_changed_leaf_changes_the_root(leaves: list[bytes], other: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    assume(leaves[at] != other)
    assert root_of([*leaves[:at], other, *leaves[at + 1 :]]) != root_of(leaves)


@given(some_leaves, st.data())
def test_a_removed_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    assert root_of(leaves[:at] + leaves[at + 1 :]) != root_of(leaves)


@given(some_leaves, st.binary(max_size=8), st.data())
def test_an_added_leaf_changes_the_root(leaves: list[bytes], new: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves)))
    assert root_of([*leaves[:at], new, *leaves[at:]]) != root_of(leaves)


@given(some_leaves, st.data())
def test_swapped_leaves_change_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    places = st.integers(0, len(leaves) - 1)
    one, other = data.draw(places), data.draw(places)
    assume(leaves[one] != leaves[other])
    swapped = list(leaves)
    swapped[one], swapped[other] = leaves[other], leaves[one]
    assert root_of(swapped) != root_of(leaves)


@given(some_leaves, st.data())
def test_a_bit_flipped_in_a_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    assume(leaves[at])
    bit = data.draw(st.integers(0, 8 * len(leaves[at]) - 1))
    flipped = bytearray(leaves[at])
    flipped[bit // 8] ^= 1 << bit % 8
    assert root_of([*leaves[:at], bytes(flipped), *leaves[at + 1 :]]) != root_of(leaves)


@given(some_leaves, st.data())
def test_the_halves_of_a_tree_do_not_pass_for_its_leaves(leaves: list[bytes], data: st.DataObject) -> None:
    assume(len(leaves) > 1)
    at = data.draw(st.integers(1, len(leaves) - 1))
    assert root_of([merkle_tree_hash(leaves[:at]), merkle_tree_hash(leaves[at:])]) != root_of(leaves)
    assert root_of([b"\x01" + merkle_tree_hash(leaves[:at]) + merkle_tree_hash(leaves[at:])]) != root_of(leaves)
