"""k-gram hashes that are fixed for ever, and runs of words that two texts share."""

from __future__ import annotations

import time

import numpy as np
import pytest

from provenance.fingerprints.exact import EXACT_IDENTITY, KGRAM_WORDS, PLACES_MAX, Run, kgram_hashes, shared_runs

ISHMAEL = "call me ishmael some years ago never".split()


def runs(left: str, right: str, shortest: int = 2) -> list[tuple[int, int, int]]:
    return [(r.left, r.right, r.length) for r in shared_runs(left.split(), right.split(), shortest=shortest)]


def test_the_hash_has_a_name_that_holds_its_parameters() -> None:
    assert (KGRAM_WORDS, EXACT_IDENTITY) == (6, "kgram6-blake2b64-1")


def test_hashes_are_the_same_for_ever() -> None:
    # Worked out with Python's integers modulo 2**64, apart from the code: they stand in files on disk.
    assert kgram_hashes(ISHMAEL).tolist() == [0xB5648156E6C93DB0, 0x60671EAEFA5B781B]
    assert kgram_hashes(["a", "b"], k=2).tolist() == [0x89411F4E2E41A98A]
    assert kgram_hashes(["a"], k=1).tolist() == [0x8227F1B423680FB4]


@pytest.mark.parametrize(("count", "hashes"), [(0, 0), (5, 0), (6, 1), (7, 2), (20, 15)])
def test_there_is_one_hash_for_each_run_of_six_words(count: int, hashes: int) -> None:
    found = kgram_hashes([str(i) for i in range(count)])
    assert found.shape == (hashes,)
    assert found.dtype == np.uint64


def test_a_hash_depends_on_its_own_words_and_on_their_order() -> None:
    inside = kgram_hashes(["other", *ISHMAEL, "words"])
    assert inside[1:3].tolist() == kgram_hashes(ISHMAEL).tolist()
    assert kgram_hashes(ISHMAEL[:6]) != kgram_hashes([*ISHMAEL[1:6], ISHMAEL[0]])
    assert kgram_hashes(["ab", "c"], k=2) != kgram_hashes(["a", "bc"], k=2)


def test_half_a_surrogate_pair_is_hashed_like_any_word() -> None:
    assert len(kgram_hashes(["\ud800"] * 6)) == 1


def test_no_run_is_shared_with_nothing() -> None:
    assert runs("", "a b c") == []
    assert runs("a b c", "") == []
    assert runs("a b", "a b", shortest=3) == []


def test_a_text_shares_all_of_itself() -> None:
    assert runs("a b c d", "a b c d") == [(0, 0, 4)]
    assert runs("a b", "a b") == [(0, 0, 2)]


def test_a_run_is_as_long_as_its_words_are_equal() -> None:
    assert runs("x a b c y", "p q a b c z") == [(1, 2, 3)]
    assert runs("a b c", "x a b c") == [(0, 1, 3)]
    assert runs("x a b c", "a b c") == [(1, 0, 3)]


def test_runs_shorter_than_asked_for_are_left_out() -> None:
    assert runs("a b x c d e", "a b y c d e", shortest=3) == [(3, 3, 3)]
    assert runs("a x b", "b y a", shortest=1) == [(0, 2, 1), (2, 0, 1)]


def test_runs_come_in_the_order_of_the_left_text_then_of_the_right() -> None:
    assert runs("c d - a b", "a b = c d + a b") == [(0, 3, 2), (3, 0, 2), (3, 6, 2)]


def test_two_runs_on_one_diagonal_are_both_found() -> None:
    assert runs("a b x c d", "a b y c d") == [(0, 0, 2), (3, 3, 2)]


def test_runs_may_overlap_on_different_diagonals() -> None:
    assert runs("a a a", "a a", shortest=2) == [(0, 0, 2), (1, 0, 2)]
    assert runs("a b a b a", "a b a", shortest=3) == [(0, 0, 3), (2, 0, 3)]


def test_runs_sort_by_their_left_word() -> None:
    assert sorted([Run(2, 0, 9), Run(1, 5, 1), Run(1, 4, 7)]) == [Run(1, 4, 7), Run(1, 5, 1), Run(2, 0, 9)]


def test_at_most_64_places_of_a_word_group_are_followed() -> None:
    assert PLACES_MAX == 64
    for places, found in [(63, 63), (64, 64), (65, 64), (200, 64)]:
        right = [w for i in range(places) for w in ("a", "b", f"stop{i}")]
        shared = shared_runs(["a", "b"], right, shortest=2)
        assert [r.right for r in shared] == [3 * i for i in range(found)]


def test_one_word_repeated_in_both_texts_takes_bounded_time() -> None:
    begun = time.perf_counter()
    found = shared_runs(["a"] * 600, ["a"] * 3_000, shortest=3)
    assert time.perf_counter() - begun < 2
    assert len(found) <= 600 + PLACES_MAX
    assert max(r.length for r in found) == 600
