"""Which pairs are worth scoring, which segment of a source stands for it, and which runs of words lie around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from provenance.attribution.equal_words import EqualWords
from provenance.attribution.evidence import FEATURES, Pair, gather_evidence
from provenance.attribution.passages import SourceSegment
from provenance.kernel.span import Span

from .evidence_values import Figures, candidates_of, cosines, lines_part, source

Exact = Mapping[int, Set[int]]


def gathered(
    lines: Sequence[str],
    sources: Sequence[SourceSegment],
    window: Figures,
    alone: Figures | None = None,
    exact: Exact | None = None,
) -> list[Pair]:
    """Pairs of a part with one segment a line; similarity has a row for each source, a column for each line."""
    return gather_evidence(lines_part(lines), candidates_of(sources, cosines(window, alone)), exact or {})


def works_of(pairs: Sequence[Pair], segment: int) -> str:
    return "".join(p.work for p in pairs if p.segment == segment)


LETTERS = "abcdefghijklmnopqrst"
TWENTY = [source(10 * i, work) for i, work in enumerate(LETTERS)]
# The first line, of most characters, is nearest to a, b, c and so on; the second to t, s, r.
LINES = ["x" * 90, "y" * 10]
FALLING: Figures = [(0.8 - 0.02 * i, 0.1 + 0.02 * i) for i in range(20)]


def test_a_segment_is_scored_against_its_five_nearest_sources_and_the_six_of_the_part() -> None:
    pairs = gathered(LINES, TWENTY, FALLING)
    assert works_of(pairs, 0) == "abcdef"
    assert works_of(pairs, 1) == "abcdef" + "pqrst"


def test_the_two_sources_that_are_nearest_in_the_window_are_scored_too() -> None:
    window = [list(row) for row in FALLING]
    alone = [list(row) for row in FALLING]
    for row, step in ((12, 0.4), (13, 0.41), (14, 0.39)):  # far in the mean, near in the window
        window[row][1], alone[row][1] = 0.5 + step, -0.5 - step
    assert works_of(gathered(LINES, TWENTY, window, alone), 1) == "abcdef" + "mn" + "pqrst"


def test_a_source_with_equal_words_is_scored_however_far_its_vector_is() -> None:
    pairs = gathered(LINES, TWENTY, FALLING, exact={0: {90}})
    assert works_of(pairs, 0) == "abcdef" + "j"
    assert works_of(pairs, 1) == "abcdef" + "pqrst"


def test_equal_words_in_a_segment_that_is_no_candidate_are_left_out() -> None:
    assert gathered(LINES, TWENTY, FALLING, exact={0: {61, 999}}) == gathered(LINES, TWENTY, FALLING)


def test_the_segment_with_equal_words_stands_for_its_source() -> None:
    sources = [source(0, "a"), source(1, "a"), source(2, "a"), source(9, "b")]
    similarity = [(0.9, 0.7), (0.2, 0.1), (0.3, 0.2), (0.1, 0.1)]
    plain = gathered(LINES, sources, similarity)
    assert [p.source.ordinal for p in plain if p.work == "a"] == [0, 0]
    exact = gathered(LINES, sources, similarity, exact={0: {2}, 1: {1, 2}})
    assert [p.source.ordinal for p in exact if p.work == "a"] == [2, 1]
    assert [p.dense for p in exact] == [p.dense for p in plain]
    assert [p.source.ordinal for p in exact if p.work == "b"] == [9, 9]


def test_between_equally_near_segments_the_first_stands_for_its_source() -> None:
    sources = [source(0, "a"), source(5, "b"), source(6, "b")]
    [_, b] = gathered(["x"], sources, [(0.5,), (0.4,), (0.4,)])
    assert b.source.ordinal == 5


def test_works_come_in_the_order_in_which_they_were_registered_whatever_their_ids() -> None:
    pairs = gathered(["x"], [source(0, "z"), source(1, "m"), source(2, "a")], [(0.1,), (0.2,), (0.3,)])
    assert [(p.work, p.source.ordinal, round(p.dense, 6)) for p in pairs] == [
        ("z", 0, 0.1),
        ("m", 1, 0.2),
        ("a", 2, 0.3),
    ]


def test_between_equally_near_sources_those_that_were_registered_first_are_scored() -> None:
    assert works_of(gathered(["x"], TWENTY, [(0.1,)] * 20), 0) == "abcdef"
    near = [(0.5,) if i == 17 else (0.1,) for i in range(20)]
    assert works_of(gathered(["x"], TWENTY, near), 0) == "abcde" + "r"


def run_of(line: str, *passage: str) -> EqualWords | None:
    """The run that a line shares with a source of these segments, of which the first is the nearest."""
    starts = [sum(map(len, passage[:i])) + i for i in range(len(passage))]
    sources = [source(i, "a", text, start) for i, (text, start) in enumerate(zip(passage, starts, strict=True))]
    return gathered([line], sources, [(0.9 - 0.1 * i,) for i in range(len(passage))])[0].run


def test_the_longest_run_counts_and_between_equals_the_first_of_the_part() -> None:
    assert run_of("a b c x d e f g", "a b c y d e f g") == EqualWords(
        words=4, first=4, part_span=Span(8, 15), source_span=Span(8, 15)
    )
    assert run_of("a b c x d e f", "d e f y a b c") == EqualWords(
        words=3, first=0, part_span=Span(0, 5), source_span=Span(8, 13)
    )


def words_in_run(line: str, *passage: str) -> int:
    run = run_of(line, *passage)
    return run.words if run else 0


def test_a_run_has_three_words_or_all_of_a_shorter_segment() -> None:
    assert words_in_run("a b c d", "a b y c d") == 0
    assert words_in_run("a b c d", "y a b c") == 3
    assert words_in_run("a b", "y a b") == 2
    assert words_in_run("a b", "y a") == 0
    assert words_in_run("a", "y a") == 1


def test_a_run_may_go_on_into_the_next_segment_of_the_source() -> None:
    assert run_of("a b c d e", "x a b.", "C d e!") == EqualWords(
        words=5, first=0, part_span=Span(0, 9), source_span=Span(2, 12)
    )


def test_a_run_goes_into_no_segment_that_isnt_beside_it_or_is_of_another_revision() -> None:
    def words(*sources: SourceSegment) -> int:
        run = gathered(["a b c d e"], sources, [(0.9,), (0.1,)])[0].run
        return run.words if run else 0

    assert words(source(4, "a", "a b c"), source(5, "a", "d e")) == 5
    assert words(source(4, "a", "a b c"), source(6, "a", "d e")) == 3
    assert words(source(4, "a", "a b c"), source(5, "b", "d e")) == 3


def figure(pair: Pair, name: str) -> float:
    return pair.figures[FEATURES.index(name)]


def test_all_runs_count_once_for_the_words_that_they_repeat() -> None:
    # Runs: a b c d, c d e (from the other place) and x y z; together eight of the nine words of the segment.
    [pair] = gathered(["a b c d e q x y z"], [source(0, "a", "a b c d, c d e; x y z")], [(0.5,)])
    assert figure(pair, "run_part") == 4 / 9
    assert figure(pair, "runs_part") == 8 / 9


def test_a_run_of_the_only_word_is_all_of_the_segment() -> None:
    [pair] = gathered(["a"], [source(0, "a", "y a")], [(0.5,)])
    assert figure(pair, "run_part") == 1.0


def test_a_segment_without_words_has_no_run_and_no_length() -> None:
    [pair] = gathered(["..."], [source(0, "a", "a b c")], [(0.5,)])
    assert pair.run is None
    assert [figure(pair, name) for name in ("run", "run_part", "runs_part", "length", "found")] == [0.0] * 5
