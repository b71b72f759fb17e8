"""Which segments of a part earn nobody anything, whatever they resemble, and why.

Five reasons: the words came with the prompt; they speak of the answer (see `preamble`); they are in a language that the
encoder wasn't made for (see `language`); they are too common to tell a source by; they stand in so many works that they
are nobody's. Says nothing of who earns the rest, and reads no index:
the works that share a segment come in as a number.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provenance.attribution.evidence import Pair
from provenance.attribution.language import other_language
from provenance.attribution.lexical import Rarity
from provenance.attribution.preamble import preambles
from provenance.fingerprints.exact import repeated_words
from provenance.fingerprints.words import Words, fold_words
from provenance.kernel.span import Span

UNEARNED_IDENTITY = "unearned-1,function-words-1"

# A run that is shorter than this is shared by chance: "at the end of the day" stands in any two texts.
PROMPT_RUN_WORDS = 6
# Of a segment's words; more than this part of them came with the prompt.
PROMPT_PART_MAX = 0.5
# The sum of the rarities of a segment's words: "Once upon a time." has 8, a plain sentence of ten words about 25.
COMMON_PHRASE_RARITY_MAX = 10.0
BOILERPLATE_RUN_WORDS = 8
BOILERPLATE_WORKS_MIN = 5


class Reason(StrEnum):
    """Why a segment earns nobody anything, the strongest first."""

    PREAMBLE = "preamble"
    PROMPT_ECHO = "prompt_echo"
    LANGUAGE = "language"  # one that the encoder wasn't made for; runs of equal words count all the same
    BOILERPLATE = "boilerplate"
    COMMON_PHRASE = "common_phrase"  # on its own; it may follow a neighbour's source


@dataclass(frozen=True, slots=True, kw_only=True)
class Unearned:
    """Reasons by number of the segment; a segment without one may earn."""

    reasons: Mapping[int, Reason]

    @property
    def common(self) -> frozenset[int]:
        """Segments that may follow their neighbours, and never stand on their own."""
        return frozenset(n for n, reason in self.reasons.items() if reason is Reason.COMMON_PHRASE)


def unearned(
    text: str,
    spans: Sequence[Span],
    words: Sequence[Words],
    rarity: Rarity,
    *,
    prompt: str | None = None,
    works_sharing: Mapping[int, int] | None = None,
    said: Sequence[Span] | None = None,
) -> Unearned:
    """The reasons of the segments of ``text`` that have one; ``words`` holds the folded words of each of ``spans``.

    ``spans`` are those of `preamble.part_segments`. ``works_sharing`` counts, for a segment, the works that share
    a run of it (see `works_sharing_runs`). ``said`` are the `preambles` of ``text``, where they are known. Linear in
    text and prompt.
    """
    said = preambles(text) if said is None else said
    shared = works_sharing or {}
    echoed = echoes([w.folded for w in words], prompt) if prompt else frozenset()
    reasons: dict[int, Reason] = {}
    for number, span in enumerate(spans):
        before = bisect_right(said, span.start, key=lambda cut: cut.start)
        if before and span.end <= said[before - 1].end:
            reasons[number] = Reason.PREAMBLE
        elif number in echoed:
            reasons[number] = Reason.PROMPT_ECHO
        elif other_language(span.of(text), words[number].folded):
            reasons[number] = Reason.LANGUAGE
        elif shared.get(number, 0) >= BOILERPLATE_WORKS_MIN:
            reasons[number] = Reason.BOILERPLATE
        elif is_common(words[number].folded, rarity):
            reasons[number] = Reason.COMMON_PHRASE
    return Unearned(reasons=reasons)


def set_aside(spans: Sequence[Span], found: Unearned, given: Sequence[Span]) -> tuple[tuple[Reason, int], ...]:
    """How many characters each reason left to nobody; ``given`` are the spans that a work was given all the same."""
    starts = sorted((span.start, span.end) for span in given)
    counts: dict[Reason, int] = {}
    for number, reason in found.reasons.items():
        before = bisect_right(starts, spans[number].start, key=lambda span: span[0]) - 1
        if before < 0 or starts[before][1] < spans[number].end:
            counts[reason] = counts.get(reason, 0) + len(spans[number])
    return tuple((reason, counts[reason]) for reason in Reason if reason in counts)


def echoes(segments: Sequence[Sequence[str]], prompt: str) -> frozenset[int]:
    """Numbers of the segments most of whose folded words lie in runs of `PROMPT_RUN_WORDS` that the prompt has too.

    Runs go across segments, so that a long quotation is found whatever it was cut into.
    """
    words = [word for segment in segments for word in segment]
    repeated = repeated_words(words, fold_words(prompt).folded, run_words=PROMPT_RUN_WORDS)
    found, start = set(), 0
    for number, segment in enumerate(segments):
        if sum(repeated[start : start + len(segment)]) > PROMPT_PART_MAX * len(segment):
            found.add(number)
        start += len(segment)
    return frozenset(found)


def is_common(words: Sequence[str], rarity: Rarity) -> bool:
    """Whether the words are too few and too common to tell a source by; each counts once, however often it stands."""
    total = 0.0
    for word in sorted(set(words)):
        total += rarity(word)
        if total >= COMMON_PHRASE_RARITY_MAX:
            return False
    return True


def works_sharing_runs(pairs: Iterable[Pair]) -> dict[int, int]:
    """For each segment in ``pairs``, the most works that have one and the same run of `BOILERPLATE_RUN_WORDS` of it.

    Works that are copies of one another around the passage count as one: whoever copies a work a hundred times must not
    make boilerplate of it.
    """
    holders: dict[int, dict[int, set[int]]] = {}
    for pair in pairs:
        if pair.run is not None and pair.run.words >= BOILERPLATE_RUN_WORDS:
            places = holders.setdefault(pair.segment, {})
            for place in range(pair.run.first, pair.run.first + pair.run.words - BOILERPLATE_RUN_WORDS + 1):
                places.setdefault(place, set()).add(pair.copies)
    return {segment: max(map(len, places.values())) for segment, places in holders.items()}


def earning(pairs: Sequence[Pair], given: Mapping[int, str], found: Unearned) -> tuple[Pair, ...]:
    """The pairs that may count as evidence, in their order.

    ``given`` maps a segment to the work that it would be given to on its own evidence. A common phrase keeps the pairs
    of the works that its nearest neighbours with something to tell are given to, on either side; a segment in another
    language keeps those with a run of equal words; every other unearned segment loses all of its pairs.
    """
    followed = [_followed(found.common, given, found, step) for step in (-1, 1)]
    return tuple(p for p in pairs if _earns(p, found, followed))


def _earns(pair: Pair, found: Unearned, followed: Sequence[Mapping[int, str]]) -> bool:
    match found.reasons.get(pair.segment):
        case None:
            return True
        case Reason.LANGUAGE:
            return pair.run is not None and pair.run.words >= BOILERPLATE_RUN_WORDS
        case _:
            return any(works.get(pair.segment) == pair.work for works in followed)


def _followed(common: frozenset[int], given: Mapping[int, str], found: Unearned, step: int) -> dict[int, str]:
    """For each common phrase, the work of the next segment on one side (``step`` -1 or 1) that isn't one itself."""
    works: dict[int, str] = {}
    for number in sorted(common, reverse=step > 0):
        beside = number + step
        work = works.get(beside) if beside in common else given.get(beside)
        if work is not None and (beside in common or beside not in found.reasons):
            works[number] = work
    return works
