"""Which earlier works a new text is worth comparing with, and where: proposed by k-grams and by vectors, and bounded.

It asks the index only for what the text itself holds. A passage that hundreds of works have is looked up once, and
brings in no more of them than the bounds allow: those that were registered first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import Rarity
from provenance.attribution.overlaps import (
    NEAR_COSINE_MIN,
    NEAR_SEGMENTS_MAX,
    ComparedText,
    may_run,
    rare_words_agree,
)
from provenance.attribution.passages import SourceSegment
from provenance.fingerprints.sampling import RUN_WORDS_SURE, WINDOW_KGRAMS, sampled_kgrams
from provenance.fingerprints.words import fold_words
from provenance.services.ports import SourceIndex

# An anthology has hundreds of works in it, each at its own place; a passage that stands at one place of hundreds of
# works is theirs who registered it first.
OTHERS_MAX = 256
EARLIEST_MAX = 8  # segments of the index for one place of the text

PLACES_AT_A_TIME = 20_000
ORDINALS_AT_A_TIME = 1_000
# Vectors are searched by a full scan, so only some segments of a text are looked for: a copy has its likes all over.
PROBES_MAX = 12
PROBE_NEAREST = 8
PROBE_WEIGHT = 9  # a near segment counts for as much as so many sampled k-grams, which are those of 20 words
# Segments around the one where a sampled k-gram starts: if all had one word, a run that has it would reach so far, with
# the neighbours that the index adds.
AROUND = range(2 - WINDOW_KGRAMS, RUN_WORDS_SURE - 1)
ALIGNED_SEGMENTS_MAX = NEAR_SEGMENTS_MAX // 2

Places = NDArray[np.int64]
Owner = tuple[str, str]  # a work and its revision
Probe = tuple[int, int]  # a segment of the text and one of the index


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One other revision to compare a text with.

    The sampled k-gram that starts at word ``places[n]`` starts in the segment ``place_ordinals[n]`` of the index too;
    ascending by place. ``segments`` of the text and ``ordinals`` of the index are to be compared by their vectors.
    """

    work: str
    revision: str
    places: Places
    place_ordinals: Places
    segments: Sequence[int]
    ordinals: Sequence[int]


def propose(work: str, revision: str, mine: ComparedText, index: SourceIndex, rarity: Rarity) -> Sequence[Proposal]:
    """At most `OTHERS_MAX` revisions of other works, those that share most first.

    Later registered ones are left out where it is seen that they are; the caller looks again.
    """
    places, ordinals = _shared_kgrams(mine, index)
    own = _own_ordinal(revision, mine, places, ordinals, index)
    if own is not None:
        places, ordinals = places[ordinals < own], ordinals[ordinals < own]
    places, ordinals = _earliest(places, ordinals)
    owner_of, running = _owners(mine.words.folded, places, ordinals, index)
    places, ordinals = places[running], ordinals[running]
    owners = [owner_of[o] for o in ordinals.tolist()]
    weight = Counter(owners)
    number = {owner: n for n, owner in enumerate(weight)}
    numbers = np.array([number[o] for o in owners], np.int64)
    oldest = dict(sorted(zip(owners, ordinals.tolist(), strict=True), key=itemgetter(1), reverse=True))
    probes: dict[Owner, list[Probe]] = defaultdict(list)
    for at, source in _near_probes(mine, index, rarity):
        owner = source.work, source.revision
        if own is None or source.ordinal < own:
            probes[owner].append((at, source.ordinal))
            weight[owner] += PROBE_WEIGHT
            oldest[owner] = min(oldest.get(owner, source.ordinal), source.ordinal)
    ranked = sorted((o for o in weight if o[0] != work), key=lambda o: (-weight[o], oldest[o]))[:OTHERS_MAX]
    found = []
    for owner in ranked:
        rows = numbers == number.get(owner, -1)
        found.append(_proposal(owner, places[rows], ordinals[rows], probes[owner], mine, index.published.segments))
    return found


def _shared_kgrams(mine: ComparedText, index: SourceIndex) -> tuple[Places, Places]:
    """Words of the text and segments of the index where a sampled k-gram of both starts."""
    starts, hashes = sampled_kgrams(mine.words.folded)
    kept: list[tuple[Places, Places]] = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for first in range(0, len(hashes), PLACES_AT_A_TIME):
        shared = index.sharing(hashes[first : first + PLACES_AT_A_TIME])
        places = np.repeat(starts[first : first + PLACES_AT_A_TIME], [len(s) for s in shared])
        kept.append((places, np.fromiter((o for some in shared for o in some), np.int64, len(places))))
    return np.concatenate([p for p, _ in kept]), np.concatenate([o for _, o in kept])


