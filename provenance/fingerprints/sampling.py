"""Which k-grams of a text stand for it, chosen by their words alone, so that equal runs have an equal one chosen.

The guarantee: of any `RUN_WORDS_SURE` words in a row, wherever they stand and whatever stands around them, at least one
k-gram that begins and ends among them is chosen; the same one in every text that has these words. Of shorter runs some
are chosen, and nothing is promised. Every such group of words chooses one by looking at nothing else: a mod-minimizer
(Groot Koerkamp and Pibiri 2024), which is winnowing (Schleimer, Wilkerson and Aiken 2003) with fewer hashes kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from provenance.fingerprints.exact import EXACT_IDENTITY, KGRAM_WORDS, Hashes, joined_hashes, word_hashes
from provenance.fingerprints.words import Words
from provenance.kernel.span import Span

RUN_WORDS_SURE = 8
# So many k-grams begin and end in such a group of words; one of them is chosen.
WINDOW_KGRAMS = RUN_WORDS_SURE - KGRAM_WORDS + 1
# The group's anchor is its least run of so many words; it differs from a k-gram by a whole window.
ANCHOR_WORDS = KGRAM_WORDS - WINDOW_KGRAMS
SAMPLED_IDENTITY = f"{EXACT_IDENTITY},modmin{WINDOW_KGRAMS}:{ANCHOR_WORDS}-1"

# By this order anchors are least. Multiplied, because the hashes themselves would be chosen for being low, and a
# directory over their first bits would be uneven.
_ORDER = np.uint64(0xD6E8FEB86659FD93)


def sampled_kgrams(words: Sequence[str]) -> tuple[NDArray[np.int64], Hashes]:
    """The words where the chosen k-grams begin, ascending, and their hashes: about three of seven of all.

    Two that are chosen one after the other are at most `WINDOW_KGRAMS` words apart. A text of fewer than
    `RUN_WORDS_SURE` words has no such group, and all its k-grams are chosen.
    """
    each = word_hashes(words)
    hashes = joined_hashes(each, KGRAM_WORDS)
    if len(words) < RUN_WORDS_SURE:
        return np.arange(len(hashes)), hashes
    anchors = joined_hashes(each, ANCHOR_WORDS)
    with np.errstate(over="ignore"):
        anchors *= _ORDER
    # Between equal ones the first: which one must not depend on what stands before the group.
    least = sliding_window_view(anchors, RUN_WORDS_SURE - ANCHOR_WORDS + 1).argmin(axis=1)
    chosen = np.zeros(len(hashes), np.bool_)
    chosen[np.arange(len(least)) + least % WINDOW_KGRAMS] = True
    places = np.flatnonzero(chosen)
    return places, hashes[places]


def kgrams_by_segment(words: Words, spans: Sequence[Span]) -> tuple[NDArray[np.int64], Hashes]:
    """The chosen k-grams of a text that is cut into ``spans``: the number of the one where each begins, and the hash.

    They are chosen from the whole text, so that a run across two segments is found from both ends.
    """
    places, hashes = sampled_kgrams(words.folded)
    starts = np.array([s.start for s in spans], np.int64)
    begins = np.array(words.starts, np.int64)[places]
    return np.maximum(np.searchsorted(starts, begins, "right") - 1, 0), hashes
