"""k-gram hashes and shared runs against the slow, plain way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.fingerprints.exact import PLACES_MAX, kgram_hashes, repeated_words, shared_runs

FEW_WORDS = st.lists(st.sampled_from("abc"), max_size=30)
K = st.integers(1, 7)


def brute_force(left: Sequence[str], right: Sequence[str], shortest: int) -> list[tuple[int, int, int]]:
    """Every run that can't be made longer at either end, by comparing every place with every other."""
    runs = []
    for i in range(len(left)):
        for j in range(len(right)):
            if i and j and left[i - 1] == right[j - 1]:
                continue
            length = 0
            while i + length < len(left) and j + length < len(right) and left[i + length] == right[j + length]:
                length += 1
            if length >= shortest:
                runs.append((i, j, length))
    return runs


@given(FEW_WORDS, FEW_WORDS, st.integers(1, 6))
def test_shared_runs_are_all_the_maximal_ones(left: list[str], right: list[str], shortest: int) -> None:
    found = [(r.left, r.right, r.length) for r in shared_runs(left, right, shortest=shortest)]
    assert found == brute_force(left, right, shortest)


@given(st.lists(st.sampled_from("ab"), max_size=40), st.integers(64, 320), FEW_WORDS, st.integers(1, 3))
def test_runs_cover_every_shared_place_also_where_one_group_stands_very_often(
    left: list[str], many: int, rest: list[str], shortest: int
) -> None:
    assert many >= PLACES_MAX
    right = ["a"] * many + rest
    runs = shared_runs(left, right, shortest=shortest)
    covered = {i for r in runs for i in range(r.left, r.left + r.length)}
    assert covered == {i for a, _, n in brute_force(left, right, shortest) for i in range(a, a + n)}
    assert all(left[r.left : r.left + r.length] == right[r.right : r.right + r.length] for r in runs)
    assert len({(r.left, r.right) for r in runs}) == len(runs)


@given(st.lists(st.text(max_size=3), max_size=25), K)
def test_hashes_are_equal_exactly_where_the_words_are(words: list[str], k: int) -> None:
    hashes = kgram_hashes(words, k).tolist()
    groups = [tuple(words[i : i + k]) for i in range(len(words) - k + 1)]
    assert len(hashes) == len(groups)
    assert len(set(hashes)) == len(set(groups)) == len(set(zip(hashes, groups, strict=True)))


@given(st.lists(st.text(max_size=3), max_size=10), st.lists(st.text(max_size=3), max_size=10), K)
def test_a_hash_does_not_depend_on_what_stands_around(words: list[str], others: list[str], k: int) -> None:
    inside = kgram_hashes([*others, *words, *others], k)
    np.testing.assert_array_equal(
        inside[len(others) : len(others) + max(0, len(words) - k + 1)], kgram_hashes(words, k)
    )


@given(FEW_WORDS, FEW_WORDS, st.integers(1, 6))
def test_repeated_words_are_those_in_shared_runs(words: list[str], other: list[str], run_words: int) -> None:
    runs = shared_runs(words, other, shortest=run_words)
    covered = {i for r in runs for i in range(r.left, r.left + r.length)}
    repeated = repeated_words(words, other, run_words=run_words)
    assert repeated == [i in covered for i in range(len(words))]
