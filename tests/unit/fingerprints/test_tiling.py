"""Covering one sequence of words with runs of another."""

import time

from provenance.fingerprints.exact import Run
from provenance.fingerprints.tiling import PLACES_TRIED_MAX, tiles


def _tiles(left: str, right: str, shortest: int = 3) -> list[Run]:
    return tiles(left.split(), right.split(), shortest=shortest)


def test_a_run_is_found_where_it_stands_and_as_long_as_it_is() -> None:
    assert _tiles("x a b c d y", "q q a b c d r") == [Run(1, 2, 4)]


def test_of_several_places_the_longest_run_is_taken_and_of_equals_the_first() -> None:
    assert _tiles("a b c d", "a b c x a b c d") == [Run(0, 4, 4)]
    assert _tiles("a b c", "a b c x a b c") == [Run(0, 0, 3)]


def test_each_word_of_the_left_belongs_to_one_run_at_most() -> None:
    assert _tiles("a b c d e f", "a b c d x c d e f") == [Run(0, 0, 4)]
    assert _tiles("a b c a b c", "a b c") == [Run(0, 0, 3), Run(3, 0, 3)]


def test_what_is_shorter_is_no_run() -> None:
    assert _tiles("a b x", "a b y") == []
    assert _tiles("", "a b c") == _tiles("a b c", "") == []


def test_a_refrain_is_found_among_more_places_than_are_tried() -> None:
    refrain = "a b c " * (4 * PLACES_TRIED_MAX)
    (run,) = _tiles("a b c", refrain)
    assert run.length == 3


def test_one_word_a_hundred_thousand_times_takes_linear_time() -> None:
    start = time.perf_counter()
    (run,) = tiles(["ha"] * 100_000, ["ha"] * 100_000, shortest=8)
    assert run == Run(0, 0, 100_000)
    assert time.perf_counter() - start < 5
