"""Sampled k-grams: the same for equal runs of eight words, wherever they stand; through the file and in memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.adapters.faiss_index.kgram_file import KgramFile, KgramWriter
from provenance.attribution.overlaps import compared_text, shared_passages
from provenance.fingerprints.exact import kgram_hashes
from provenance.fingerprints.sampling import RUN_WORDS_SURE, kgrams_by_segment, sampled_kgrams
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span
from provenance.services.memory_index import MemoryIndex, indexed_text
from provenance.services.proposals import propose

ODD, MASK = 0xD6E8FEB86659FD93, 2**64 - 1
FORMS = [
    ["goat", "Goat", "GOAT", "go\u00adat"],
    ["straße", "STRASSE", "Strasse"],
    ["fish", "ﬁsh", "FISH"],
    ["水"],
    ["é", "e\u0301", "É"],
    ["12", "\uff11\uff12"],
    ["a", "A"],
    ["the", "The", "ｔｈｅ"],
]
GAPS = [" ", ", ", ". ", "\n\n", " — ", "\u200b ", "; ", "…  ", " (", "\n- ", '." "']
A_LINE_OF_STARS = "\n\n***\n\n"
WORDS = st.lists(st.sampled_from("abc") | st.integers(0, 40).map(str), max_size=40)
RUNS = st.lists(st.sampled_from("abc") | st.integers(0, 40).map(str), min_size=RUN_WORDS_SURE, max_size=30)
NUMBERS = st.integers(0, len(FORMS) - 1)
ELSEWHERE = st.lists(NUMBERS, max_size=25)


class NoVectors:
    """Implements the port `Encoder`; here nothing is found by a vector."""

    identity = EncoderIdentity(
        model="none",
        weights_sha256="aa",
        tokenizer_sha256="bb",
        precision="f16",
        pooling="none",
        segmenting="sentences-1",
        dimensions=1,
    )

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        return np.ones((len(spans), 1), np.float32)


@st.composite
def written(draw: st.DrawFn, numbers: Sequence[int], gaps: Sequence[str]) -> str:
    """The words of these numbers, each in any of its forms and with anything in between."""
    return "".join(draw(st.sampled_from(FORMS[n])) + draw(st.sampled_from(gaps)) for n in numbers)


@st.composite
def quoting(draw: st.DrawFn, gaps: Sequence[str]) -> tuple[str, str]:
    """Two texts that share a run of words."""
    run = draw(st.lists(NUMBERS, min_size=RUN_WORDS_SURE, max_size=16))
    one, other = ([*draw(ELSEWHERE), *run, *draw(ELSEWHERE)] for _ in "12")
    return draw(written(one, gaps)), draw(written(other, gaps))


def plainly(words: Sequence[str]) -> list[int]:
    """The rule in plain integers: each window's least run of three words, leftmost, tells which k-gram is chosen."""
    if len(words) < 8:
        return list(range(len(words) - 5))
    anchors = [value * ODD & MASK for value in kgram_hashes(words, 3).tolist()]
    windows = range(len(words) - 7)
    return sorted({w + min(range(6), key=lambda i, w=w: (anchors[w + i], i)) % 3 for w in windows})


@given(WORDS)
@example(["the"] * 30)
def test_the_rule_is_that_of_plain_integers(words: list[str]) -> None:
    places, hashes = sampled_kgrams(words)
    assert places.tolist() == plainly(words)
    np.testing.assert_array_equal(hashes, kgram_hashes(words)[places])


@given(RUNS, WORDS, WORDS, WORDS, WORDS)
def test_of_any_eight_equal_words_the_same_kgram_is_sampled(
    run: list[str], before: list[str], after: list[str], other: list[str], end: list[str]
) -> None:
    one = set((sampled_kgrams([*before, *run, *after])[0] - len(before)).tolist())
    two = set((sampled_kgrams([*other, *run, *end])[0] - len(other)).tolist())
    both = one & two
    assert all(both & {at, at + 1, at + 2} for at in range(len(run) - 7))


@given(RUNS)
def test_sampled_kgrams_stand_at_most_three_words_apart_also_from_the_ends(words: list[str]) -> None:
    places = sampled_kgrams(words)[0].tolist()
    assert places[0] <= 2
    assert places[-1] >= len(words) - 8
    assert all(0 < b - a <= 3 for a, b in pairwise(places))


@pytest.mark.parametrize(("words", "kgrams"), [(0, 0), (5, 0), (6, 1), (7, 2), (8, 1)])
def test_a_text_too_short_to_promise_anything_gives_all_that_it_has(words: int, kgrams: int) -> None:
    assert len(sampled_kgrams([str(n) for n in range(words)])[0]) == kgrams


def test_three_of_seven_kgrams_are_sampled() -> None:
    places, _ = sampled_kgrams([str(n) for n in range(70_000)])
    assert len(places) == pytest.approx(30_000, rel=0.02)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=9), st.integers(5, 60))
def test_a_text_that_repeats_itself_has_no_more_hashes_than_its_refrain_has_words(refrain: list[str], n: int) -> None:
    assert len(set(sampled_kgrams(refrain * n)[1].tolist())) <= len(refrain)


@given(quoting([*GAPS, A_LINE_OF_STARS]))
def test_every_run_is_found_in_the_file_and_in_memory_and_at_its_segment(
    tmp_path_factory: pytest.TempPathFactory, texts: tuple[str, str]
) -> None:
    mine, theirs = fold_words(texts[0]), fold_words(texts[1])
    spans = segment(texts[1])
    inside, hashes = kgrams_by_segment(theirs, spans)
    path = tmp_path_factory.mktemp("k") / "k"
    with KgramWriter(path) as writer:
        writer.add(hashes, inside.astype(np.uint32))
    memory = MemoryIndex([indexed_text("w", texts[1], NoVectors(), lambda _: 5.0)], "none")
    places, wanted = sampled_kgrams(mine.folded)
    shared = KgramFile(path).sharing(wanted)
    assert shared == memory.sharing(wanted)
    found = dict(zip(places.tolist(), shared, strict=True))
    runs = _runs_of_eight(mine.folded, theirs.folded)
    assert runs, "one was planted"
    for at, there in runs:
        here = [step for step in range(3) if at + step in found]
        starts = [(step, theirs.starts[there + step]) for step in here]
        assert any(_segment_of(start, spans) in found[at + step] for step, start in starts)


def _runs_of_eight(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """By comparing every place with every other."""
    return [(i, j) for i in range(len(left) - 7) for j in range(len(right) - 7) if left[i : i + 8] == right[j : j + 8]]


def _segment_of(start: int, spans: Sequence[Span]) -> int:
    [inside] = [n for n, span in enumerate(spans) if span.start <= start < span.end]
    return inside


@given(quoting(GAPS))
def test_every_run_is_proposed_for_comparison_and_told(texts: tuple[str, str]) -> None:
    later, earlier = texts
    index = MemoryIndex([indexed_text("w", earlier, NoVectors(), lambda _: 5.0)], "none")
    spans = segment(later)
    mine = compared_text(later, spans, np.zeros((len(spans), 1), np.float32))
    proposals = propose("later", "later", mine, index, lambda _: 5.0)
    assert [p.revision for p in proposals] == ["w"]
    theirs = index.candidates({*proposals[0].ordinals})
    passages = shared_passages(mine, proposals[0].places.tolist(), [], theirs, lambda _: 5.0)
    told = [p.later_span for p in passages]
    for at, _ in _runs_of_eight(mine.words.folded, fold_words(earlier).folded):
        run = mine.words.span(at, at + 7)
        assert any(span.start < run.end and run.start < span.end for span in told)
