"""What two texts share: runs with their places on both sides, near segments, and what is nobody's."""

import numpy as np
import pytest

from provenance.attribution.lexical import word_table
from provenance.attribution.overlaps import (
    NEAR_COSINE_MIN,
    RUN_WORDS_MIN,
    STOCK_PHRASE_WORDS_MAX,
    ComparedText,
    compared_text,
    held,
    is_overlap,
    may_run,
    rare_words_agree,
    shared_passages,
)
from provenance.attribution.passages import Candidates, SourceSegment
from provenance.fingerprints.segment import segment
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span
from provenance.sources.overlap import PassageKind, SharedPassage

COMMON = set("at the end of day it was and all in a to his on had been".split())
QUOTE = "The ferry left harbour with nine goats aboard and nobody had bought them any ticket"
NEAR = "Its purser counted buoys aloud in Hessary harbour."
NEARLY = "Its purser counted lamps aloud in Hessary harbour."


def rarity(word: str) -> float:
    return 1.0 if word in COMMON else 5.0


def _axes(count: int, first: int = 0) -> np.ndarray:
    """Vectors that are as far from one another as can be."""
    return np.eye(64, dtype=np.float32)[first : first + count]


def _text(text: str, vectors: np.ndarray | None = None) -> ComparedText:
    spans = segment(text)
    return compared_text(text, spans, _axes(len(spans)) if vectors is None else vectors)


def _theirs(text: str, vectors: np.ndarray | None = None, left_out: tuple[int, ...] = ()) -> Candidates:
    spans = segment(text)
    made = [
        SourceSegment(ordinal=100 + n, work="w", revision="r", span=s, text=s.of(text)) for n, s in enumerate(spans)
    ]
    kept = [n for n in range(len(made)) if n not in left_out]
    rows = _axes(len(spans), 32) if vectors is None else vectors
    return Candidates(segments=[made[n] for n in kept], vectors=rows[kept], content=word_table([]))


def _shared(mine: ComparedText, theirs: Candidates) -> list[SharedPassage]:
    places = range(max(0, len(mine.words) - 5))
    return shared_passages(mine, places, range(len(mine.spans)), theirs, rarity)


def test_a_quotation_is_found_with_its_place_on_both_sides() -> None:
    mine, theirs = f"I read it once. “{QUOTE}!” So it said.", f"Chapter one.\n\n{QUOTE.upper()}. They slept soundly."
    (passage,) = _shared(_text(mine), _theirs(theirs))
    assert (passage.kind, passage.words) == (PassageKind.EXACT, len(QUOTE.split()))
    assert passage.later_span.of(mine) == QUOTE
    assert passage.earlier_span.of(theirs) == QUOTE.upper()


def test_a_run_goes_on_across_sentences_and_not_across_what_was_left_out() -> None:
    mine = "One two three four five stones. Six seven eight nine ten stones. Eleven twelve more stones lay there."
    (passage,) = _shared(_text(mine), _theirs(mine))
    assert passage.later_span == Span(0, len(mine) - 1)
    assert _shared(_text(mine), _theirs(mine, left_out=(1,))) == []


def test_a_run_of_seven_words_is_none_and_one_of_eight_is() -> None:
    words = "seven green stones lay under nine heavy ledgers".split()
    for count, found in ((RUN_WORDS_MIN - 1, 0), (RUN_WORDS_MIN, 1)):
        run = " ".join(words[:count])
        assert len(_shared(_text(f"Before {run} after this."), _theirs(f"Then {run} again."))) == found


def test_a_stock_phrase_is_nobodys_until_it_is_long() -> None:
    phrase = "at the end of the day it was all in the end"
    assert _shared(_text(f"Foxes, {phrase}, ran."), _theirs(f"Goats, {phrase}, sat.")) == []
    long = f"{phrase} {phrase}"
    assert len(long.split()) > STOCK_PHRASE_WORDS_MAX
    assert len(_shared(_text(long), _theirs(long))) == 1


def test_only_words_at_the_given_places_are_looked_at() -> None:
    mine = _text(QUOTE)
    assert shared_passages(mine, [], [], _theirs(QUOTE), rarity) == []
    assert len(shared_passages(mine, range(3), [], _theirs(QUOTE), rarity)) == 1


