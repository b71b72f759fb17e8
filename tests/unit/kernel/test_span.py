"""Half-open spans of a text, in characters."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from provenance.kernel.span import Span, merge


def test_a_span_covers_its_start_and_not_its_end() -> None:
    assert Span(2, 5).of("abcdefg") == "cde"
    assert len(Span(2, 5)) == 3


def test_offsets_count_code_points_and_not_bytes() -> None:
    assert Span(1, 3).of("é😀ß!") == "😀ß"


@pytest.mark.parametrize(("start", "end"), [(0, 0), (4, 4), (0, 1)])
def test_a_span_may_be_empty_or_start_at_zero(start: int, end: int) -> None:
    assert len(Span(start, end)) == end - start


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (-2, -1), (1, 0)])
def test_a_span_that_runs_backwards_or_from_below_zero_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"not from {start} to {end}"):
        Span(start, end)


def test_a_shift_moves_both_ends() -> None:
    assert Span(2, 5).shifted(10) == Span(12, 15)
    assert Span(2, 5).shifted(-2) == Span(0, 3)


def test_a_shift_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="runs forward from 0"):
        Span(2, 5).shifted(-3)


def test_spans_sort_by_start_then_end() -> None:
    assert sorted([Span(3, 4), Span(1, 9), Span(1, 2)]) == [Span(1, 2), Span(1, 9), Span(3, 4)]


def test_a_span_cannot_be_changed() -> None:
    span: Any = Span(1, 2)
    with pytest.raises(FrozenInstanceError):
        span.end = 9


@pytest.mark.parametrize(
    ("spans", "merged"),
    [
        ([], ()),
        ([Span(1, 3)], (Span(1, 3),)),
        ([Span(1, 3), Span(2, 5)], (Span(1, 5),)),
        ([Span(1, 3), Span(3, 5)], (Span(1, 5),)),
        ([Span(1, 3), Span(4, 5)], (Span(1, 3), Span(4, 5))),
        ([Span(1, 9), Span(2, 4)], (Span(1, 9),)),
        ([Span(1, 9), Span(2, 4), Span(8, 12)], (Span(1, 12),)),
        ([Span(6, 7), Span(2, 3), Span(0, 1)], (Span(0, 1), Span(2, 3), Span(6, 7))),
        ([Span(5, 8), Span(1, 6)], (Span(1, 8),)),
        ([Span(0, 1), Span(3, 5), Span(4, 8)], (Span(0, 1), Span(3, 8))),
        ([Span(0, 1), Span(3, 9), Span(4, 5), Span(9, 9)], (Span(0, 1), Span(3, 9))),
    ],
)
def test_spans_that_overlap_or_touch_are_joined_and_others_are_not(spans: list[Span], merged: tuple[Span, ...]) -> None:
    assert merge(spans) == merged


@pytest.mark.parametrize(("gap", "count"), [(0, 3), (1, 2), (2, 1), (9, 1)])
def test_spans_at_most_the_gap_apart_are_joined(gap: int, count: int) -> None:
    assert len(merge([Span(0, 2), Span(3, 4), Span(6, 7)], gap=gap)) == count


def test_the_text_in_a_joined_gap_belongs_to_the_span() -> None:
    assert merge([Span(3, 5), Span(0, 2)], gap=1) == (Span(0, 5),)


def test_any_iterable_of_spans_can_be_merged() -> None:
    assert merge(iter([Span(0, 1), Span(1, 2)])) == (Span(0, 2),)
