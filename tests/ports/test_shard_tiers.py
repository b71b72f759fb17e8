"""Which shards are merged: neighbours, so that few are left, and no segment is written often."""

from __future__ import annotations

import random

import pytest

from provenance.adapters.faiss_index.tiers import (
    DEAD_SEGMENTS_MAX,
    SEGMENTS_FLOOR,
    SHARDS_MAX,
    ShardSize,
    next_merge,
)


def sizes(*standing: int) -> list[ShardSize]:
    return [ShardSize(shard=str(n), standing=size) for n, size in enumerate(standing)]


@pytest.mark.parametrize(
    ("standing", "due"),
    [
        ((), range(0)),
        ((9,), range(0)),
        ((9, 9, 9), range(0)),
        ((9, 9, 9, 9), range(4)),
        ((9, 9, 9, 9, 9, 9), range(6)),
        ((5_000, 9, 9, 9), range(0)),
        ((5_000, 9, 9, 9, 9), range(1, 5)),
        ((5_000, 5_000, 5_000, 5_000, 9, 9, 9, 9), range(4, 8)),
        ((5_000, 5_000, 5_000, 5_000, 9), range(5)),
        ((1_000_000, 5_000, 5_000, 5_000), range(0)),
    ],
    ids=str,
)
def test_neighbours_are_merged_where_that_makes_something_much_larger(standing: tuple[int, ...], due: range) -> None:
    assert next_merge(sizes(*standing)) == due


def test_what_is_claimed_is_left_alone_and_so_is_what_writes_too_much() -> None:
    eight = sizes(*[5_000] * 4, *[9] * 4)
    assert next_merge(eight, claimed={"5"}) == range(5)
    assert next_merge(eight, claimed={"4", "1"}) == range(0)
    assert next_merge(eight[:4], segments_max=4_096) == range(0)
    assert next_merge(eight, segments_max=4_096) == range(4, 8)


def test_a_shard_is_built_without_its_dead_once_they_are_many() -> None:
    def due(standing: int, dead: int) -> range:
        return next_merge([ShardSize(shard="a", standing=standing, dead=dead)])

    assert [due(76, 24), due(75, 25), due(74, 26)] == [range(0), range(0), range(1)]
    assert due(10**6, DEAD_SEGMENTS_MAX) == range(0)
    assert due(10**6, DEAD_SEGMENTS_MAX + 1) == range(1)


def test_past_the_bound_the_cheapest_neighbours_are_merged_anyway() -> None:
    growing = [SEGMENTS_FLOOR * 4**n for n in range(SHARDS_MAX + 1)]
    assert next_merge(sizes(*growing[:-1])) == range(0)
    assert next_merge(sizes(*growing)) == range(2)


@pytest.mark.parametrize("seed", range(3))
def test_under_constant_registration_shards_are_few_and_segments_are_seldom_written_again(seed: int) -> None:
    drawn = random.Random(seed)
    held: list[ShardSize] = []
    added = written = most = 0
    for number in range(6_000):
        new = drawn.choice([1, 5, 20, 60, 400])
        held.append(ShardSize(shard=str(number), standing=new))
        added += new
        while run := next_merge(held):
            merged = sum(held[n].standing for n in run)
            held[run.start : run.stop] = [ShardSize(shard=f"{number}-{merged}", standing=merged)]
            written += merged
        most = max(most, len(held))
    assert most <= SHARDS_MAX
    assert sum(s.standing for s in held) == added
    assert written < 12 * added
