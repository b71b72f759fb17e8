"""Say in plain English what a match or a share rests on: evidence of reuse, and no more than its figures say.

The same figures give the same words. No text of an output or a work is quoted, so that nothing of it can be leaked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from provenance.attribution.decision import Match, MatchKind
from provenance.attribution.given import given_spans
from provenance.attribution.shares import Attribution
from provenance.attribution.unearned import Reason
from provenance.kernel.parts import WHOLE_PPB, WHOLE_PPM
from provenance.kernel.span import Span

REASON_WORDS = {
    Reason.PREAMBLE: "for words that speak of the answer",
    Reason.PROMPT_ECHO: "for words that came with the prompt",
    Reason.LANGUAGE: "for a language that the encoder was not made for, in which only runs of equal words count",
    Reason.BOILERPLATE: "for words that stand in many works and are nobody's",
    Reason.COMMON_PHRASE: "for phrases that are too common to tell a source by",
}
KIND_WORDS: Mapping[MatchKind, str] = {
    MatchKind.EXACT: "word for word",
    MatchKind.NEAR: "mostly in the same words",
    MatchKind.SEMANTIC: "in other words",
}
RUN_TOLD_MIN = 4  # fewer words in a row are often chance
SIMILAR_PPM_MIN = 500_000  # from this cosine on, a passage is called similar in meaning
LIKELY_PPM_MIN = 750_000  # below this probability, a match is called uncertain on its own

_STAND = "stand in the source passage too"
_NO_RUN = "The same words stand in a row."
_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What an attribution rests on: one text for its share, and one for each of its matches, in their order."""

    share: str
    matches: tuple[str, ...]


def explain_attribution(attribution: Attribution, texts: Sequence[str]) -> Explained:
    """Explain a share and its matches; ``texts`` are those of the generation's parts, in order."""
    spans = {
        part: given_spans(texts[part], [m for p, m in attribution.matches if p == part])
        for part in {p for p, _ in attribution.matches}
    }
    return Explained(share=explain_share(attribution), matches=explain_matches(attribution.matches, spans))


def explain_share(attribution: Attribution) -> str:
    """How much of the output a work has, by how many passages of which kinds, and how sure that is."""
    portion = _capital(_portion(attribution.share_ppb))
    passages = _passages([m.kind for _, m in attribution.matches])
    sure = f"Of attributions this sure, {_in_hundred(attribution.confidence_ppm)} are expected to be right."
    return f"{portion} of the output is attributed to this work, as evidence of reuse: {passages}. {sure}"


def explain_unattributed(share_ppb: int, set_aside: Sequence[tuple[Reason, int]] = ()) -> str:
    """What the share of nobody means; ``set_aside`` counts characters that are nobody's whatever they resemble."""
    if not share_ppb:
        return "No part of the output is left without a source."
    said = [f"For {_portion(share_ppb)} of the output, no registered work was found with enough evidence."]
    if set_aside:
        reasons = [f"{_count(chars, 'character')} {REASON_WORDS[reason]}" for reason, chars in set_aside]
        said.append(f"Set aside whatever they resemble: {'; '.join(reasons)}.")
    return " ".join(said)


def explain_matches(matches: Sequence[tuple[int, Match]], spans: Mapping[int, Sequence[Span]]) -> tuple[str, ...]:
    """One text a match, in their order.

    ``matches`` are all those of one work, each with the number of its part; ``spans`` holds, for each part, the spans
    that count in the work's share, in order. Within such a span, one match follows on another.
    """
    places: dict[tuple[int, int], list[int]] = {}
    for number, (part, match) in enumerate(matches):
        holding = bisect_right(spans[part], match.part_span.start, key=lambda s: s.start)
        places.setdefault((part, holding), []).append(number)
    explained = [""] * len(matches)
    for numbers in places.values():
        in_order = sorted(numbers, key=lambda n: matches[n][1].part_span)
        for place, number in enumerate(in_order):
            before, after = place > 0, place < len(in_order) - 1
            explained[number] = explain_match(matches[number][1], before=before, after=after)
    return tuple(explained)


def explain_match(match: Match, *, before: bool, after: bool) -> str:
    """What one match rests on; ``before`` and ``after`` say whether the sentence there points to the same work."""
    sentence = _likeness(match)
    around = _around(before=before, after=after)
    uncertain = "on its own this match is uncertain" if match.probability_ppm < LIKELY_PPM_MIN else ""
    second = "; ".join(clause for clause in (around, uncertain) if clause)
    return f"{sentence} {_capital(second)}." if second else sentence


def _likeness(match: Match) -> str:
    run, found = match.run_words, _part_found(match.lexical_ppm)
    if match.kind is MatchKind.EXACT:
        return f"{_capital(_count(run, 'word'))} in a row {'is' if run == 1 else 'are'} the same." if run else _NO_RUN
    in_a_row = f", {_number(run)} of them in a row" if run >= RUN_TOLD_MIN else ""
    if match.kind is MatchKind.NEAR:
        return f"Mostly the same words: {found} of them, rare ones counting more, {_STAND}{in_a_row}."
    alike = "Similar in meaning, in other words" if match.dense_ppm >= SIMILAR_PPM_MIN else "Only loosely alike"
    similarity = f"similarity {100 * match.dense_ppm // WHOLE_PPM / 100:.2f} of 1"
    return f"{alike} ({similarity}); {found} of its words, rare ones counting more, {_STAND}{in_a_row}."


def _around(*, before: bool, after: bool) -> str:
    if before and after:
        return "the sentences before and after it point to the same work"
    if before or after:
        return f"the sentence {'before' if before else 'after'} it points to the same work"
    return ""


def _passages(kinds: Sequence[MatchKind]) -> str:
    counts = Counter(kinds)
    told = [f"{_number(counts[kind])} {words}" for kind, words in KIND_WORDS.items() if counts[kind]]
    if not told:
        return "no single passage is recorded"
    if len(counts) == 1:
        return f"{_count(len(kinds), 'passage')} {told[0].split(' ', 1)[1]}"
    return f"{_count(len(kinds), 'passage')}, {', '.join(told[:-1])} and {told[-1]}"


def _portion(ppb: int) -> str:
    """Parts per billion in words: never rounded to nothing, nor to all."""
    if ppb in (0, WHOLE_PPB):
        return "all" if ppb else "nothing"
    percent = f"{100 * ppb / WHOLE_PPB:.1f}"
    return {"0.0": "less than 0.1 %", "100.0": "more than 99.9 %"}.get(percent, f"{percent} %")


def _in_hundred(ppm: int) -> str:
    """Millionths of a probability as a frequency, never as certainty."""
    hundredths = 100 * ppm // WHOLE_PPM
    if hundredths >= 99:
        return "at least 99 in 100"
    return f"about {hundredths} in 100" if hundredths else "fewer than 1 in 100"


def _part_found(ppm: int) -> str:
    tenths = (20 * ppm + WHOLE_PPM) // (2 * WHOLE_PPM)
    if tenths <= 0:
        return "hardly any"
    if tenths >= 10:
        return "all" if ppm >= WHOLE_PPM else "nearly all"
    part = Fraction(tenths, 10)
    return f"about {part.numerator} in {part.denominator}"


def _count(number: int, noun: str) -> str:
    return f"{_number(number)} {noun}" if number == 1 else f"{_number(number)} {noun}s"


def _number(number: int) -> str:
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
