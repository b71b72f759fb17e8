"""Merkle tree hashes of RFC 6962, section 2.1, on the reference leaves of certificate-transparency implementations."""

from __future__ import annotations

import hashlib

import pytest

from provenance.transparency.merkle import EMPTY_ROOT, Tree, leaf_hash, node_hash, root_of

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_vectors(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT == Tree().root


def test_a_leaf_is_hashed_behind_a_zero_byte_and_a_node_behind_a_one() -> None:
    assert leaf_hash(b"ab") == hashlib.sha256(b"\x00ab").digest()
    assert node_hash(b"a", b"b") == hashlib.sha256(b"\x01ab").digest()


def test_a_node_cannot_pass_for_a_leaf() -> None:
    one, two = leaf_hash(b"1"), leaf_hash(b"2")
    assert root_of([one + two]) != root_of([b"1", b"2"])
    assert root_of([b"\x01" + one + two]) != root_of([b"1", b"2"])


def test_an_odd_leaf_is_carried_up_and_not_doubled() -> None:
    a, b, c = (leaf_hash(x) for x in (b"a", b"b", b"c"))
    assert root_of([b"a", b"b", b"c"]) == node_hash(node_hash(a, b), c)
    assert root_of([b"a", b"b", b"c"]) != root_of([b"a", b"b", b"c", b"c"])


def test_five_leaves_make_a_perfect_subtree_of_four_and_one_beside_it() -> None:
    a, b, c, d, e = (leaf_hash(x) for x in (b"a", b"b", b"c", b"d", b"e"))
    four = node_hash(node_hash(a, b), node_hash(c, d))
    tree = Tree().after(b"a").after(b"b").after(b"c").after(b"d").after(b"e")
    assert tree == Tree(5, (four, e))
    assert tree.root == node_hash(four, e)


@pytest.mark.parametrize(("size", "peaks"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 1), (5, 2), (6, 2), (7, 3), (8, 1)])
def test_a_tree_holds_one_peak_for_each_bit_of_its_size(size: int, peaks: int) -> None:
    tree = Tree()
    for leaf in LEAVES[:size]:
        tree = tree.after(leaf)
    assert (tree.size, len(tree.peaks)) == (size, peaks)


def test_a_tree_grows_into_another_and_stays_what_it_was() -> None:
    before = Tree().after(b"a")
    before.after(b"b")
    assert before == Tree(1, (leaf_hash(b"a"),))


@pytest.mark.parametrize(("size", "peaks"), [(0, 1), (1, 0), (2, 2), (3, 1), (7, 2)])
def test_a_tree_whose_peaks_do_not_fit_its_size_is_refused(size: int, peaks: int) -> None:
    with pytest.raises(AssertionError, match="one peak a bit"):
        Tree(size, (EMPTY_ROOT,) * peaks)


def test_leaves_are_read_from_any_iterable_once() -> None:
    assert root_of(iter(LEAVES)).hex() == ROOTS[8]
