"""Which segments earn nobody anything, and why; and which pairs are left as evidence."""

from __future__ import annotations

import time

import numpy as np
import pytest

from provenance.attribution.passages import part_text
from provenance.attribution.preamble import part_segments
from provenance.attribution.unearned import (
    BOILERPLATE_RUN_WORDS,
    BOILERPLATE_WORKS_MIN,
    COMMON_PHRASE_RARITY_MAX,
    PROMPT_RUN_WORDS,
    Reason,
    Unearned,
    earning,
    echoes,
    is_common,
    unearned,
    works_sharing_runs,
)
from provenance.fingerprints.words import fold_words

from .evidence_values import equal_words, pair

QUOTED = "My grandmother kept two books in the kitchen at Port Hessary, and one of them was for rent."
OWN = "Diesel became cheaper in the last quarter, so the regional bus operator raised its forecast."


def weight(word: str) -> float:
    """Every word tells as much as it is long."""
    return float(len(word))


def reasons(text: str, **more: object) -> dict[int, Reason]:
    spans = part_segments(text)
    part = part_text(text, spans, np.zeros((len(spans), 1), np.float32), weight)
    return dict(unearned(text, spans, part.words, weight, **more).reasons)  # type: ignore[arg-type]  # as given


def test_what_came_with_the_prompt_is_nobodys_and_the_rest_is_not() -> None:
    text = f"{QUOTED} {OWN}"
    assert reasons(text) == {}
    assert reasons(text, prompt=f"Go on from here: {QUOTED.upper()}") == {0: Reason.PROMPT_ECHO}
    assert reasons(text, prompt="Write about my grandmother and diesel.") == {}


def test_a_quotation_longer_than_a_segment_is_found_whatever_it_was_cut_into() -> None:
    prompt = f"{OWN} {QUOTED} {OWN.replace('Diesel', 'Petrol')}"
    assert reasons(f"{QUOTED} {OWN.replace('Diesel', 'Petrol')}", prompt=prompt) == dict.fromkeys(
        (0, 1), Reason.PROMPT_ECHO
    )


def test_half_of_a_segments_words_may_come_with_the_prompt() -> None:
    shared, own = "a b c d e f".split(), "u v w x y z".split()
    assert len(shared) == PROMPT_RUN_WORDS
    assert echoes([shared + own], "a b c d e f") == frozenset()
    assert echoes([shared + own[1:]], "a b c d e f") == {0}


def test_runs_shorter_than_six_words_are_no_echo() -> None:
    assert echoes(["a b c d e".split()], "a b c d e") == frozenset()


def test_a_run_goes_across_segments() -> None:
    assert echoes([["a", "b"], ["c", "d"], ["e", "f"]], "x a b c d e f x") == {0, 1, 2}


def test_a_preamble_is_one_whatever_the_prompt_says() -> None:
    text = f"Here is the rewritten text:\n{OWN}\n\nI hope this helps!"
    assert reasons(text, prompt=text) == {0: Reason.PREAMBLE, 1: Reason.PROMPT_ECHO, 2: Reason.PREAMBLE}


def test_few_common_words_tell_no_source_however_often_they_stand() -> None:
    least = "a" * int(COMMON_PHRASE_RARITY_MAX)
    assert is_common(fold_words("no no no no no no no no no").folded, weight)
    assert is_common([], weight)
    assert not is_common([least], weight)
    assert is_common([least[1:]], weight)
    assert reasons("On we go.") == {0: Reason.COMMON_PHRASE}


def test_real_commonplaces_are_common_and_plain_sentences_are_not() -> None:
    from provenance.adapters.word_rarity import word_rarity

    for text in ("Once upon a time.", "Thank you very much.", "What do you think about that?", "God is love.", "---"):
        assert is_common(fold_words(text).folded, word_rarity), text
    for text in ("The cow went to the pans.", "They lived happily ever after.", "In June it rained: cow in pan two."):
        assert not is_common(fold_words(text).folded, word_rarity), text


def test_what_stands_in_five_works_is_nobodys() -> None:
    sharing = BOILERPLATE_WORKS_MIN
    assert sharing == 5
    assert reasons(OWN, works_sharing={0: sharing}) == {0: Reason.BOILERPLATE}
    assert reasons(OWN, works_sharing={0: sharing - 1}) == {}


def test_works_are_counted_that_share_one_and_the_same_run() -> None:
    eight = BOILERPLATE_RUN_WORDS
    pairs = [
        pair(0, "a", run=equal_words(0, eight)),
        pair(0, "b", run=equal_words(0, eight + 4)),
        pair(0, "c", run=equal_words(4, eight)),
        pair(0, "d", run=equal_words(20, eight)),
        pair(0, "e", run=equal_words(0, eight - 1)),
        pair(0, "f"),
        pair(3, "a", run=equal_words(1, eight)),
    ]
    assert works_sharing_runs(pairs) == {0: 2, 3: 1}
    assert works_sharing_runs([]) == {}


def test_copies_of_a_work_count_as_one() -> None:
    run = equal_words(0, BOILERPLATE_RUN_WORDS)
    copied = [pair(0, work, copies=7, run=run) for work in "abcdef"]
    assert works_sharing_runs(copied) == {0: 1}
    assert works_sharing_runs([*copied, pair(0, "g", copies=8, run=run)]) == {0: 2}


def kept(marks: str, given: dict[int, str], works: str = "ab") -> list[tuple[int, str]]:
    """Pairs that are left of one for each segment and work; ``marks`` has a letter a segment, a dot for no reason."""
    letters = {"p": Reason.PREAMBLE, "e": Reason.PROMPT_ECHO, "b": Reason.BOILERPLATE, "c": Reason.COMMON_PHRASE}
    found = Unearned(reasons={n: letters[m] for n, m in enumerate(marks) if m != "."})
    pairs = [pair(n, work) for n in range(len(marks)) for work in works]
    return [(p.segment, p.work) for p in earning(pairs, given, found)]


def test_a_common_phrase_follows_the_source_of_a_neighbour_and_no_other() -> None:
    assert kept(".c.", {0: "a"}, "a") == [(0, "a"), (1, "a"), (2, "a")]
    assert (1, "b") not in kept(".c.", {0: "a"})
    assert {w for n, w in kept(".c.", {0: "a", 2: "b"}) if n == 1} == {"a", "b"}


def test_a_common_phrase_on_its_own_earns_nobody_anything() -> None:
    assert kept("c", {}) == []
    assert [n for n, _ in kept(".c.", {})] == [0, 0, 2, 2]
    assert kept("c", {0: "a"}) == [], "what it resembles itself doesn't count"


def test_common_phrases_in_a_row_follow_the_next_that_tells_something() -> None:
    assert kept("ccc.", {3: "a"}, "a") == [(0, "a"), (1, "a"), (2, "a"), (3, "a")]
    assert kept(".ccc", {0: "a"}, "a") == [(0, "a"), (1, "a"), (2, "a"), (3, "a")]


@pytest.mark.parametrize("mark", "peb")
def test_what_earns_nothing_whatever_it_resembles_has_no_pair_left_and_nothing_follows_it(mark: str) -> None:
    assert [n for n, _ in kept(f".{mark}c", {0: "a", 1: "a"})] == [0, 0]


def test_a_prompt_made_to_be_slow_is_compared_in_time_that_grows_with_it() -> None:
    started = time.process_time()
    assert echoes([["a"] * 50_000], "a " * 50_000) == {0}
    assert time.process_time() - started < 5
