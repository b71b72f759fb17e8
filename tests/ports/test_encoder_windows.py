"""Segments are packed into windows of tokens whole, greedily, each once, and no window is longer than the model."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.encoders.windows import WINDOW_TOKENS, WINDOW_TOKENS_MAX, Window, pack_windows
from provenance.kernel.span import Span


def packed(*lengths: int, gap: int = 0) -> list[Window]:
    """Windows of segments of so many tokens; a token is two characters, between segments stand ``gap`` more tokens."""
    spans, at = [], 0
    for length in lengths:
        spans.append(Span(2 * at, 2 * (at + length)))
        at += length + gap
    return list(pack_windows(range(0, 2 * at, 2), spans))


def numbers(windows: list[Window]) -> list[list[int]]:
    return [[number for number, _, _ in window.segments] for window in windows]


def test_windows_have_the_lengths_that_the_model_was_made_for() -> None:
    assert (WINDOW_TOKENS, WINDOW_TOKENS_MAX) == (254, 510)


def test_no_segments_make_no_windows() -> None:
    assert list(pack_windows([0, 2, 4], [])) == []
    assert list(pack_windows([], [])) == []


def test_segments_share_a_window_as_long_as_all_their_tokens_fit() -> None:
    assert packed(100, 100, 100) == [
        Window(first=0, end=200, segments=((0, 0, 100), (1, 100, 200))),
        Window(first=200, end=300, segments=((2, 200, 300),)),
    ]


def test_every_window_is_counted_from_its_own_first_token() -> None:
    assert numbers(packed(100, 100, 100, 100, 100)) == [[0, 1], [2, 3], [4]]
    assert numbers(packed(*[50] * 13)) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12]]


def test_a_window_holds_254_tokens_and_not_255() -> None:
    assert numbers(packed(200, 54, 1)) == [[0, 1], [2]]
    assert numbers(packed(200, 55)) == [[0], [1]]
    assert numbers(packed(254, 1)) == [[0], [1]]


def test_tokens_between_segments_count_too() -> None:
    assert numbers(packed(100, 100, gap=54)) == [[0, 1]]
    assert numbers(packed(100, 100, gap=55)) == [[0], [1]]
    assert packed(3, 4, gap=2) == [Window(first=0, end=9, segments=((0, 0, 3), (1, 5, 9)))]


def test_a_longer_segment_stands_alone() -> None:
    assert packed(10, 300, 10) == [
        Window(first=0, end=10, segments=((0, 0, 10),)),
        Window(first=10, end=310, segments=((1, 10, 310),)),
        Window(first=310, end=320, segments=((2, 310, 320),)),
    ]


def test_a_segment_longer_than_the_model_is_cut() -> None:
    assert packed(510) == [Window(first=0, end=510, segments=((0, 0, 510),))]
    assert packed(5, 511, 5)[1:] == [
        Window(first=5, end=515, segments=((1, 5, 515),)),
        Window(first=516, end=521, segments=((2, 516, 521),)),
    ]


def test_a_segment_without_tokens_takes_no_room() -> None:
    assert packed(0, 254, 0) == [Window(first=0, end=254, segments=((0, 0, 0), (1, 0, 254), (2, 254, 254)))]
    assert packed(0) == [Window(first=0, end=0, segments=((0, 0, 0),))]


def test_a_token_belongs_to_the_segment_that_it_starts_in() -> None:
    # Tokens at 0, 4 and 8; the second starts in the first segment and reaches into the other.
    assert list(pack_windows([0, 4, 8], [Span(0, 5), Span(5, 12)])) == [
        Window(first=0, end=3, segments=((0, 0, 2), (1, 2, 3)))
    ]


@given(
    st.lists(st.integers(1, 9), max_size=900),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40)), max_size=40),
)
def test_every_segment_is_in_one_window_in_order_and_no_window_is_too_long(
    steps: list[int], layout: list[tuple[int, int]]
) -> None:
    starts = [sum(steps[:i]) for i in range(len(steps))]
    spans, at = [], 0
    for length, gap in layout:
        spans.append(Span(at, at + length))
        at += length + gap
    windows = list(pack_windows(starts, spans))
    assert [number for window in numbers(windows) for number in window] == list(range(len(spans)))
    for window in windows:
        tokens = window.end - window.first
        assert tokens <= (WINDOW_TOKENS if len(window.segments) > 1 else WINDOW_TOKENS_MAX)
        for number, first, end in window.segments:
            assert window.first <= first <= end <= window.end
            inside = [i for i, start in enumerate(starts) if spans[number].start <= start < spans[number].end]
            assert list(range(first, end)) == inside[:WINDOW_TOKENS_MAX]
    for window, following in pairwise(windows):
        assert following.segments[0][2] - window.first > WINDOW_TOKENS
