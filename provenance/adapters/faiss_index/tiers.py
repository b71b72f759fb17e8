"""Which neighbouring shards are merged next: small ones often, large ones seldom, so that few are left to search.

A merge takes neighbours alone, because the order of shards is the order of registration. It pays where the result is
several times as large as the largest that goes into it: then a segment is written again once for each such step, some
six times on its way to a million. Reads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

# Every shard costs each search some tens of microseconds, whatever its size: this many together cost about as much as
# the scan of one of a few thousand segments. More stand for a while where a large merge is under way.
SHARDS_MAX = 24
GROWTH = 4
SEGMENTS_FLOOR = 256  # shards below this count as this large: the smallest are merged some at a time
# A shard is built without its dead segments once they make a quarter of it, or search would have to go too far past.
DEAD_PARTS = 4
DEAD_SEGMENTS_MAX = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardSize:
    """A shard as merging sees it: segments that stand, and dead ones."""

    shard: str
    standing: int
    dead: int = 0


def next_merge(
    sizes: Sequence[ShardSize], *, claimed: Set[str] = frozenset(), segments_max: int | None = None
) -> range:
    """The places of neighbours to merge, the cheapest first; empty where nothing is due.

    Shards that are ``claimed`` by a merge under way are left alone; ``segments_max`` bounds what may be written.
    """
    bound = sum(s.standing for s in sizes) if segments_max is None else segments_max
    free = [r for r in _runs(sizes, claimed) if _written(sizes, r) <= bound]
    excess = len(sizes) - SHARDS_MAX
    due = [r for r in free if _pays(sizes, r)] or [r for r in free if len(r) == excess + 1 > 1]
    return min(due, key=lambda r: (_largest(sizes, r), -len(r), r.start), default=range(0))


def _runs(sizes: Sequence[ShardSize], claimed: Set[str]) -> list[range]:
    """All neighbourhoods without a claimed shard; there are few shards, or they are small and taken many at a time."""
    runs = []
    for start in range(len(sizes)):
        for end in range(start + 1, len(sizes) + 1):
            if sizes[end - 1].shard in claimed:
                break
            runs.append(range(start, end))
    return runs


def _pays(sizes: Sequence[ShardSize], run: range) -> bool:
    if len(run) == 1:
        size = sizes[run.start]
        return size.dead > DEAD_SEGMENTS_MAX or size.dead * DEAD_PARTS > size.standing + size.dead
    counted = [max(SEGMENTS_FLOOR, sizes[n].standing) for n in run]
    return sum(counted) >= GROWTH * max(counted)


def _largest(sizes: Sequence[ShardSize], run: range) -> int:
    return max(max(SEGMENTS_FLOOR, sizes[n].standing) for n in run)


def _written(sizes: Sequence[ShardSize], run: range) -> int:
    return sum(sizes[n].standing for n in run)
