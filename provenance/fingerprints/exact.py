"""Hashes of k consecutive words, the runs of words that two texts share, and the words of one that the other repeats.

A hash only proposes; `shared_runs` looks at the words themselves, so a collision can never make evidence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

KGRAM_WORDS = 6
EXACT_IDENTITY = f"kgram{KGRAM_WORDS}-blake2b64-1"

# Where a k-gram stands more often than this in one source text, further places add nothing to what a run shows.
PLACES_MAX = 64

Hashes = NDArray[np.uint64]

_BASE = np.uint64(0x9E3779B97F4A7C15)


def kgram_hashes(words: Sequence[str], k: int = KGRAM_WORDS) -> Hashes:
    """One 64-bit hash for each run of ``k`` words, in order: shape (max(0, len(words) - k + 1),).

    A polynomial over BLAKE2b word hashes modulo 2**64, mixed so that all bits count.
    """
    return joined_hashes(word_hashes(words), k)


def word_hashes(words: Sequence[str]) -> Hashes:
    """The `word_hash` of each word."""
    return np.fromiter(map(word_hash, words), np.uint64, len(words))


def joined_hashes(each: Hashes, k: int) -> Hashes:
    """The `kgram_hashes` of words whose hashes are these."""
    count = max(0, len(each) - k + 1)
    total = np.zeros(count, np.uint64)
    with np.errstate(over="ignore"):
        for i in range(k):
            total = total * _BASE + each[i : i + count]
        total ^= total >> np.uint64(31)
        total *= np.uint64(0xBF58476D1CE4E5B9)
        total ^= total >> np.uint64(29)
    return total


@lru_cache(maxsize=262_144)
def word_hash(word: str) -> int:
    """64 bits of BLAKE2b over the word: the same on every machine and for ever."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """``length`` words that stand in both texts: from word ``left`` of one and word ``right`` of the other."""

    left: int
    right: int
    length: int


def shared_runs(left: Sequence[str], right: Sequence[str], *, shortest: int) -> list[Run]:
    """Maximal runs of at least ``shortest`` equal words, in the order of the left text.

    Every place of the left text that lies in such a run is covered by one of them. Time grows with the texts and with
    the runs found, not with the product of the lengths: at most `PLACES_MAX` places of a word group are followed.
    """
    groups, others = _groups(left, shortest), _groups(right, shortest)
    places: dict[tuple[str, ...], list[int]] = {group: [] for group in {*groups}.intersection(others)}
    if not places:
        return []
    for start, group in enumerate(others):
        if group in places and len(places[group]) < PLACES_MAX:
            places[group].append(start)
    runs: list[Run] = []
    open_until: dict[int, int] = {}  # diagonal -> the left word where the run on it ends
    for start, group in enumerate(groups):
        for place in places.get(group, ()):
            diagonal = place - start
            if open_until.get(diagonal, -1) > start:
                continue
            length = shortest
            while (
                start + length < len(left)
                and place + length < len(right)
                and left[start + length] == right[place + length]
            ):
                length += 1
            open_until[diagonal] = start + length
            runs.append(Run(start, place, length))
    return runs


def _groups(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """All runs of ``size`` words, in their order."""
    return list(zip(*(words[i:] for i in range(size)), strict=False))


def repeated_words(words: Sequence[str], other: Sequence[str], *, run_words: int) -> list[bool]:
    """For each of ``words``, whether it lies in a run of ``run_words`` words that stands in ``other`` too.

    Compares the words themselves, so a collision can't hide anything. Linear in both texts, and in memory in ``words``
    alone: ``other`` may be a whole book.
    """
    mine = _groups(words, run_words)
    wanted = set(mine)
    both = {run for i in range(len(other) - run_words + 1) if (run := tuple(other[i : i + run_words])) in wanted}
    repeated = [False] * len(words)
    covered_until = 0
    for start, run in enumerate(mine):
        if run in both:
            for place in range(max(start, covered_until), start + run_words):
                repeated[place] = True
            covered_until = start + run_words
    return repeated
