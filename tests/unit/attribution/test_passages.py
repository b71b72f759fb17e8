"""The two sides of a comparison hold together, or aren't made."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.attribution.passages import Candidates, PartText, part_text
from provenance.kernel.span import Span

from .evidence_values import axes, candidates_of, content_of, lines_part, one, source

TWO = axes(2)


def test_a_part_has_the_folded_words_of_each_segment() -> None:
    part = part_text("One two. THREE four.", [Span(0, 8), Span(9, 20)], TWO, one)
    assert [w.folded for w in part.words] == [["one", "two"], ["three", "four"]]
    assert part.words[1].starts == [0, 6]
    assert part.spans == [Span(0, 8), Span(9, 20)]
    assert part.vectors is TWO


def test_a_part_has_the_telling_words_of_each_segment() -> None:
    part = part_text("One one. ... THREE four.", [Span(0, 8), Span(9, 12), Span(13, 24)], axes(3), one)
    assert part.content.bounds.tolist() == [0, 1, 1, 3]


def test_a_part_has_one_vector_and_one_word_list_a_segment() -> None:
    with pytest.raises(AssertionError, match="one span, word list and vector a segment"):
        part_text("One two.", [Span(0, 8)], TWO, one)
    good = lines_part(["a", "b"])
    with pytest.raises(AssertionError, match="one span, word list and vector a segment"):
        PartText(text=good.text, whole=good.whole, spans=good.spans, words=[], content=good.content, vectors=TWO)


def test_a_stretch_is_a_part_of_its_own_with_the_offsets_of_the_whole() -> None:
    lines = ["one two", "", "three four five", "six", "seven eight"]
    part = lines_part(lines)
    stretch = part.stretch(2, 4)
    assert stretch.text == part.text
    assert [s.of(part.text) for s in stretch.spans] == lines[2:4]
    assert [w.folded for w in stretch.words] == [["three", "four", "five"], ["six"]]
    assert np.array_equal(stretch.vectors, part.vectors[2:4])
    alone = lines_part(lines[2:4], axes(5)[2:4]).content
    assert stretch.content.ordinals.tolist() == [0, 1]
    assert stretch.content.bounds.tolist() == alone.bounds.tolist() == [0, 3, 4]
    assert stretch.content.words.tolist() == alone.words.tolist()


def test_a_stretch_ends_where_the_part_ends() -> None:
    part = lines_part(["one", "two", "three"])
    assert len(part.stretch(2, 66).spans) == 1
    assert part.stretch(2, 66).content.bounds.tolist() == [0, 1]
    assert part.stretch(0, 64).content.words.tolist() == part.content.words.tolist()


def test_candidates_come_in_the_order_of_their_ordinals_with_gaps_or_without() -> None:
    for ordinals in [(3, 7), (7, 8), (1, 8)]:
        made = candidates_of([source(o, "w") for o in ordinals], TWO)
        assert [s.ordinal for s in made.segments] == list(ordinals)


@pytest.mark.parametrize("ordinals", [(7, 3), (3, 3)])
def test_candidates_out_of_order_or_twice_are_a_bug(ordinals: tuple[int, int]) -> None:
    with pytest.raises(AssertionError, match="sorted, each once"):
        candidates_of([source(o, "w") for o in ordinals], TWO)


def test_candidates_have_one_vector_each() -> None:
    segments = [source(3, "w")]
    with pytest.raises(AssertionError, match="one vector a candidate"):
        Candidates(segments=segments, vectors=TWO, content=content_of(segments))
