"""Overlaps: passages that stand in two registered works, as found when the later of the two texts was registered.

An overlap says where words are shared and which work had them on record first. It doesn't say who wrote them, nor
whether they may stand there: that is for the owners, who are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from provenance.kernel.ids import derived_id
from provenance.kernel.parts import WHOLE_PPM
from provenance.kernel.span import Span, merge

# More than half: from there on a text speaks in another one's words rather than in its own. A copy in which every
# tenth word was changed still has about 70 per cent in runs of eight words or more.
NEAR_DUPLICATE_PPM = 500_000

# The longest are recorded; how many were found is recorded too.
PASSAGES_MAX = 100


class PassageKind(StrEnum):
    """How close the words are: the same run, or sentences that say the same in nearly the same words."""

    EXACT = "exact"
    NEAR = "near"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPassage:
    """One passage in both texts. ``words`` counts the words of the run, 0 where the kind is near."""

    kind: PassageKind
    later_span: Span
    earlier_span: Span
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two works.

    ``revision`` is the text that was compared, ``held_from`` the oldest revision of the work that had most of the
    shared words. ``shared_chars`` counts the characters of all passages, each once; ``covered_ppm`` is their part.
    """

    work: str
    revision: str
    held_from: str
    shared_chars: int
    covered_ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBy:
    """What found an overlap: the rules with their thresholds, the vectors, and the index that proposed it."""

    method: str
    encoder: str
    snapshot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What two works share: ``later`` and ``earlier`` are in the order in which the texts were registered.

    ``first`` names the work that had the shared words first. That may be the one whose text came later, where an
    earlier revision of it had them already. ``passages`` are the longest, in the order of the later text.
    """

    later: Side
    earlier: Side
    first: str
    passages: tuple[SharedPassage, ...]
    passages_found: int
    found_by: FoundBy

    def __post_init__(self) -> None:
        assert self.later.work != self.earlier.work, "a work doesn't overlap itself"
        assert self.first in (self.later.work, self.earlier.work), "one of the two was first"
        assert 0 < len(self.passages) <= min(PASSAGES_MAX, self.passages_found), "passages are bounded, and some"

    @property
    def id(self) -> str:
        """Follows from the two revisions: they are compared once."""
        return overlap_id(self.later.revision, self.earlier.revision)

    @property
    def kind(self) -> PassageKind:
        """Exact where any passage is."""
        exact = any(p.kind is PassageKind.EXACT for p in self.passages)
        return PassageKind.EXACT if exact else PassageKind.NEAR

    @property
    def near_duplicate(self) -> bool:
        """Whether most of one of the texts stands in the other."""
        return is_near_duplicate(self.later.covered_ppm, self.earlier.covered_ppm)


def overlap_id(revision: str, other_revision: str) -> str:
    """The id of what two revisions share, in either order."""
    return derived_id("ovl", {"revisions": sorted([revision, other_revision])})


def is_near_duplicate(covered_ppm: int, other_covered_ppm: int) -> bool:
    """Whether most of either text is covered. One of them is enough: whoever pads a copy still covers the original."""
    return max(covered_ppm, other_covered_ppm) >= NEAR_DUPLICATE_PPM


def covered_chars(spans: Sequence[Span]) -> int:
    """Characters that lie in any of the spans, each counted once."""
    return sum(map(len, merge(spans)))


def covered_ppm(shared_chars: int, chars: int) -> int:
    """Parts per million of a text of ``chars`` characters, rounded down."""
    return shared_chars * WHOLE_PPM // chars if chars else 0
