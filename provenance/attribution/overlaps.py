"""Find what two works share: runs of equal words, and sentences that are nearly the same.

Pure: it looks at one text and at passages of another one. Which works are worth a look is the caller's to say. It
weighs words by their rarity in general language, never by how often the catalogue has them: a passage that hundreds
copied is as much shared as any.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from provenance.attribution.lexical import TELLING, Rarity, stem
from provenance.attribution.passages import Candidates
from provenance.fingerprints.exact import KGRAM_WORDS
from provenance.fingerprints.sampling import RUN_WORDS_SURE, WINDOW_KGRAMS
from provenance.fingerprints.tiling import tiles
from provenance.fingerprints.vector import Vectors
from provenance.fingerprints.words import FOLDING, Words, fold_words
from provenance.fingerprints.words_bulk import fold_book
from provenance.kernel.span import Span, merge
from provenance.sources.overlap import PassageKind, SharedPassage

RUN_WORDS_MIN = RUN_WORDS_SURE  # of shorter ones an index proposes only some
# A shorter run of nothing but common words ("at the end of the day it was") is the language's, and nobody's work.
STOCK_PHRASE_WORDS_MAX = 15

# Sentences with one word in ten changed have a median of 0.93; no two of unrelated works were seen above 0.7.
NEAR_COSINE_MIN = 0.85
NEAR_WORDS_MIN = 6
ALL_AGREED_MIN = 0.5
RARE_AGREED_MIN = 0.5
# Two works may well state one fact in one sentence alike; where nothing is equal word by word, it takes more.
NEAR_ALONE_MIN = 2
NEAR_SEGMENTS_MAX = 4_096  # on either side: memory grows with their product

# The places of a text that lie so near to one another are looked at together.
STRETCH_GAP_WORDS = 16

# Names all that changes what is found in two texts.
METHOD = (
    f"{FOLDING}-tiles{RUN_WORDS_MIN}-stock{STOCK_PHRASE_WORDS_MAX}-near{NEAR_COSINE_MIN}:{NEAR_WORDS_MIN}:{NEAR_ALONE_MIN}"
    f"-agreed{ALL_AGREED_MIN}:{RARE_AGREED_MIN}@{TELLING}-2"
)

# Of one sequence and of the other; no word folds to either, so that no run goes across.
_GAP, _OTHER_GAP = "", " "


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedText:
    """A text with its segments, their vectors, and its folded words."""

    text: str
    spans: Sequence[Span]
    vectors: Vectors
    words: Words

    def words_of(self, segment: int) -> list[str]:
        """Folded words that start in a segment."""
        span = self.spans[segment]
        return self.words.folded[bisect_left(self.words.starts, span.start) : bisect_left(self.words.starts, span.end)]


def compared_text(text: str, spans: Sequence[Span], vectors: Vectors) -> ComparedText:
    """A text with its folded words."""
    return ComparedText(text=text, spans=spans, vectors=vectors, words=fold_book(text))


def may_run(mine: Sequence[str], places: Sequence[int], theirs: Sequence[str]) -> list[bool]:
    """For each of these words of mine whether the k-gram that starts there is part of a run that they may have.

    ``theirs`` are words around one where such k-grams start. What isn't at hand there is taken to be equal.
    """
    starts: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for start in range(len(theirs) - KGRAM_WORDS + 1):
        starts[tuple(theirs[start : start + KGRAM_WORDS])].append(start)
    before_all = [-RUN_WORDS_MIN]  # all words of a run that starts there are not at hand
    found = (starts.get(tuple(mine[p : p + KGRAM_WORDS]), before_all) for p in places)
    return [any(_runs(mine, p, theirs, s) for s in some) for p, some in zip(places, found, strict=True)]


def _runs(mine: Sequence[str], place: int, theirs: Sequence[str], start: int) -> bool:
    """Whether the words before and after two equal k-grams make a run of them."""
    more = RUN_WORDS_MIN - KGRAM_WORDS
    equal = 0
    for first, step in ((-1, -1), (KGRAM_WORDS, 1)):
        for n in range(first, first + more * step, step):
            at, there = place + n, start + n
            if not 0 <= at < len(mine) or (0 <= there < len(theirs) and mine[at] != theirs[there]):
                break
            equal += 1
    return equal >= more


def shared_passages(
    mine: ComparedText, places: Sequence[int], segments: Sequence[int], theirs: Candidates, rarity: Rarity
) -> list[SharedPassage]:
    """What ``mine`` shares with passages of one other revision: exact runs first, then near segments.

    ``places`` are words of mine where a sampled k-gram starts that they have, ascending; ``segments`` those that are
    compared by their vectors, of which the ones that runs cover are left out.
    """
    exact = _exact(mine, places, theirs, rarity)
    return exact + _near(mine, segments, theirs, exact, rarity)


def is_overlap(passages: Sequence[SharedPassage]) -> bool:
    """Whether passages come to something that an owner should be told of."""
    return any(p.kind is PassageKind.EXACT for p in passages) or len(passages) >= NEAR_ALONE_MIN


def held(shared: Sequence[Sequence[str]], words: Sequence[str]) -> bool:
    """Whether a text of these ``words`` has most of the words that ``shared`` passages hold."""
    left: list[str] = []
    for passage in shared:
        left += [_GAP, *passage]
    covered = sum(run.length for run in tiles(left, words, shortest=NEAR_WORDS_MIN))
    return 2 * covered > sum(map(len, shared))


def _exact(mine: ComparedText, places: Sequence[int], theirs: Candidates, rarity: Rarity) -> list[SharedPassage]:
    left, index = _stretches(mine.words, places)
    right, words = _joined(theirs)
    found = []
    for run in tiles(left, right, shortest=RUN_WORDS_MIN):
        if run.length <= STOCK_PHRASE_WORDS_MAX and not _telling(left[run.left : run.left + run.length], rarity):
            continue
        first = index[run.left]
        found.append(
            SharedPassage(
                kind=PassageKind.EXACT,
                later_span=mine.words.span(first, first + run.length - 1),
                earlier_span=words.span(run.right, run.right + run.length - 1),
                words=run.length,
            )
        )
    return found


def _stretches(words: Words, places: Sequence[int]) -> tuple[list[str], list[int]]:
    """The words at and around the places, with a gap between stretches, and the number that each has in the text.

    A run goes on before its first sampled k-gram and after its last one by fewer words than there are in a window.
    """
    folded: list[str] = []
    index: list[int] = []
    more = WINDOW_KGRAMS - 1
    around = [Span(max(0, p - more), min(p + KGRAM_WORDS + more, len(words))) for p in places]
    for stretch in merge(around, gap=STRETCH_GAP_WORDS):
        folded += [_GAP, *words.folded[stretch.start : stretch.end]]
        index += [-1, *range(stretch.start, stretch.end)]
    return folded, index


def _joined(theirs: Candidates) -> tuple[list[str], Words]:
    """The words of all segments, with a gap where the next one isn't the neighbour; offsets are the revision's."""
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    before = None
    for segment in theirs.segments:
        if before is not None and segment.ordinal != before + 1:
            folded.append(_OTHER_GAP)
            starts.append(segment.span.start)
            ends.append(segment.span.start)
        words = fold_words(segment.text)
        folded += words.folded
        starts += [segment.span.start + s for s in words.starts]
        ends += [segment.span.start + e for e in words.ends]
        before = segment.ordinal
    return folded, Words(folded, starts, ends)


def _near(
    mine: ComparedText,
    segments: Sequence[int],
    theirs: Candidates,
    exact: Sequence[SharedPassage],
    rarity: Rarity,
) -> list[SharedPassage]:
    """Segments that are each other's nearest, that are very near, and whose rare words agree."""
    taken, given = merge(p.later_span for p in exact), merge(p.earlier_span for p in exact)
    rows = [s for s in segments if not _half_covered(mine.spans[s], taken)][:NEAR_SEGMENTS_MAX]
    free = (n for n, s in enumerate(theirs.segments) if not _half_covered(s.span, given))
    columns = [n for n, _ in zip(free, range(NEAR_SEGMENTS_MAX), strict=False)]
    if not rows or not columns:
        return []
    cosines = mine.vectors[rows] @ theirs.vectors[columns].T
    nearest, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
    found = []
    for row, column in enumerate(nearest.tolist()):
        if back[column] != row or cosines[row, column] < NEAR_COSINE_MIN:
            continue
        segment, other = rows[row], theirs.segments[columns[column]]
        if rare_words_agree(mine.words_of(segment), fold_words(other.text).folded, rarity):
            found.append(
                SharedPassage(kind=PassageKind.NEAR, later_span=mine.spans[segment], earlier_span=other.span, words=0)
            )
    return found


