"""What is worked out for many segments and sources at once is what the plain way gives, to the bit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.context import NO_RIVAL_RANK, Context, Support
from provenance.attribution.crowding import COPIES_KEPT, may_be_crowded, without_crowds
from provenance.attribution.lexical import CONTENT, WordTable, sliced_table
from provenance.attribution.passages import Candidates, SourceSegment
from provenance.attribution.same_passage import same_passages
from provenance.attribution.similarity import PREFERENCE_TEMPERATURE, compare
from provenance.fingerprints.words import fold_pieces, fold_words, folded_words
from provenance.kernel.span import Span
from tests.unit.attribution.evidence_values import candidates_of, lines_part, source

LETTERS = "ab _9.\u200b\u0301é½ーﾞハ漢\u3164\u00ad \n"
WORDS = ("cup", "dragon", "of", "bad", "zebra", "42")


@given(st.text(LETTERS, max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_pieces_of_a_folded_text_are_folded_pieces(text: str, cuts: list[int]) -> None:
    edges = sorted(min(cut, len(text)) for cut in cuts)
    spans = [Span(a, b) for a, b in pairwise(edges)]
    assert fold_pieces(text, spans, fold_words(text)) == [fold_words(span.of(text)) for span in spans]


@given(st.text(LETTERS + "“”‘’–—…\u203f²", max_size=40))
def test_typeset_texts_fold_to_what_their_words_fold_to(text: str) -> None:
    # A letter that isn't ASCII, put apart at the end, leaves nothing else to be folded in a shorter way.
    folded, plain = fold_words(f"{text} ß"), fold_words(text)
    assert (plain.folded, plain.starts, plain.ends) == (folded.folded[:-1], folded.starts[:-1], folded.ends[:-1])
    assert folded_words(text) == plain.folded


@given(st.lists(st.integers(0, 5), max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_a_table_of_rows_that_lie_apart_holds_the_words_of_each(sizes: list[int], kept: list[bool]) -> None:
    bounds = np.cumsum([0, *sizes])
    words = np.zeros(int(bounds[-1]), CONTENT)
    words["hash"] = np.arange(len(words))
    rows = np.flatnonzero(kept[: len(sizes)])
    table = sliced_table(rows, np.zeros_like(rows), bounds[rows], bounds[rows + 1], words)
    assert np.diff(table.bounds).tolist() == [sizes[row] for row in rows]
    assert table.words["hash"].tolist() == [int(n) for row in rows for n in range(bounds[row], bounds[row + 1])]


def sentences() -> st.SearchStrategy[list[SourceSegment]]:
    lines = st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), min_size=1, max_size=8)
    return lines.map(lambda found: [source(2 * n, "abc"[n % 3], line or ".") for n, line in enumerate(found)])


def rare(word: str) -> float:
    return {"of": 0.0, "dragon": 8.0, "cup": 4.0}.get(word, 1.0)


def vectors_of(count: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rng = np.random.default_rng(seed)
    kinds = rng.normal(size=(2, 8))
    found = kinds[rng.integers(2, size=count)] + 0.05 * rng.normal(size=(count, 8))
    return (found / np.linalg.norm(found, axis=1)[:, None]).astype(np.float16).astype(np.float32)


def mass_in_common(left: WordTable, one: int, other: int) -> bool:
    sets = [{tuple(w) for w in left.words[left.bounds[n] : left.bounds[n + 1]].tolist()} for n in (one, other)]
    both, either = (sum(int(w[1]) for w in found) for found in (sets[0] & sets[1], sets[0] | sets[1]))
    return both >= 0.75 * either


@given(sentences(), st.integers(0, 9))
def test_passages_are_those_that_comparing_all_with_all_finds(segments: list[SourceSegment], seed: int) -> None:
    candidates = candidates_of(segments, vectors_of(len(segments), seed), rare)
    of = np.array([ord(s.work) for s in segments])
    first = list(range(len(segments)))
    vectors = candidates.vectors.astype(np.float64)
    for left in range(len(segments)):
        for right in range(left + 1, len(segments)):
            near = of[left] != of[right] and float(vectors[left] @ vectors[right]) >= 0.9
            if near and first[right] == right and mass_in_common(candidates.content, left, right):
                first[right] = first[left]
    assert same_passages(candidates, of).tolist() == first


@given(st.integers(1, 5), st.integers(1, 12), st.integers(0, 99))
def test_views_and_support_are_those_of_each_segment_by_itself(lines: int, sources: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    segments = [source(10 * n, f"w{n}", rng.choice(["cup dragon", "bad zebra"])) for n in range(sources)]
    steps = rng.integers(-2, 3, (sources, lines)) / 8  # with ties
    vectors = np.hstack([steps, rng.integers(0, 2, (sources, 1)), steps]).astype(np.float32)
    part = lines_part(["x" * (n + 1) for n in range(lines)], np.tile(np.eye(lines, 2 * lines + 1, dtype=np.float32), 1))
    candidates = Candidates(segments=segments, vectors=vectors, content=candidates_of(segments, vectors).content)
    found = compare(part, candidates, {})
    context = Context.of(part, found)
    support = Support.of(part, found, context)
    for row, (values, passages) in enumerate(zip(found.both.cosine, found.passage, strict=True)):
        each = sorted(set(passages.tolist()))
        best = np.array([values[passages == passage].max() for passage in each])
        raised = np.exp((best - best.max()) / PREFERENCE_TEMPERATURE).sum()
        for n, value in enumerate(values):
            others = [float(best[i]) for i, passage in enumerate(each) if passage != passages[n]]
            # Of several passages at the top, the second is as high as the first.
            assert found.both.margin[row, n] == value - max(others, default=0.0)
            assert found.both.preference[row, n] == np.exp((value - best.max()) / PREFERENCE_TEMPERATURE) / raised
            apart = passages != passages[n]
            rival = int(np.where(apart, values, -np.inf).argmax()) if apart.any() else -1
            assert support.rival[row, n] == rival
            supported = np.where(context.supported & apart, values, -np.inf)
            assert support.margin[row, n] == value - (supported.max() if np.isfinite(supported.max()) else 0.0)
            mine = np.exp((value - values.max()) / PREFERENCE_TEMPERATURE)
            rivals = np.exp((supported - values.max()) / PREFERENCE_TEMPERATURE).sum()
            assert support.preference[row, n] == mine / (mine + rivals)
            if rival < 0:
                [figures] = support.figures(np.array([row]), np.array([n])).tolist()
                assert figures[4:] == [0.0, NO_RIVAL_RANK]


@given(st.integers(1, 4), st.integers(1, 20), st.integers(0, 50))
def test_no_crowd_is_passed_over_by_the_first_look(rows: int, neighbours: int, seed: int) -> None:
    vectors = np.stack([vectors_of(neighbours, seed + n) for n in range(rows)])
    ordinals = np.arange(neighbours)
    revisions = [str(n) for n in ordinals]
    for row, looked_at in zip(vectors, may_be_crowded(vectors).tolist(), strict=True):
        assert looked_at or len(without_crowds(ordinals, revisions, row)) == neighbours
    assert neighbours > COPIES_KEPT or not may_be_crowded(vectors).any()
