"""What was registered when an output was made: what came later can't be a source of it.

A work is late where none of its revisions was there yet. Where an earlier revision was, a passage of a later one counts
if it stood in an earlier one. Nothing here searches or reads a database: times come in as what they exclude.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from provenance.attribution.passages import Candidates, SourceSegment
from provenance.fingerprints.exact import KGRAM_WORDS, repeated_words
from provenance.fingerprints.words import fold_words

# Of a segment's words; with more than this part of them in an earlier revision the passage was there.
STOOD_PART_MIN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What was registered by some moment, told by what was not.

    ``later`` maps each revision that came after it to the revisions that its work had by then, oldest first; none where
    the work itself came later. ``text`` gives the text of a revision. It remembers what it read, so it is made for one
    output and not shared between threads.
    """

    later: Mapping[str, Sequence[str]]
    text: Callable[[str], str]
    _words: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False)

    def had(self, segment: SourceSegment) -> bool:
        """Whether this passage of this work was registered by then."""
        earlier = self.later.get(segment.revision)
        if earlier is None:
            return True
        if not earlier:
            return False
        words = fold_words(segment.text).folded
        run = min(KGRAM_WORDS, max(1, len(words)))
        return any(
            sum(repeated_words(words, self._folded(revision), run_words=run)) > STOOD_PART_MIN * len(words)
            for revision in earlier
        )

    def _folded(self, revision: str) -> list[str]:
        if revision not in self._words:
            self._words[revision] = fold_words(self.text(revision)).folded
        return self._words[revision]


def registered_by_then(candidates: Candidates, registered: Registered) -> Candidates:
    """The candidates that were registered by then, with their vectors."""
    there = [registered.had(segment) for segment in candidates.segments]
    kept = np.flatnonzero(there)
    return Candidates(
        segments=candidates.columns.only(kept), vectors=candidates.vectors[kept], content=candidates.content
    )
