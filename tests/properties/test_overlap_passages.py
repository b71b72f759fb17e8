"""Whatever the texts: shared passages have equal words on both sides, are disjoint, and miss no long run."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.lexical import word_table
from provenance.attribution.overlaps import RUN_WORDS_MIN, compared_text, shared_passages
from provenance.attribution.passages import Candidates, SourceSegment
from provenance.fingerprints.sampling import sampled_kgrams
from provenance.fingerprints.segment import segment
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span
from provenance.sources.overlap import PassageKind, SharedPassage

WORDS = st.sampled_from(
    ["goat", "Goat", "GOATS", "ferry", "ﬁsh", "fish", "水", "straße", "STRASSE", "3½", "e\u0301", "é"]
)
GAPS = st.sampled_from([" ", ", ", ". ", "\n\n", " — ", "\u200b ", "; ", "…  "])
TEXTS = st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=60).map(lambda p: "".join(w + g for w, g in p))


def _shared(mine: str, theirs: str) -> list[SharedPassage]:
    spans, others = segment(mine), segment(theirs)
    text = compared_text(mine, spans, np.zeros((len(spans), 4), np.float32))
    segments = [
        SourceSegment(ordinal=n, work="w", revision="r", span=s, text=s.of(theirs)) for n, s in enumerate(others)
    ]
    candidates = Candidates(segments=segments, vectors=np.zeros((len(others), 4), np.float32), content=word_table([]))
    places = sampled_kgrams(text.words.folded)[0].tolist()
    return shared_passages(text, places, range(len(spans)), candidates, lambda _: 5.0)


def _folded(span: Span, text: str) -> list[str]:
    return fold_words(span.of(text)).folded


@given(TEXTS, TEXTS, TEXTS)
def test_spans_are_equal_words_on_both_sides(before: str, shared: str, after: str) -> None:
    mine, theirs = before + shared, shared + after
    passages = _shared(mine, theirs)
    for p in passages:
        assert p.kind is PassageKind.EXACT
        assert _folded(p.later_span, mine) == _folded(p.earlier_span, theirs)
        assert len(_folded(p.later_span, mine)) == p.words >= RUN_WORDS_MIN
    assert all(a.later_span.end <= b.later_span.start for a, b in pairwise(passages))


@given(TEXTS, TEXTS)
def test_no_word_of_a_text_is_uncovered_in_its_own_copy_but_fewer_than_a_run(mine: str, after: str) -> None:
    passages = _shared(mine, f"{mine}\n\n{after}")
    covered = sum(p.words for p in passages)
    assert len(fold_words(mine)) - covered < RUN_WORDS_MIN


@given(TEXTS, TEXTS)
def test_without_eight_equal_words_in_a_row_nothing_is_shared(mine: str, theirs: str) -> None:
    left, right = fold_words(mine).folded, fold_words(theirs).folded

    def groups(words: list[str]) -> set[tuple[str, ...]]:
        return {tuple(words[n : n + RUN_WORDS_MIN]) for n in range(len(words) - RUN_WORDS_MIN + 1)}

    assert bool(_shared(mine, theirs)) == bool(groups(left) & groups(right))
