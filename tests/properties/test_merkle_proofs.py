"""Proofs and tiles against trees that are built by force, as RFC 6962 writes them down; and against tampering."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provenance.kernel.errors import ForkedLog, InvalidProof
from provenance.transparency.merkle import leaf_hash, root_of
from provenance.transparency.proof import (
    Subtree,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    root_at,
)
from provenance.transparency.tiles import Edge, TileName, edge_names, grown, read_edge, rows_kept, subtree_of

sizes = st.integers(1, 70)
batches = st.lists(st.integers(0, 400), min_size=1, max_size=5)


def data(count: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(count)]


def merkle_tree_hash(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + merkle_tree_hash(leaves[:k]) + merkle_tree_hash(leaves[k:])).digest()


def split(count: int) -> int:
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), merkle_tree_hash(leaves[k:])]
    return [*path(m - k, leaves[k:]), merkle_tree_hash(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [merkle_tree_hash(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), merkle_tree_hash(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), merkle_tree_hash(leaves[:k])]


def by_force(leaves: list[bytes]) -> Subtree:
    return lambda level, place: merkle_tree_hash(leaves[place << level : (place + 1) << level])


class Stored:
    """The tiles of a tree that grew in batches, as they are published."""

    def __init__(self, *counts: int) -> None:
        self.tiles: dict[TileName, bytes] = {}
        self.edge = Edge()
        for count in counts:
            new = [leaf_hash(d) for d in data(self.edge.size + count)[self.edge.size :]]
            self.edge, full = grown(self.edge, new)
            self.tiles |= {tile.name: tile.data for tile in [*full, *self.edge.tiles]}

    @property
    def subtree(self) -> Subtree:
        return subtree_of(self.edge.size, rows_kept(self.tiles.__getitem__))


@pytest.mark.parametrize("size", range(1, 18))
def test_proofs_are_those_of_the_recursive_definitions_for_every_small_tree(size: int) -> None:
    leaves = data(size)
    subtree = by_force(leaves)
    for index in range(size):
        assert list(inclusion_proof(index, size, subtree)) == path(index, leaves)
    for old in range(1, size + 1):
        assert list(consistency_proof(old, size, subtree)) == subproof(old, leaves, True)


@given(sizes, st.data())
def test_a_proof_leads_from_its_leaf_to_the_root(size: int, draw: st.DataObject) -> None:
    leaves = data(size)
    index = draw.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, by_force(leaves))
    check_inclusion(leaf_hash(leaves[index]), index, size, root_of(leaves), proof)


@given(sizes, st.data())
def test_a_proof_holds_for_no_other_leaf_place_size_or_root(size: int, draw: st.DataObject) -> None:
    leaves = data(size)
    index, other = draw.draw(st.integers(0, size - 1)), draw.draw(st.integers(0, size + 3))
    proof, root = inclusion_proof(index, size, by_force(leaves)), root_of(leaves)
    with pytest.raises(InvalidProof):
        check_inclusion(leaf_hash(b"another"), index, size, root, proof)
    with pytest.raises(InvalidProof):
        check_inclusion(leaf_hash(leaves[index]), index, size, leaf_hash(b"another"), proof)
    if other != index:
        with pytest.raises(InvalidProof):
            check_inclusion(leaf_hash(leaves[index]), other, size, root, proof)


@given(sizes, st.data())
def test_a_bit_flipped_in_a_proof_is_refused(size: int, draw: st.DataObject) -> None:
    assume(size > 1)
    leaves = data(size)
    index = draw.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(index, size, by_force(leaves)))
    at, bit = draw.draw(st.integers(0, len(proof) - 1)), draw.draw(st.integers(0, 255))
    proof[at] = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(InvalidProof):
        check_inclusion(leaf_hash(leaves[index]), index, size, root_of(leaves), proof)


@given(sizes, st.data())
def test_a_proof_that_is_too_short_or_too_long_is_refused(size: int, draw: st.DataObject) -> None:
    leaves = data(size)
    index = draw.draw(st.integers(0, size - 1))
    proof, leaf, root = inclusion_proof(index, size, by_force(leaves)), leaf_hash(leaves[index]), root_of(leaves)
    for wrong in ((*proof, root), (root, *proof), proof[:-1], proof[1:]):
        if wrong != proof:
            with pytest.raises(InvalidProof):
                check_inclusion(leaf, index, size, root, wrong)


@given(sizes, st.data())
def test_a_tree_is_consistent_with_each_of_its_beginnings(size: int, draw: st.DataObject) -> None:
    leaves = data(size)
    old = draw.draw(st.integers(0, size))
    proof = consistency_proof(old, size, by_force(leaves))
    check_consistency(old, root_of(leaves[:old]), size, root_of(leaves), proof)


@given(sizes, st.data())
def test_a_tree_with_an_older_leaf_changed_is_consistent_with_nothing(size: int, draw: st.DataObject) -> None:
    leaves, changed = data(size), data(size)
    old = draw.draw(st.integers(1, size))
    changed[draw.draw(st.integers(0, old - 1))] = b"changed"
    for tree in (leaves, changed):
        proof = consistency_proof(old, size, by_force(tree))
        with pytest.raises((InvalidProof, ForkedLog)):
            check_consistency(old, root_of(leaves[:old]), size, root_of(changed), proof)


@given(sizes, st.data())
def test_a_consistency_proof_with_a_hash_changed_added_or_removed_is_refused(size: int, draw: st.DataObject) -> None:
    leaves = data(size)
    old = draw.draw(st.integers(1, size))
    proof = consistency_proof(old, size, by_force(leaves))
    assume(proof)
    at = draw.draw(st.integers(0, len(proof) - 1))
    other = leaf_hash(b"another")
    for wrong in ((*proof[:at], other, *proof[at + 1 :]), (*proof, other), proof[:-1], proof[1:]):
        with pytest.raises(InvalidProof):
            check_consistency(old, root_of(leaves[:old]), size, root_of(leaves), wrong)


@given(batches)
def test_tiles_lead_to_the_root_however_the_leaves_came(counts: list[int]) -> None:
    stored = Stored(*counts)
    size = stored.edge.size
    assert stored.edge.root == root_of(data(size))
    assert root_at(size, stored.subtree) == stored.edge.root
    assert read_edge(size, stored.tiles.__getitem__).root == stored.edge.root


@given(batches)
def test_full_tiles_do_not_depend_on_how_the_leaves_came(counts: list[int]) -> None:
    stored, at_once = Stored(*counts), Stored(sum(counts))
    full = {name: tile for name, tile in stored.tiles.items() if name.width == 256}
    assert full == {name: tile for name, tile in at_once.tiles.items() if name.width == 256}
    assert stored.edge.tiles == at_once.edge.tiles


@given(batches, st.data())
def test_proofs_from_tiles_hold(counts: list[int], draw: st.DataObject) -> None:
    stored = Stored(*counts)
    size = stored.edge.size
    assume(size)
    index, old = draw.draw(st.integers(0, size - 1)), draw.draw(st.integers(0, size))
    leaf = leaf_hash(data(size)[index])
    check_inclusion(leaf, index, size, stored.edge.root, inclusion_proof(index, size, stored.subtree))
    proof = consistency_proof(old, size, stored.subtree)
    check_consistency(old, root_of(data(old)), size, stored.edge.root, proof)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])
def test_trees_at_the_edges_of_tiles_have_the_right_root(size: int) -> None:
    stored = Stored(size)
    assert stored.edge.root == root_of(data(size))
    assert stored.subtree(0, size - 1) == leaf_hash(data(size)[-1])
    names = {tile.name for tile in stored.edge.tiles}
    assert names == set(edge_names(size))
