"""A leaf commits to one fact by its digest and holds nothing of its content."""

from __future__ import annotations

import pytest

from provenance.transparency.leaf import KINDS, Leaf, leaf_of


def test_a_leafs_bytes_are_the_canonical_form_of_kind_name_and_digest() -> None:
    leaf = Leaf(kind="work", fact="work_1", fact_sha256="ab")
    assert leaf.data == b'{"fact":"work_1","kind":"work","sha256":"ab"}'


def test_the_leaf_of_a_fact_holds_the_digest_of_its_form() -> None:
    leaf = leaf_of("party", "ann", {"a": 1})
    assert (leaf.kind, leaf.fact) == ("party", "ann")
    assert leaf.fact_sha256 == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


def test_a_leaf_holds_nothing_of_the_content() -> None:
    assert b"secret" not in leaf_of("work", "work_1", {"title": "secret"}).data


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_fact_has_a_leaf(kind: str) -> None:
    assert leaf_of(kind, "x", None).kind == kind


def test_the_kinds_of_facts_are_these() -> None:
    assert sorted(KINDS) == [
        "claims",
        "dispute",
        "dispute_hold",
        "dispute_settlement",
        "dispute_step",
        "fx_rate",
        "generation",
        "key",
        "key_revocation",
        "licence",
        "overlap",
        "party",
        "payee_account",
        "payee_account_state",
        "payout",
        "payout_approval",
        "payout_attempt",
        "payout_event",
        "payout_refusal",
        "payout_terms",
        "period_close",
        "review",
        "revision",
        "snapshot",
        "statement",
        "tax_profile",
        "transaction",
        "withdrawal",
        "work",
    ]


@pytest.mark.parametrize("kind", ["", "Work", "payouts"])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(AssertionError):
        leaf_of(kind, "x", {})


def test_leaves_of_different_facts_have_different_bytes() -> None:
    leaves = [
        leaf_of("work", "a", {"n": 1}),
        leaf_of("work", "a", {"n": 2}),
        leaf_of("work", "b", {"n": 1}),
        leaf_of("party", "a", {"n": 1}),
    ]
    assert len({leaf.data for leaf in leaves}) == 4
