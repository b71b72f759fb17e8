"""How near segments are to sources: two views, rivals with another passage, the same bits whatever stands beside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution import same_passage as module
from provenance.attribution.passages import Candidates, PartText, SourceSegment
from provenance.attribution.same_passage import CopyGroups
from provenance.attribution.similarity import Similarity, compare, paragraphs
from provenance.fingerprints.vector import Vectors, unit

from .evidence_values import candidates_of, lines_part, source

WORDS = "the cow stood in the second pan and the tide came up"
OTHER = "nobody expected rain before evening said an old pilot"
STEP = 0.05 * math.log(3)  # odds of three to one


def placed(cosine: float, place: int, *, places: int = 6) -> list[float]:
    """One half of a vector: its cosine with the only segment, and a place of its own among passages."""
    row = [cosine / 2] + [0.0] * places
    row[1 + place] = 0.7
    return row


def part() -> PartText:
    vector = [1.0] + [0.0] * 6
    return lines_part(["x"], np.array([vector + vector], np.float32))


def among(*sources: tuple[str, float, int, str]) -> Candidates:
    """Candidates from (work, cosine, place, text); those at one place have nearly the same direction."""
    segments = [source(10 * i, work, text) for i, (work, _, _, text) in enumerate(sources)]
    vectors = [placed(cosine, place) * 2 for _, cosine, place, _ in sources]
    return candidates_of(segments, np.array(vectors, np.float32))


def compared(candidates: Candidates) -> Similarity:
    return compare(part(), candidates, {})


def rows(similarity: Similarity) -> dict[str, tuple[float, float, float]]:
    view = similarity.both
    return {
        work: (float(view.cosine[0, i]), float(view.margin[0, i]), float(view.preference[0, i]))
        for i, work in enumerate(similarity.works)
    }


def test_a_margin_is_over_the_next_source_and_a_preference_is_a_softmax() -> None:
    found = rows(compared(among(("a", 0.5, 0, WORDS), ("b", 0.5 - STEP, 1, OTHER))))
    assert found["a"] == pytest.approx((0.5, STEP, 0.75), abs=1e-6)
    assert found["b"] == pytest.approx((0.5 - STEP, -STEP, 0.25), abs=1e-6)


def test_works_that_hold_the_same_passage_do_not_compete() -> None:
    alone = rows(compared(among(("a", 0.5, 0, WORDS), ("b", 0.5 - STEP, 1, OTHER))))
    copied = [(f"copy{n}", 0.5, 0, WORDS) for n in range(50)]
    among_copies = rows(compared(among(("a", 0.5, 0, WORDS), ("b", 0.5 - STEP, 1, OTHER), *copied)))
    assert among_copies["a"] == alone["a"] == among_copies["copy49"]
    assert among_copies["b"] == alone["b"]


def test_a_copy_that_is_a_little_nearer_takes_nothing_from_the_original() -> None:
    found = rows(compared(among(("a", 0.5, 0, WORDS), ("copy", 0.5 + STEP, 0, WORDS), ("b", 0.5 - STEP, 1, OTHER))))
    assert found["a"][1] == pytest.approx(STEP, abs=1e-6)
    assert found["a"][2] == pytest.approx(3 / 10, abs=1e-6)  # odds 3 to 9 and 1: the passage counts once, at its best
    assert found["copy"][2] == pytest.approx(9 / 10, abs=1e-6)


def test_where_all_hold_one_passage_nobody_has_a_rival() -> None:
    found = rows(compared(among(("a", 0.5, 0, WORDS), ("b", 0.5, 0, WORDS))))
    assert found == {"a": (0.5, 0.5, 1.0), "b": (0.5, 0.5, 1.0)}


def passages(*sources: tuple[str, float, int, str]) -> list[int]:
    return compared(among(*sources)).passage[0].tolist()


def test_one_passage_has_nearly_the_same_direction_and_nearly_the_same_words() -> None:
    assert passages(("a", 0.1, 0, WORDS), ("b", 0.1, 0, WORDS)) == [0, 0]
    assert passages(("a", 0.1, 0, WORDS), ("b", 0.1, 1, WORDS)) == [0, 1], "another direction"
    assert passages(("a", 0.1, 0, WORDS), ("b", 0.1, 0, OTHER)) == [0, 1], "other words"


@pytest.mark.parametrize(("changed", "same"), [(0, True), (1, True), (2, False)])
def test_a_few_words_may_be_changed(changed: int, same: bool) -> None:
    # Of 10 words, 9 of 11 in all are the same (0.82), or 8 of 12 (0.67): the bound is 0.75.
    words = "zero one two three four five six seven eight nine".split()
    other = [*(f"new{n}" for n in range(changed)), *words[changed:]]
    assert passages(("a", 0.1, 0, " ".join(words)), ("b", 0.1, 0, " ".join(other))) == [0, 0 if same else 1]


def test_a_copy_of_a_copy_holds_the_passage_of_the_first() -> None:
    assert passages(*((work, 0.1, 0, WORDS) for work in "abcd")) == [0, 0, 0, 0]


def test_two_segments_of_one_work_are_two_passages() -> None:
    candidates = among(("a", 0.1, 0, WORDS), ("a", 0.4, 0, WORDS), ("b", 0.2, 0, WORDS))
    assert compared(candidates).nearest.tolist() == [[1, 2]]
    assert compared(candidates).passage.tolist() == [[1, 0]], "b was found to be the first one's copy"


def test_beyond_the_bound_passages_stand_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAME_PASSAGE_CANDIDATES_MAX", 3)
    assert passages(*((work, 0.1, 0, WORDS) for work in "abcde")) == [0, 0, 0, 3, 4]


def test_each_view_has_its_own_nearest_cosine_and_the_mean_chooses_the_segment() -> None:
    vectors = np.array([[0.45, 0, 0.1, 0], [0.1, 0, 0.4, 0], [0.3, 0, 0.3, 0]], np.float32)
    candidates = candidates_of([source(i, "a") for i in range(3)], vectors)
    found = compare(lines_part(["x"], np.array([[1, 0, 1, 0]], np.float32)), candidates, {})
    assert found.nearest.tolist() == [[2]]
    views = (found.window, found.alone, found.both)
    assert [v.cosine[0, 0] for v in views] == pytest.approx([0.9, 0.8, 0.6], abs=1e-6)


def test_a_segment_with_equal_words_stands_for_its_source_the_first_where_there_are_several() -> None:
    candidates = among(("a", 0.5, 0, WORDS), ("a", 0.1, 1, OTHER), ("a", 0.2, 2, "z"), ("b", 0.1, 3, "q"))
    found = compare(part(), candidates, {0: {10, 20, 999}})
    assert found.ordinals.tolist() == [[10, 30]]
    assert found.exact == {0: {0}}
    assert found.both.cosine[0, 0] == pytest.approx(0.5), "it is as near as its nearest"


def half_precision(rng: np.random.Generator, count: int, dimensions: int = 64) -> Vectors:
    """Vectors as they are stored: both halves of equal length, rounded to half precision."""
    halves = unit(rng.normal(size=(2 * count, dimensions)).astype(np.float32)).reshape(count, -1)
    return unit(halves).astype(np.float16).astype(np.float32)


def cosine_bits(ours: Vectors, theirs: Vectors, order: Sequence[int] | None = None) -> list[bytes]:
    """The exact bits of all three views' cosines, a row a source, with the sources in some order."""
    order = range(len(theirs)) if order is None else order
    segments = [source(place, f"w{number}") for place, number in enumerate(order)]
    found = compare(lines_part(["x"] * len(ours), ours), candidates_of(segments, theirs[list(order)]), {})
    by_work = {w: i for i, w in enumerate(found.works)}
    columns = [by_work[f"w{number}"] for number in sorted(order)]
    return [v.cosine[:, columns].T.tobytes() for v in (found.both, found.window, found.alone)]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 40))
