"""Of the copies of one passage among a segment's neighbours, the first registered stay; nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.crowding import COPIES_KEPT, late_copies, without_crowds
from provenance.attribution.same_passage import SAME_PASSAGE_COSINE


def kept(ordinals: Sequence[int], revisions: Sequence[str], passages: Sequence[int]) -> list[int]:
    """What stays where segments of one passage have equal vectors and those of two have nothing in common."""
    vectors = np.eye(64, dtype=np.float32)[list(passages)]
    return [int(o) for o in without_crowds(np.array(ordinals, np.int64), revisions, vectors)]


def of(names: str) -> list[str]:
    return list(names)


def test_of_a_crowd_the_first_registered_stay_in_their_order() -> None:
    ordinals = [90, 10, 80, 20, 70, 30, 60, 40, 50, 5, 100]
    assert kept(ordinals, of("abcdefghijk"), [0] * 11) == [10, 20, 70, 30, 60, 40, 50, 5]


def test_what_lies_beside_a_crowd_stays_however_late_it_was_registered() -> None:
    ordinals = [*range(12), 900, 950]
    assert kept(ordinals, of("abcdefghijklmn"), [0] * 12 + [1, 2]) == [*range(COPIES_KEPT), 900, 950]


def test_as_many_copies_as_may_stay_are_no_crowd() -> None:
    assert kept(range(16), of("abcdefghijklmnop"), [0] * 8 + [1] * 8) == [*range(16)]


def test_one_text_that_says_the_same_over_and_over_is_no_crowd() -> None:
    assert kept(range(16), ["refrain"] * 16, [0] * 16) == [*range(16)]


def test_a_text_that_stays_keeps_all_of_its_segments() -> None:
    revisions = of("abcdefgh") + of("ijkl") + of("aa")
    assert kept(range(14), revisions, [0] * 14) == [*range(8), 12, 13]


@pytest.mark.parametrize(("cosine", "left"), [(SAME_PASSAGE_COSINE + 0.01, COPIES_KEPT), (0.85, 16)])
def test_a_passage_is_what_lies_nearly_in_one_direction(cosine: float, left: int) -> None:
    vectors = np.hstack([np.full((16, 1), np.sqrt(cosine)), np.eye(16) * np.sqrt(1 - cosine)]).astype(np.float32)
    assert len(without_crowds(np.arange(16), of("abcdefghijklmnop"), vectors)) == left


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), max_size=40))
def test_what_goes_stood_behind_enough_earlier_copies(segments: list[tuple[int, int]]) -> None:
    passages, texts = [p for p, _ in segments], [str(t) for _, t in segments]
    order = np.random.default_rng(len(segments)).permutation(len(segments))
    ordinals = [int(o) for o in order]
    left = kept(ordinals, [texts[o] for o in ordinals], [passages[o] for o in ordinals])
    assert left == [o for o in ordinals if o in set(left)]
    for gone in set(ordinals) - set(left):
        before = {texts[o] for o in range(gone) if passages[o] == passages[gone]}
        assert len(before) >= COPIES_KEPT
        assert texts[gone] not in {texts[o] for o in left if passages[o] == passages[gone]}
    for passage in set(passages):
        assert len({texts[o] for o in left if passages[o] == passage}) <= COPIES_KEPT


def test_a_copy_leaves_also_where_one_of_its_words_was_changed() -> None:
    assert late_copies([({"late"}, {"first"}), ({"late"}, {"first"}), (set(), {"first", "late"})]) == {"late"}


def test_a_text_that_shares_one_passage_with_a_crowd_stays_where_it_says_something_else() -> None:
    assert late_copies([({"book"}, {"first"}), (set(), {"book"})]) == set()
    assert late_copies([({"book"}, {"book", "first"})]) == {"book"}, "leaving counts, whatever else it has there"
