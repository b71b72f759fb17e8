"""Which pairs are worth scoring, which segment of a source stands for it, and which words are looked at around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import numpy as np

from provenance.attribution.evidence import FEATURES, Pair, gather_evidence, passage_words
from provenance.attribution.passages import Candidates, SourceSegment, part_text
from provenance.fingerprints.exact import Run
from provenance.kernel.span import Span

Figures = Sequence[Sequence[float]]


def source(ordinal: int, work: str, text: str = "x", start: int = 0) -> SourceSegment:
    return SourceSegment(
        ordinal=ordinal, work=work, revision=f"r{work}", span=Span(start, start + len(text)), text=text
    )


def gathered(
    lines: Sequence[str],
    sources: Sequence[SourceSegment],
    similarity: Figures,
    exact: Mapping[int, Set[int]] | None = None,
) -> list[Pair]:
    """Pairs of a part with one segment a line; ``similarity`` has a row for each source, a column for each line."""
    ends = np.cumsum([len(line) + 1 for line in lines])
    spans = [Span(int(e) - 1 - len(line), int(e) - 1) for e, line in zip(ends, lines, strict=True)]
    part = part_text("\n".join(lines), spans, np.eye(len(lines), dtype=np.float32))
    candidates = Candidates(segments=sources, vectors=np.array(similarity, np.float32))
    return gather_evidence(part, candidates, exact or {}, lambda _: 1.0)


def works_of(pairs: Sequence[Pair], segment: int) -> str:
    return "".join(p.work for p in pairs if p.segment == segment)


EIGHT = [source(10 * i, work) for i, work in enumerate("abcdefgh")]
# The first line is nearest to a, b, c, d, the second to h, g, f, e; by characters the first counts twice.
FALLING: Figures = [(0.8 - 0.1 * i, 0.1 + 0.1 * i) for i in range(8)]
LINES = ["x" * 20, "y" * 10]


def test_a_segment_is_scored_against_its_four_nearest_sources_and_the_three_of_the_part() -> None:
    pairs = gathered(LINES, EIGHT, FALLING)
    assert works_of(pairs, 0) == "abcd" + "h"
    assert works_of(pairs, 1) == "ab" + "efgh"


def test_a_source_with_equal_words_is_scored_however_far_its_vector_is() -> None:
    pairs = gathered(LINES, EIGHT, FALLING, exact={0: {60}})
    assert works_of(pairs, 0) == "abcd" + "gh"
    assert works_of(pairs, 1) == "ab" + "efgh"


def test_equal_words_in_a_segment_that_is_no_candidate_are_left_out() -> None:
    assert gathered(LINES, EIGHT, FALLING, exact={0: {61, 999}}) == gathered(LINES, EIGHT, FALLING)


def test_the_segment_with_equal_words_stands_for_its_source() -> None:
    sources = [source(0, "a"), source(1, "a"), source(2, "a"), source(9, "b")]
    similarity = [(0.9, 0.7), (0.2, 0.1), (0.3, 0.2), (0.1, 0.1)]
    plain = gathered(LINES, sources, similarity)
    assert [p.candidate for p in plain if p.work == "a"] == [0, 0]
    exact = gathered(LINES, sources, similarity, exact={0: {2}, 1: {1, 2}})
    assert [p.candidate for p in exact if p.work == "a"] == [2, 1]
    assert [p.dense for p in exact] == [p.dense for p in plain]
    assert [p.candidate for p in exact if p.work == "b"] == [3, 3]


def test_between_equally_near_segments_the_first_stands_for_its_source() -> None:
    sources = [source(0, "a"), source(5, "b"), source(6, "b")]
    [_, b] = gathered(["x"], sources, [(0.5,), (0.4,), (0.4,)])
    assert b.candidate == 1


def test_works_come_in_the_order_of_their_ids_wherever_they_stand_in_the_index() -> None:
    pairs = gathered(["x"], [source(0, "z"), source(1, "m"), source(2, "a")], [(0.1,), (0.2,), (0.3,)])
    assert [(p.work, p.candidate, round(p.dense, 6)) for p in pairs] == [("a", 2, 0.3), ("m", 1, 0.2), ("z", 0, 0.1)]


FORTY = [source(i, f"w{i:02d}") for i in range(40)]
BY_FIVES = [0.01 * (i // 5) for i in range(40)]  # rising, each five alike


def forty(similarity: Mapping[int, float]) -> list[str]:
    """Works that are scored of forty, all at a similarity of 0.1 save those given by number."""
    return [p.work for p in gathered(["x"], FORTY, [(similarity.get(i, 0.1),) for i in range(40)])]


def test_among_many_sources_pairs_still_come_by_work() -> None:
    assert forty({1: 0.6, 2: 0.7, 3: 0.8, 32: 0.9}) == ["w01", "w02", "w03", "w32"]


def test_between_equally_near_sources_those_of_the_first_work_ids_are_scored() -> None:
    assert forty({}) == ["w00", "w01", "w02", "w03"]
    assert forty({30: 0.5}) == ["w00", "w01", "w02", "w30"]
    assert forty(dict(enumerate(BY_FIVES))) == ["w35", "w36", "w37", "w38"]


def test_between_sources_equally_near_to_the_part_those_of_the_first_work_ids_are_scored() -> None:
    own = {i: 0.9 - 0.1 * i for i in range(4)}
    pairs = gathered(["x", "y" * 1000], FORTY, [(own.get(i, 0.0), near) for i, near in enumerate(BY_FIVES)])
    assert [p.work for p in pairs if p.segment == 0] == ["w00", "w01", "w02", "w03", "w35", "w36", "w37"]


def run_of(line: str, *passage: str) -> Run | None:
    sources = [source(i, "a", text, start=100 * i) for i, text in enumerate(passage)]
    return gathered([line], sources, [(0.9 - 0.1 * i,) for i in range(len(passage))])[0].run


def test_the_longest_run_counts_and_between_equals_the_first_of_the_part() -> None:
    assert run_of("a b c x d e f g", "a b c y d e f g") == Run(4, 4, 4)
    assert run_of("a b c x d e f", "d e f y a b c") == Run(0, 4, 3)


def test_a_run_has_three_words_or_all_of_a_shorter_segment() -> None:
    assert run_of("a b c d", "a b y c d") is None
    assert run_of("a b c d", "y a b c") == Run(0, 1, 3)
    assert run_of("a b", "y a b") == Run(0, 1, 2)
    assert run_of("a b", "y a") is None
    assert run_of("a", "y a") == Run(0, 1, 1)


def test_a_run_of_the_only_word_is_all_of_the_segment() -> None:
    [pair] = gathered(["a"], [source(0, "a", "y a")], [(0.5,)])
    assert pair.figures[FEATURES.index("run_part")] == 1.0


def test_a_segment_without_words_has_no_run_and_no_length() -> None:
    [pair] = gathered(["..."], [source(0, "a", "a b c")], [(0.5,)])
    named = dict(zip(FEATURES, pair.figures, strict=True))
    assert pair.run is None
    assert (named["run"], named["run_part"], named["length"], named["found"]) == (0, 0, 0, 0)


def test_a_run_may_go_on_into_the_next_segment_of_the_source() -> None:
    assert run_of("a b c d e", "x a b.", "C d e!") == Run(0, 1, 5)


def test_words_are_found_in_the_neighbours_of_the_nearest_segment() -> None:
    sources = [source(3, "a", "beta"), source(4, "a", "alpha"), source(5, "a", "gamma"), source(6, "a", "delta")]
    [pair] = gathered(["alpha beta gamma delta"], sources, [(0.1,), (0.9,), (0.1,), (0.1,)])
    assert (pair.overlap.found, pair.overlap.covered) == (3 / 4, 1)


PASSAGES = Candidates(
    segments=[
        source(4, "a", "One two.", start=100),
        source(5, "a", "Three!", start=109),
        source(6, "b", "four five", start=0),
        source(8, "b", "six", start=40),
        source(9, "b", "seven", start=44),
        source(10, "b", "eight", start=50),
    ],
    vectors=np.zeros((6, 1), np.float32),
)


def test_a_passage_is_a_segment_with_its_direct_neighbours_of_the_same_revision() -> None:
    folded = [" ".join(passage_words(PASSAGES, i).folded) for i in range(6)]
    assert folded == ["one two three", "one two three", "four five", "six seven", "six seven eight", "seven eight"]


def test_words_of_a_passage_have_the_offsets_of_the_revision() -> None:
    words = passage_words(PASSAGES, 1)
    assert (words.starts, words.ends) == ([100, 104, 109], [103, 107, 114])
    assert words.span(1, 2) == Span(104, 114)
