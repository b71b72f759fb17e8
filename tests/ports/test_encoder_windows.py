"""Segments are packed into windows of tokens whole, in order, each once, and no window is longer than the model."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.encoders.windows import (
    SEGMENT_TOKENS_MAX,
    WINDOW_TOKENS,
    TokenSpan,
    Window,
    pack_windows,
    token_spans,
)
from provenance.kernel.span import Span


def packed(*lengths: int) -> list[Window]:
    """Windows of segments of so many tokens."""
    spans, at = [], 0
    for number, length in enumerate(lengths):
        spans.append(TokenSpan(segment=number, first=at, end=at + length))
        at += length
    return list(pack_windows(spans))


def numbers(windows: list[Window]) -> list[list[int]]:
    return [[s.segment for s in window] for window in windows]


def test_windows_have_the_lengths_that_the_model_was_made_for() -> None:
    assert (WINDOW_TOKENS, SEGMENT_TOKENS_MAX) == (254, 510)


def test_no_segments_make_no_windows() -> None:
    assert list(pack_windows([])) == []
    assert token_spans([0, 2, 4], []) == []
    assert token_spans([], [Span(0, 9)]) == []


def test_a_window_holds_254_tokens_and_not_255() -> None:
    assert numbers(packed(200, 54)) == [[0, 1]]
    assert numbers(packed(200, 55)) == [[0], [1]]


def test_what_is_left_for_two_windows_is_halved() -> None:
    assert numbers(packed(*[50] * 6)) == [[0, 1, 2], [3, 4, 5]]
    assert numbers(packed(*[30] * 15)) == [list(range(8)), list(range(8, 15))]


def test_more_than_two_windows_are_filled_before_that() -> None:
    assert numbers(packed(*[50] * 13)) == [[0, 1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]


def test_a_longer_segment_stands_alone() -> None:
    assert numbers(packed(10, 300, 10)) == [[0], [1], [2]]


def test_a_segment_longer_than_the_model_is_cut() -> None:
    assert token_spans(range(600), [Span(0, 5), Span(5, 516), Span(516, 600)]) == [
        TokenSpan(segment=0, first=0, end=5),
        TokenSpan(segment=1, first=5, end=515),
        TokenSpan(segment=2, first=516, end=600),
    ]


def test_a_token_belongs_to_the_segment_that_it_starts_in_and_a_segment_without_is_left_out() -> None:
    # Tokens at 0, 4 and 8; the second starts in the first segment and reaches into the next.
    assert token_spans([0, 4, 8], [Span(0, 5), Span(5, 8), Span(8, 12)]) == [
        TokenSpan(segment=0, first=0, end=2),
        TokenSpan(segment=2, first=2, end=3),
    ]


@given(st.lists(st.integers(1, SEGMENT_TOKENS_MAX), max_size=60))
def test_every_segment_is_in_one_window_in_order_and_no_window_is_too_long(lengths: list[int]) -> None:
    windows = packed(*lengths)
    assert [number for window in numbers(windows) for number in window] == list(range(len(lengths)))
    for window in windows:
        assert sum(map(len, window)) <= (WINDOW_TOKENS if len(window) > 1 else SEGMENT_TOKENS_MAX)
    # Of three windows in a row, the first is full: it was closed because the next segment didn't fit.
    for window, following in pairwise(windows[:-2]):
        assert sum(map(len, window)) + len(following[0]) > WINDOW_TOKENS


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40))
def test_the_last_of_several_windows_is_never_a_rest_of_a_few_tokens(lengths: list[int]) -> None:
    windows = packed(*lengths)
    if len(windows) > 1:
        assert sum(map(len, windows[-1])) >= WINDOW_TOKENS // 2 - max(lengths)
