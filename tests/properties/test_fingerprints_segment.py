"""What holds of the segments of any text, however hostile."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from provenance.fingerprints.segment import SEGMENT_CHARS_MAX, SEGMENT_CHARS_MIN, segment

PIECES = st.sampled_from(
    [
        *("x" * 290, "\u3000", "\u200b", "\x00", "\x1c", "\x85", "\u2028", "a\u0301", "\U0001f642"),
        *(" ", "\n", "\n\n", "\n \n", "\t", " — "),
        *'Mr e.g word Word 漢字 هل 1. - ``` . !? 。」 ؟ " , ;'.split(),
    ]
)
TEXTS = st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=60).map("".join))


@given(TEXTS)
@example("x" * 600 + "。" + "漢" * 30)
@example(" \x1c\x1d ")
def test_segments_are_ordered_disjoint_bounded_and_trimmed(text: str) -> None:
    spans = segment(text)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    for span in spans:
        assert 0 < len(span) <= SEGMENT_CHARS_MAX
        assert span.end <= len(text)
        assert span.of(text) == span.of(text).strip()


@given(TEXTS)
@example("one\x1ctwo\x85three")
def test_segments_cover_everything_but_white_space(text: str) -> None:
    covered = {i for span in segment(text) for i in range(span.start, span.end)}
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)


@given(TEXTS, TEXTS)
def test_a_paragraph_is_cut_alike_wherever_it_stands(before: str, text: str) -> None:
    before, text = f"{before.strip()}\n\n", text.strip()
    alone = [span.shifted(len(before)) for span in segment(text)]
    assert segment(before + text)[len(segment(before)) :] == alone


@given(st.lists(st.integers(SEGMENT_CHARS_MIN, 90), min_size=1, max_size=20))
def test_plain_sentences_are_the_segments(lengths: list[int]) -> None:
    sentences = ["A" + "b" * (length - 2) + "." for length in lengths]
    text = " ".join(sentences)
    assert [span.of(text) for span in segment(text)] == sentences