def test_the_same_vectors_have_the_same_cosines_to_the_bit_in_whatever_order_they_are_summed(
    seed: int, segments: int, sources: int
) -> None:
    rng = np.random.default_rng(seed)
    ours, theirs = half_precision(rng, segments), half_precision(rng, sources)
    bits = cosine_bits(ours, theirs)
    assert cosine_bits(ours, theirs, rng.permutation(sources).tolist()) == bits
    shuffled = rng.permutation(64)
    both_halves = np.concatenate([shuffled, 64 + shuffled])
    assert cosine_bits(ours[:, both_halves], theirs[:, both_halves]) == bits
    exact = 2 * sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(ours[0, :64], theirs[0, :64], strict=True))
    assert Fraction(np.frombuffer(bits[1])[0]) == exact


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_sources_that_join_later_never_change_a_cosine_by_a_bit(seed: int, others: int) -> None:
    rng = np.random.default_rng(seed)
    ours, theirs = half_precision(rng, 3), half_precision(rng, 8)
    joined = np.concatenate([theirs, half_precision(rng, others), theirs[:1]])
    size = 8 * 3 * 8  # bytes of eight sources on three segments
    for before, after in zip(cosine_bits(ours, theirs), cosine_bits(ours, joined), strict=True):
        assert after[:size] == before


def copies(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two works whose first lines are the same passage look like copies of one another."""
    segments: list[SourceSegment] = []
    for first, work, lines in ((0, "a", left), (1000, "b", right)):
        segments += [source(first + i, work, line) for i, line in enumerate(lines)]
    candidates = candidates_of(segments, np.zeros((len(segments), 2), np.float32))
    groups = CopyGroups(candidates)
    return groups.number(0, 0) == groups.number(0, len(left))


PAGE = [f"line {n} speaks of subject{n} and matter{n}" for n in range(30)]
ELSEWHERE = [f"verse {n} sings of thing{n} with sound{n}" for n in range(30)]


def test_works_are_copies_where_the_pages_around_a_passage_are_the_same_too() -> None:
    assert copies(PAGE, PAGE)
    assert not copies(PAGE, [PAGE[0], *ELSEWHERE])


def test_what_lies_farther_than_the_pages_around_makes_no_difference() -> None:
    near = module.PAGES_SEGMENTS + 1
    assert copies(PAGE, [*PAGE[:near], *ELSEWHERE])


def test_each_passage_has_its_own_groups_named_by_the_first_that_was_asked_for() -> None:
    segments = [source(0, "a", WORDS), source(100, "b", WORDS), source(200, "c", OTHER)]
    groups = CopyGroups(candidates_of(segments, np.zeros((3, 2), np.float32)))
    assert [groups.number(0, n) for n in (1, 0, 2, 1)] == [1, 1, 2, 1]
    assert groups.number(7, 0) == 0


def test_a_line_break_parts_paragraphs() -> None:
    assert paragraphs(lines_part(["a", "b", "c"])).tolist() == [0, 1, 2]
    assert paragraphs(lines_part(["a"])).tolist() == [0]
