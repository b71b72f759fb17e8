"""Which neighbours of a segment are looked at, where copies of one passage crowd everything else out.

Whoever registers a text a hundred times fills the nearest neighbours of all that derives from it: the original and
every other work drop out of sight. Of each passage, the works that registered it first stay. Searches nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.same_passage import SAME_PASSAGE_COSINE, Integers
from provenance.fingerprints.vector import Vectors

# More than half of a segment's neighbours (see `NEAREST_SEGMENTS`), and more than it takes to tell boilerplate by.
COPIES_KEPT = 8

# More than the cosine of two unit vectors can be off by in 32 bits.
_COSINE_ERROR = 1e-3


def without_crowds(ordinals: Integers, revisions: Sequence[str], vectors: Vectors) -> Integers:
    """The neighbours ``ordinals`` in their order, less the copies of a passage that more than `COPIES_KEPT` texts hold.

    ``revisions`` names the text of each and ``vectors`` holds its row. The texts of the lowest ordinals stay, since
    ordinals come in the order of registration, with all of their segments. A passage is what lies nearly in the
    direction of its first segment: an attacker who changes a word here and there mustn't make it another one.
    """
    if len(ordinals) <= COPIES_KEPT:
        return ordinals
    exact = vectors.astype(np.float64)
    alike = exact @ exact.T >= SAME_PASSAGE_COSINE
    if not (alike.sum(axis=1) > COPIES_KEPT).any():
        return ordinals
    kept, free = np.ones(len(ordinals), np.bool_), np.ones(len(ordinals), np.bool_)
    order = np.argsort(ordinals, kind="stable")
    for first in order.tolist():
        if free[first]:
            members = order[free[order] & alike[first][order]].tolist()
            free[members] = False
            holders = set(list(dict.fromkeys(revisions[m] for m in members))[:COPIES_KEPT])
            kept[members] = [revisions[m] in holders for m in members]
    return ordinals[kept]


def may_be_crowded(vectors: Vectors) -> NDArray[np.bool_]:
    """Which rows of neighbours hold a crowd, and some that don't: a look in 32 bits, before the exact one.

    ``vectors`` has shape (rows, neighbours, dimensions).
    """
    alike = vectors @ vectors.transpose(0, 2, 1) >= SAME_PASSAGE_COSINE - _COSINE_ERROR
    return np.asarray((alike.sum(axis=2) > COPIES_KEPT).any(axis=1))


def late_copies(segments: Iterable[tuple[Set[str], Set[str]]]) -> set[str]:
    """Texts that left more of these segments' crowds than they stay beside, each given as those that left and stay.

    Where such a text has a word changed it is another passage, and would stand there as a rival of the very work that
    it copies.
    """
    balance: Counter[str] = Counter()
    for left, stay in segments:
        balance.update(left)
        balance.subtract(stay - left)
    return {text for text, more in balance.items() if more > 0}