def rare_words_agree(words: Sequence[str], others: Sequence[str], rarity: Rarity) -> bool:
    """Whether two sentences name the same: most of the mass of all words stands in both, and of the rare ones too.

    Numbers are rare words: "on 12 May it rose by 3 feet" doesn't agree with another day's entry in the same book.
    """
    if min(len(words), len(others)) < NEAR_WORDS_MIN:
        return False
    mine, theirs = _masses(words, rarity), _masses(others, rarity)
    together, shared = mine | theirs, sorted(mine.keys() & theirs.keys())
    rare = sum(m for _, m in sorted(together.items()) if m >= TELLING)
    rare_shared = sum(together[w] for w in shared if together[w] >= TELLING)
    return (
        rare_shared > 0
        and rare_shared >= RARE_AGREED_MIN * rare
        and sum(together[w] for w in shared) >= ALL_AGREED_MIN * sum(m for _, m in sorted(together.items()))
    )


def _masses(words: Sequence[str], rarity: Rarity) -> dict[str, float]:
    return {stem(w): rarity(w) for w in words}


def _telling(words: Sequence[str], rarity: Rarity) -> bool:
    return any(rarity(w) >= TELLING for w in words)


def _half_covered(span: Span, spans: Sequence[Span]) -> bool:
    """Whether half of the characters or more lie in ``spans``, which are sorted and disjoint."""
    at = max(0, bisect_left(spans, span) - 1)
    covered = 0
    while at < len(spans) and spans[at].start < span.end:
        covered += max(0, min(span.end, spans[at].end) - max(span.start, spans[at].start))
        at += 1
    return 2 * covered >= len(span)
