"""How many of a segment's telling words stand in a source passage too.

A word counts by its rarity in a fixed background of general language, never in the index, so that the figure
doesn't move when strangers are registered (the inverse document frequency of Spärck Jones 1972, from outside).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

Rarity = Callable[[str], float]  # a word's weight: 0 for the commonest, about 8 for one never seen

# Words rarer than this name somebody or something: they tell more when they are missing.
TELLING = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Parts of a segment's word mass, each 0 to 1.

    ``found`` is the part found in the passage; ``telling_found`` the same for rare words and numbers alone (0.5 where
    there are none); ``covered`` the part of the passage's own word mass that the segment repeats.
    """

    found: float
    telling_found: float
    covered: float


def overlap(words: Sequence[str], passage: Sequence[str], around: Set[str], rarity: Rarity) -> Overlap:
    """Compare a segment's folded ``words`` with a source ``passage``; ``around`` adds the words of its neighbours.

    Order and repetition don't count; the longest run does that.
    """
    mine, theirs = set(map(stem, words)), set(map(stem, passage))
    near = theirs | set(map(stem, around))
    # Sorted, so that sums of floats come in one order in every process.
    mine_mass = {w: rarity(w) for w in sorted(mine)}
    total = sum(mine_mass.values())
    telling = {w: m for w, m in mine_mass.items() if m >= TELLING}
    telling_total = sum(telling.values())
    theirs_total = sum(rarity(w) for w in sorted(theirs))
    shared = sum(m for w, m in mine_mass.items() if w in theirs)
    return Overlap(
        found=sum(m for w, m in mine_mass.items() if w in near) / total if total else 0.0,
        telling_found=sum(m for w, m in telling.items() if w in near) / telling_total if telling_total else 0.5,
        covered=shared / theirs_total if theirs_total else 0.0,
    )


def stem(word: str) -> str:
    """Cut the commonest English endings, so that "measures" meets "measured"; other words stay as they are."""
    for ending in ("ing", "ies", "ed", "es", "ly", "s"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word
