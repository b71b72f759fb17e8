"""The two sides of a comparison hold together, or aren't made."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.attribution.passages import Candidates, PartText, SourceSegment, part_text
from provenance.kernel.span import Span

TWO = np.eye(2, dtype=np.float32)


def source(ordinal: int) -> SourceSegment:
    return SourceSegment(ordinal=ordinal, work="w", revision="r", span=Span(0, 1), text="a")


def test_a_part_has_the_folded_words_of_each_segment() -> None:
    part = part_text("One two. THREE four.", [Span(0, 8), Span(9, 20)], TWO)
    assert [w.folded for w in part.words] == [["one", "two"], ["three", "four"]]
    assert part.words[1].starts == [0, 6]
    assert part.spans == [Span(0, 8), Span(9, 20)]
    assert part.vectors is TWO


def test_a_part_has_one_vector_and_one_word_list_a_segment() -> None:
    with pytest.raises(AssertionError):
        part_text("One two.", [Span(0, 8)], TWO)
    with pytest.raises(AssertionError):
        PartText(text="a b", spans=[Span(0, 1), Span(2, 3)], words=[], vectors=TWO)


def test_candidates_come_in_the_order_of_their_ordinals_with_gaps_or_without() -> None:
    for ordinals in [(3, 7), (7, 8), (1, 8)]:
        made = Candidates(segments=[source(o) for o in ordinals], vectors=TWO)
        assert [s.ordinal for s in made.segments] == list(ordinals)


@pytest.mark.parametrize("ordinals", [(7, 3), (3, 3)])
def test_candidates_out_of_order_or_twice_are_a_bug(ordinals: tuple[int, int]) -> None:
    with pytest.raises(AssertionError, match="sorted, each once"):
        Candidates(segments=[source(o) for o in ordinals], vectors=TWO)


def test_candidates_have_one_vector_each() -> None:
    with pytest.raises(AssertionError, match="one vector a candidate"):
        Candidates(segments=[source(3)], vectors=TWO)