def _vectors(cosine: float) -> tuple[np.ndarray, np.ndarray]:
    return _axes(1), np.array([[cosine, (1 - cosine**2) ** 0.5, *[0.0] * 62]], np.float32)


@pytest.mark.parametrize(("cosine", "found"), [(NEAR_COSINE_MIN + 0.01, 1), (NEAR_COSINE_MIN - 0.01, 0)])
def test_near_segments_are_very_near(cosine: float, found: int) -> None:
    mine, theirs = _vectors(cosine)
    passages = _shared(_text(NEAR, mine), _theirs(NEARLY, theirs))
    assert [(p.kind, p.later_span.of(NEAR), p.earlier_span.of(NEARLY), p.words) for p in passages] == [
        (PassageKind.NEAR, NEAR, NEARLY, 0)
    ] * found


def test_equal_vectors_of_other_words_are_not_near() -> None:
    mine, theirs = _vectors(1.0)
    assert _shared(_text(NEAR, mine), _theirs("Nobody paid for oysters at noon yesterday.", theirs)) == []


def test_a_segment_that_a_run_covers_is_not_near_as_well() -> None:
    mine, theirs = _vectors(1.0)
    assert [p.kind for p in _shared(_text(QUOTE, mine), _theirs(QUOTE, theirs))] == [PassageKind.EXACT]


@pytest.mark.parametrize(
    ("words", "others", "agree"),
    [
        (NEAR, NEARLY, True),
        ("Entry of 12 May by Tresker: brine 3", "Entry of 13 May by Tresker: brine 4", True),
        ("it was on the 12 of 5 in 1931", "it was on the 13 of 6 in 1958", False),
        ("at the end of the day it was", "at the end of the day it was", False),
        ("Five stones lay here", "Five stones lay here", False),
    ],
    ids=["one word", "names stay", "numbers alone", "nothing rare", "too short"],
)
def test_rare_words_agree(words: str, others: str, agree: bool) -> None:
    assert rare_words_agree(fold_words(words).folded, fold_words(others).folded, rarity) is agree


def test_one_near_sentence_alone_is_no_overlap() -> None:
    near = SharedPassage(kind=PassageKind.NEAR, later_span=Span(0, 5), earlier_span=Span(5, 10), words=0)
    exact = SharedPassage(kind=PassageKind.EXACT, later_span=Span(0, 5), earlier_span=Span(5, 10), words=8)
    assert [is_overlap(p) for p in ([], [near], [near, near], [exact])] == [False, False, True, True]


def test_a_text_held_shared_words_where_it_has_most_of_them() -> None:
    shared = [QUOTE.lower().split(), NEAR.lower().strip(".").split()]
    assert held(shared, [*"so it began".split(), *shared[0]])
    assert not held(shared, shared[1])
    assert not held(shared, [])


@pytest.mark.parametrize(
    ("theirs", "runs"),
    [
        ("y y c d e f g h y y", False),
        ("y b c d e f g h y y", False),
        ("a b c d e f g h y y", True),
        ("y b c d e f g h i y", True),
        ("y y c d e f g h i j", True),
        ("y a c d e f g h y y y c d e f g h i j", True),
        ("y c d e f g h i", True),
        ("c d e f g h y y", True),
        ("c d e f g", True),
    ],
    ids=["six", "seven", "before", "on both sides", "after", "second", "till the end", "from the start", "not at hand"],
)
def test_a_kgram_may_run_where_its_neighbours_are_equal_or_not_at_hand(theirs: str, runs: bool) -> None:
    assert may_run("x a b c d e f g h i j x".split(), [3], theirs.split()) == [runs]


def test_no_run_goes_past_the_ends_of_the_text() -> None:
    words = "c d e f g h".split()
    assert may_run(words, [0], ["b", *words, "i"]) == [False]
    assert may_run([*words, "i"], [0], [*words, "i"]) == [False]


def test_a_kgram_that_is_not_at_hand_may_run_where_the_text_goes_on_for_long_enough() -> None:
    assert may_run("c d e f g h i j".split(), [0], ["c", "d", "e"]) == [True]
    assert may_run("c d e f g h i".split(), [0], ["c", "d", "e"]) == [False]
