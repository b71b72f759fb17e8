"""Splits lose nothing: for any total and any weights."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.parts import split_exactly

totals = st.integers(-(10**18), 10**18) | st.integers(-20, 20)
weights = st.lists(st.integers(0, 10**9) | st.integers(0, 3), min_size=1, max_size=12).filter(any)


@given(totals, weights)
def test_the_parts_add_up_to_the_total(total: int, shares: list[int]) -> None:
    parts = split_exactly(total, shares)
    assert sum(parts) == total
    assert len(parts) == len(shares)


@given(totals, weights)
def test_each_part_is_within_one_unit_of_the_exact_quotient(total: int, shares: list[int]) -> None:
    whole = sum(shares)
    for part, share in zip(split_exactly(total, shares), shares, strict=True):
        assert abs(part * whole - total * share) < whole


@given(totals, weights)
def test_no_part_has_the_other_sign(total: int, shares: list[int]) -> None:
    assert all(part * total >= 0 for part in split_exactly(total, shares))


@given(totals, weights)
def test_a_weight_of_zero_has_a_part_of_zero(total: int, shares: list[int]) -> None:
    assert all(p == 0 for p, share in zip(split_exactly(total, shares), shares, strict=True) if not share)


@given(totals, weights)
def test_a_heavier_weight_never_has_the_smaller_part(total: int, shares: list[int]) -> None:
    by_weight = sorted(zip(shares, map(abs, split_exactly(total, shares)), strict=True))
    for (light, small), (heavy, large) in pairwise(by_weight):
        assert small <= large
        assert heavy > light or large - small <= 1


@given(totals, weights)
def test_a_negative_total_mirrors_the_positive_one(total: int, shares: list[int]) -> None:
    assert split_exactly(-total, shares) == [-part for part in split_exactly(total, shares)]


@given(totals, weights)
def test_among_equal_weights_the_first_is_served_first(total: int, shares: list[int]) -> None:
    parts = [abs(p) for p in split_exactly(total, shares)]
    for weight in set(shares):
        mine = [p for p, share in zip(parts, shares, strict=True) if share == weight]
        assert mine == sorted(mine, reverse=True)


@given(totals, weights, st.integers(1, 1_000))
def test_only_the_proportion_of_the_weights_counts(total: int, shares: list[int], factor: int) -> None:
    assert split_exactly(total, [share * factor for share in shares]) == split_exactly(total, shares)


@given(totals, weights, st.randoms(use_true_random=False))
def test_the_order_of_the_list_moves_no_part_by_more_than_a_unit(total: int, shares: list[int], dice: Random) -> None:
    order = dice.sample(range(len(shares)), len(shares))
    parts = split_exactly(total, shares)
    for at, part in zip(order, split_exactly(total, [shares[at] for at in order]), strict=True):
        assert abs(part - parts[at]) <= 1


@given(st.integers(1, 10**9), weights)
def test_multiples_of_the_whole_are_split_without_any_rounding(times: int, shares: list[int]) -> None:
    assert split_exactly(times * sum(shares), shares) == [times * share for share in shares]