def _earliest(places: Places, ordinals: Places) -> tuple[Places, Places]:
    """For each place, the segments that were registered first; both come in ascending order, place by place."""
    order = np.arange(len(places)) - np.searchsorted(places, places, "left")
    return places[order < EARLIEST_MAX], ordinals[order < EARLIEST_MAX]


def _own_ordinal(revision: str, mine: ComparedText, places: Places, ordinals: Places, index: SourceIndex) -> int | None:
    """The ordinal of the text's own first segment; later ones are later texts'. None where it isn't seen."""
    tried = places[np.diff(places, prepend=-1) > 0]
    for place in tried[_spread(len(tried))]:
        at = int(_segments_at(mine, np.array([place]))[0])
        for source in index.candidates({int(o) for o in ordinals[places == place]}).segments:
            if source.revision == revision and source.span == mine.spans[at]:
                return source.ordinal - at
    return None


def _owners(
    words: Sequence[str], places: Places, ordinals: Places, index: SourceIndex
) -> tuple[Mapping[int, Owner], NDArray[np.bool_]]:
    """The owner of each ordinal; and for each place whether the k-gram there may be part of a run."""
    order = np.argsort(ordinals, kind="stable")
    unique, first = np.unique(ordinals[order], return_index=True)
    rows = np.split(order, first[1:])
    owners: dict[int, Owner] = {}
    running = np.zeros(len(ordinals), np.bool_)
    for start in range(0, len(unique), ORDINALS_AT_A_TIME):
        some = unique[start : start + ORDINALS_AT_A_TIME].tolist()
        read = {s.ordinal: s for s in index.candidates({*some}).segments}
        for ordinal, here in zip(some, rows[start : start + ORDINALS_AT_A_TIME], strict=True):
            source = read[ordinal]
            owners[ordinal] = source.work, source.revision
            near = (read[o] for o in (ordinal - 1, ordinal, ordinal + 1) if o in read)
            around = [w for s in near if s.revision == source.revision for w in fold_words(s.text).folded]
            running[here] = may_run(words, places[here].tolist(), around)
    return owners, running


def _near_probes(mine: ComparedText, index: SourceIndex, rarity: Rarity) -> Iterator[tuple[int, SourceSegment]]:
    """Some segments of the text, spread over it, each with the segments of the index that say nearly the same."""
    probes = _spread(len(mine.spans))
    nearest = index.nearest(mine.vectors[probes], PROBE_NEAREST)
    candidates = index.candidates({int(o) for o in np.unique(nearest) if o >= 0})
    at = {s.ordinal: n for n, s in enumerate(candidates.segments)}
    for probe, found in zip(probes.tolist(), nearest.tolist(), strict=True):
        for number in (at[o] for o in found if o >= 0):
            if mine.vectors[probe] @ candidates.vectors[number] >= NEAR_COSINE_MIN:
                source = candidates.segments[number]
                if rare_words_agree(mine.words_of(probe), fold_words(source.text).folded, rarity):
                    yield probe, source


def _proposal(
    owner: Owner, places: Places, ordinals: Places, probes: Sequence[Probe], mine: ComparedText, total: int
) -> Proposal:
    """Compare where k-grams are; and around each near pair, what stands as far from the one as from the other."""
    count = len(mine.spans)
    at = np.unique(_segments_at(mine, places))
    segments = {int(s) for step in (-1, 0, 1) for s in at + step if 0 <= s < count}
    # A run may start before the first of its sampled k-grams and end after the last one.
    to_compare = {o + step for o in ordinals.tolist() for step in AROUND if 0 <= o + step < total}
    for mid, ordinal in probes:
        before, after = min(mid, ordinal, ALIGNED_SEGMENTS_MAX), min(count - mid, total - ordinal, ALIGNED_SEGMENTS_MAX)
        segments.update(range(mid - before, mid + after))
        to_compare.update(range(ordinal - before, ordinal + after))
    return Proposal(
        work=owner[0],
        revision=owner[1],
        places=places,
        place_ordinals=ordinals,
        segments=sorted(segments),
        ordinals=sorted(to_compare),
    )


def _segments_at(mine: ComparedText, places: Places) -> Places:
    """The segment in which each of these words starts."""
    starts = np.array([span.start for span in mine.spans], np.int64)
    at = np.array(mine.words.starts, np.int64)[places]
    return np.maximum(np.searchsorted(starts, at, "right") - 1, 0)


def _spread(count: int) -> Places:
    """At most `PROBES_MAX` numbers below ``count``, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(PROBES_MAX, count), dtype=np.int64))
