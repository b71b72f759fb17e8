"""Amounts split by the same weights, one after the other: nothing is lost, nobody drifts, and no order matters."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.carry import TURNS_MAX, split_carried, turns_of
from provenance.kernel.parts import split_exactly

MILLION = 1_000_000

amounts = st.lists(st.integers(0, 3) | st.integers(0, 10**13), max_size=40)
weights = st.lists(st.integers(0, 60), min_size=1, max_size=9).filter(any)
basis_points = st.sampled_from(
    [[5_000, 5_000], [3_333, 3_333, 3_334], [1, 9_999], [9_998, 1, 1], [7_500, 2_500], [10] * 1_000, [3, 4_997, 5_000]]
)


def dealt(totals: Sequence[int], shares: Sequence[int], before: int = 0) -> list[int]:
    """What each has of all amounts together."""
    got = [0] * len(shares)
    for total in totals:
        parts = split_carried(total, shares, before=before)
        assert sum(parts) == total
        got = [g + p for g, p in zip(got, parts, strict=True)]
        before += total
    return got


def drift(got: Sequence[int], total: int, shares: Sequence[int]) -> Fraction:
    """How far anybody is from what is due of the total."""
    whole = sum(shares)
    return max(abs(Fraction(total * share, whole) - part) for share, part in zip(shares, got, strict=True))


@given(amounts, weights | basis_points)
def test_after_every_amount_each_is_less_than_a_unit_from_what_is_due(totals: list[int], shares: list[int]) -> None:
    got, before = [0] * len(shares), 0
    for total in totals:
        parts = split_carried(total, shares, before=before)
        assert sum(parts) == total
        assert min(parts) >= 0
        before += total
        got = [g + p for g, p in zip(got, parts, strict=True)]
        assert drift(got, before, shares) < 1


@given(amounts, weights | basis_points, st.randoms(use_true_random=False))
def test_the_order_of_the_amounts_is_nothing_in_the_end(
    totals: list[int], shares: list[int], order: random.Random
) -> None:
    shuffled = list(totals)
    order.shuffle(shuffled)
    assert dealt(totals, shares) == dealt(shuffled, shares) == dealt([sum(totals)], shares)


@given(st.integers(0, 10**6), st.integers(0, 10**13), weights)
def test_what_is_taken_back_is_what_was_given(before: int, total: int, shares: list[int]) -> None:
    given_ = split_carried(total, shares, before=before)
    assert split_carried(-total, shares, before=before + total) == [-part for part in given_]


@given(st.integers(0, 10**15), st.integers(0, 10**6), weights)
def test_only_the_place_in_the_cycle_is_carried(before: int, total: int, shares: list[int]) -> None:
    place = before % turns_of(shares)
    assert split_carried(total, shares, before=before) == split_carried(total, shares, before=place)


@given(st.integers(0, 10**9), st.integers(0, 10**6), weights, st.integers(2, 50))
def test_weights_that_mean_the_same_split_alike(before: int, total: int, shares: list[int], times: int) -> None:
    scaled = [share * times for share in shares]
    assert split_carried(total, shares, before=before) == split_carried(total, scaled, before=before)


@pytest.mark.parametrize(
    ("shares", "count"),
    [([4_000, 3_000, 2_000, 999, 1], MILLION), ([3_333, 3_333, 3_334], 50_000), ([9_998, 1, 1], 50_000)],
    ids=str,
)
def test_a_million_tiny_amounts_lose_nothing_and_feed_nobody(shares: list[int], count: int) -> None:
    chance = random.Random(20261128)  # a seed, so that a failure can be seen again
    totals = chance.choices([0, 1, 1, 1, 2, 3, 7], k=count)
    got, before, whole = [0] * len(shares), 0, sum(shares)
    for total in totals:
        parts = split_carried(total, shares, before=before)
        before += total
        for index, part in enumerate(parts):
            assert part >= 0
            got[index] += part
            # In whole numbers: a million fractions take too long.
            assert abs(before * shares[index] - got[index] * whole) < whole
    assert sum(got) == sum(totals)
    chance.shuffle(totals)
    assert split_carried(sum(totals), shares, before=0) == got


def test_single_splits_of_a_unit_feed_the_first_in_the_list_and_carried_ones_do_not() -> None:
    alone = [split_exactly(1, [5_000, 5_000]) for _ in range(1_000)]
    assert [sum(parts) for parts in zip(*alone, strict=True)] == [1_000, 0]
    assert dealt([1] * 1_000, [5_000, 5_000]) == [500, 500]


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1], [1, TURNS_MAX]], ids=str)
def test_weights_that_split_nothing_are_refused(shares: list[int]) -> None:
    with pytest.raises(ValueError, match=r"weights of zero or more|turns is above"):
        split_carried(10, shares, before=0)
