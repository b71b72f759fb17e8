"""What a model says about its answer and not in it: "Here is the rewritten text:", "I hope this helps!".

Rules over folded words, not a model, and precise rather than greedy: what they take is left to nobody, whatever it
resembles. They look at how a part begins and ends, and at lines of their own that end in a colon, where paragraphs were
put together. A story that begins "Here is the house where I was born." says nothing of an answer, and stays whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from provenance.fingerprints.segment import segment
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span, merge

LEAD_CHARS_MAX = 240
LEAD_WORDS_MAX = 30
OPENINGS_MAX = 3
CLOSINGS_MAX = 4

_ASSENT = r"(?:(?:sure thing|sure|certainly|absolutely|of course|okay|ok|great|understood|no problem|got it) )"
_HERE = r"(?:here (?:is|are|s|re)|below (?:is|are)|the following (?:is|are)|this is|these are)"
# What was done to a text, and what such a thing is called: neither alone says that an answer is meant.
_DONE = (
    r"(?:re(?:written|vised|phrased|worded|formulated|styled|vamped|worked|stated|structured|told|fined)|paraphrased"
    r"|transformed|modified|improved|edited|polished|condensed|shortened|expanded|simplified|summari[sz]ed|translated"
    r"|corrected|updated|adapted|enhanced|proofread|alternative|refreshed)"
)
_THING = (
    r"(?:text|passage|paragraph|content|version|sentences?|code|function|article|essay|story|poem|email|draft|response"
    r"|answer|description|abstract|review|piece|snippet|chapter|output)"
)
_RESULT = r"(?:version|rewrite|rewriting|rewording|paraphrase|rephrasing|restatement|revision|summary|translation)"
_YOURS = r"(?:your|(?:the )?(?:given|provided|original|requested)|you (?:gave|provided|asked|requested|sent|wanted))"
_ANY = r"(?:\w+ ){0,12}?"
_ANY_HERE = rf"{_ASSENT}?{_HERE} {_ANY}"

# A line of its own, or the very first words, up to a colon. Each pattern sees words, each with a space after it. After
# words of assent it is an answer in any case: "Sure! Here's a summary of the evidence:".
_LEADS = tuple(
    regex.compile(rf"^{pattern}$", regex.V0)
    for pattern in (
        rf"{_ASSENT}(?:{_HERE} {_ANY}(?:{_RESULT}|{_THING}) {_ANY}|here (?:it is|you go|you are) )",
        rf"(?:the |my |your |a |an )?{_DONE} (?:{_THING}|{_RESULT}) (?:below |as follows )?",
        r"re(?:written|vised|phrased|worded) ",
        rf"{_ANY_HERE}{_DONE} (?:{_ANY}{_THING}|{_RESULT}) {_ANY}",
        rf"{_ANY_HERE}{_THING} {_DONE} {_ANY}",
        rf"{_ANY_HERE}{_RESULT} (?:of|for) (?:the |this |that )?(?:{_YOURS} )?(?:\w+ )?{_THING} {_ANY}",
        rf"{_ANY_HERE}{_RESULT} (?:of|for) {_YOURS} {_ANY}",
        rf"{_ASSENT}?{_HERE} (?:a|an|the|my|your) (?:\w+ ){{1,7}}(?:version|rewrite|rewording|paraphrase) ",
        rf"{_ANY_HERE}{_THING} (?:with|in) (?:a|an) (?:more |less )?\w+ (?:tone|style|voice) {_ANY}",
        rf"{_ANY_HERE}(?:way|ways) to (?:re)?(?:express|phrase|write|word|say) {_ANY}",
        rf"the {_THING} {_DONE} {_ANY}(?:is )?(?:as follows|below) ",
    )
)
_HELP = r"(?:help|assist|rewrite|rephrase|revise|summari[sz]e|fulfil+|comply|provide|complete)"
# Sentences that say who speaks, or what they would or can't do.
_OPENINGS = tuple(
    regex.compile(rf"^{_ASSENT}?{pattern}", regex.V0)
    for pattern in (
        r"(?:\w+ ){0,4}?as an? (?:ai|(?:large )?language model) ",
        rf"i (?:d|would|ll|will) be (?:very |more than )?(?:happy|glad|pleased) to {_HELP} (?:\w+ ){{0,9}}$",
        r"i can (?:certainly |definitely )?help (?:you )?with that $",
        rf"i (?:m|am) sorry (?:but )?(?:i )?(?:can t|cannot|can not|m unable to|am unable to) {_HELP} ",
    )
)
_MORE = (
    r"(?:changes?|adjustments?|revisions?|edits?|questions?|help|assistance|version|details?|information|tweaks?|else)"
)
_KNOW = r"(?:let me know|feel free|just (?:ask|let)|i m here|i am here)"
_AGAIN = r"(?:re\w+|edit|adjust|change|modify|expand|shorten|summari[sz]e|provide|make)"
_NEEDS = r"(?:meets|fits|suits) your (?:needs|requirements|expectations)"
_CLOSINGS = tuple(
    regex.compile(rf"^(?:please )?{pattern}", regex.V0)
    for pattern in (
        rf"i hope (?:this|that) (?:helps|is helpful|{_NEEDS}) (?:you )?$",
        rf"let me know if (?:you|there|i|this|that) (?:\w+ ){{0,14}}?{_MORE} ",
        r"let me know if you (?:d|would) like me to ",
        rf"(?:feel free|don t hesitate|do not hesitate) to (?:ask|reach out|let me know) (?:\w+ ){{0,12}}?{_MORE} ",
        rf"would you like me to (?:\w+ ){{0,8}}?{_AGAIN} ",
        r"is there anything else (?:i can|you d like me to|you would like me to|you need help) ",
        rf"if you (?:have|need|d like|would like|want) (?:\w+ ){{0,10}}?{_MORE} (?:\w+ ){{0,10}}?{_KNOW} ",
    )
)
_LINE = regex.compile(r"[^\n]+")
_MARKUP = "*_#>`~\"'“”‘’ \t"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCut:
    """The segments of a part, and the characters that speak of the answer: whole segments, in order and disjoint."""

    spans: Sequence[Span]
    said: tuple[Span, ...]


def cut_part(text: str) -> PartCut:
    """Cut a part: the segments of `segment`, with what speaks of the answer cut out as segments of its own."""
    spans = segment(text)
    said = _preambles(text, spans)
    return PartCut(spans=apart(text, spans, said), said=said)


def part_segments(text: str) -> list[Span]:
    """The segments of a part."""
    return list(cut_part(text).spans)


def preambles(text: str) -> tuple[Span, ...]:
    """Characters of ``text`` that speak of the answer, in order and disjoint.

    They need not be whole segments: a lead that stands in one line with the first sentence ends after its
    colon. `apart` makes segments of them. Linear in the text.
    """
    return _preambles(text, segment(text))


def _preambles(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    return merge([*_openings(text, spans), *_own_lines(text), *_closings(text, spans)])


def apart(text: str, spans: Sequence[Span], cuts: Sequence[Span]) -> list[Span]:
    """The segments ``spans`` of ``text``, cut where a span of ``cuts`` (disjoint, sorted) starts or ends."""
    edges = sorted({edge for cut in cuts for edge in (cut.start, cut.end)})
    result: list[Span] = []
    after = 0
    for span in spans:
        while after < len(edges) and edges[after] <= span.start:
            after += 1
        inside = after
        while inside < len(edges) and edges[inside] < span.end:
            inside += 1
        bounds = [span.start, *edges[after:inside], span.end]
        result += [trimmed for start, end in pairwise(bounds) if len(trimmed := _trimmed(text, start, end))]
    return result


def _openings(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    for span in spans[:OPENINGS_MAX]:
        lead = _lead(text, span)
        if lead is not None:
            yield lead
            return
        if not _matches(_words(span.of(text)), _OPENINGS):
            return
        yield span


def _lead(text: str, span: Span) -> Span | None:
    """What comes before the first colon of a segment, where it leads over to the answer."""
    limit = min(span.end, span.start + LEAD_CHARS_MAX)
    colon = text.find(":", span.start, limit)
    if colon < 0 or not _is_lead(text[span.start : colon]):
        return None
    return _trimmed(text, span.start, _after_markup(text, colon + 1, span.end))


def _own_lines(text: str) -> Iterator[Span]:
    for found in _LINE.finditer(text):
        line = found.group().rstrip(_MARKUP)
        if line.endswith(":") and len(line) <= LEAD_CHARS_MAX and _is_lead(line):
            yield _trimmed(text, found.start(), found.end())


def _closings(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    for span in reversed(spans[1:][-CLOSINGS_MAX:]):
        if not _matches(_words(span.of(text)), _CLOSINGS):
            return
        yield span


def _is_lead(line: str) -> bool:
    return _matches(_words(line), _LEADS)


def _matches(words: str, patterns: Sequence[regex.Pattern[str]]) -> bool:
    return any(pattern.match(words) for pattern in patterns)


def _words(text: str) -> str:
    """Folded words with a space after each; empty where there are too many for a lead."""
    folded = fold_words(text[: 2 * LEAD_CHARS_MAX]).folded
    return "".join(f"{word} " for word in folded) if len(folded) <= LEAD_WORDS_MAX else ""


def _after_markup(text: str, start: int, end: int) -> int:
    """Past the asterisks that close what the lead opened: ``**Rewritten version:** The fox ...``."""
    while start < end and text[start] in "*_":
        start += 1
    return start


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
