"""Splits by largest remainder: exact, in a fixed order, and mirrored below zero."""

from __future__ import annotations

import pytest

from provenance.kernel.parts import WHOLE_BASIS_POINTS, WHOLE_PPB, WHOLE_PPM, split_exactly, to_ppm


def test_the_wholes_are_ten_thousand_a_million_and_a_thousand_million() -> None:
    assert (WHOLE_BASIS_POINTS, WHOLE_PPM, WHOLE_PPB) == (10_000, 1_000_000, 1_000_000_000)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1], [50, 50]),
        (12, [1, 2, 3], [2, 4, 6]),
        (9, [5], [9]),
        (0, [3, 4], [0, 0]),
        (7, [0, 1, 0], [0, 7, 0]),
        (40_000, [600, 250, 150], [24_000, 10_000, 6_000]),
    ],
)
def test_what_divides_evenly_is_divided_evenly(total: int, weights: list[int], parts: list[int]) -> None:
    assert split_exactly(total, weights) == parts


def test_leftover_unit_goes_to_the_largest_remainder() -> None:
    # 5 x 3/7 = 2 r 1/7, the same again, 5 x 1/7 = 0 r 5/7
    assert split_exactly(5, [3, 3, 1]) == [2, 2, 1]


def test_leftover_units_go_one_each_to_the_largest_remainders() -> None:
    # The textbook case of Hamilton's method: ten seats, a quota of 10,000 votes, three seats left over.
    assert split_exactly(10, [47_000, 16_000, 15_800, 12_000, 6_100, 3_100]) == [5, 2, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [(1, [1, 1], [1, 0]), (2, [1, 1, 1], [1, 1, 0]), (100, [1, 1, 1], [34, 33, 33]), (3, [1, 1, 1, 1], [1, 1, 1, 0])],
)
def test_equal_remainders_are_served_in_the_order_of_the_list(total: int, weights: list[int], parts: list[int]) -> None:
    assert split_exactly(total, weights) == parts


def test_a_weight_of_zero_gets_nothing_of_the_leftover() -> None:
    assert split_exactly(5, [0, 3, 0, 3]) == [0, 3, 0, 2]


@pytest.mark.parametrize(
    ("total", "parts"), [(-1, [-1, 0, 0]), (-5, [-2, -2, -1]), (-10, [-4, -3, -3]), (-9, [-3, -3, -3])]
)
def test_a_negative_total_is_split_as_its_mirror_image(total: int, parts: list[int]) -> None:
    assert split_exactly(total, [1, 1, 1]) == parts


def test_a_split_is_exact_far_beyond_what_a_float_holds() -> None:
    assert split_exactly(10**30 + 1, [1, 1]) == [5 * 10**29 + 1, 5 * 10**29]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [-1, 2], [3, -1]])
@pytest.mark.parametrize("total", [5, 0, -5])
def test_weights_must_be_zero_or_more_with_one_above_zero(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights of zero or more, and one above zero"):
        split_exactly(total, weights)


@pytest.mark.parametrize(
    ("part", "ppm"),
    [
        (0.0, 0),
        (0.5, 500_000),
        (1.0, 1_000_000),
        (0.000001, 1),
        (0.1234564, 123_456),
        (0.1234566, 123_457),
        (0.9999994, 999_999),
        (0.9999996, 1_000_000),
    ],
)
def test_a_score_becomes_whole_millionths(part: float, ppm: int) -> None:
    assert to_ppm(part) == ppm


@pytest.mark.parametrize(
    ("part", "ppm"), [(-0.000001, 0), (-3.0, 0), (1.000001, 1_000_000), (7.0, 1_000_000), (float("inf"), 1_000_000)]
)
def test_a_score_outside_of_zero_to_one_is_cut_to_it(part: float, ppm: int) -> None:
    assert to_ppm(part) == ppm


def test_millionths_are_an_integer() -> None:
    assert type(to_ppm(0.25)) is int
