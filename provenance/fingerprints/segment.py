"""Cut a text into segments: sentences, with the offsets that they have in the original.

Rules, not a model, so that the same text gives the same segments on every machine and for ever. A change of any rule
is a change of `SEGMENTING`, and so of every snapshot and decision that names it.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from provenance.kernel.span import Span

SEGMENTING = "sentences-1"

SEGMENT_CHARS_MAX = 600
SEGMENT_CHARS_MIN = 24

_PARAGRAPH = regex.compile(r"\n[^\S\n]*\n\s*")
# A line that starts a list item, a heading or a table row stands for itself, also without a full stop.
_LINE_START = regex.compile(r"\n(?=[^\S\n]*(?:[-*+•‣▪#|>]|\p{N}{1,3}[.)]\s|```))")
# Tried once a run of stops and never backtracked into, so that a million dots in a row take linear time.
_SENTENCE_END = regex.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|[。！？][」』”]*|[؟।۔](?=\s)")
_ABBREVIATION = regex.compile(
    r"(?:^|[\s(\"“])(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|Fig|figs?|No|Nos|Vol|pp?|al|Inc|Ltd|Co|Corp|approx"
    r"|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|\p{Lu})\.$"
)
_STARTS_LOWER = regex.compile(r"\s+[\p{Ll}]")
_SOFT_BREAK = regex.compile(r"[;:,](?=\s)|\s[-–—](?=\s)")
_SPACE = regex.compile(r"\s")


def segment(text: str) -> list[Span]:
    """Spans of ``text`` in order, disjoint, trimmed of white space, each of 1 to `SEGMENT_CHARS_MAX` characters.

    Everything but white space is covered. Sentences below `SEGMENT_CHARS_MIN` join the next one of their paragraph, so
    that a heading or "Yes." doesn't stand for itself; only the last of a paragraph, which has no next, may stay short.
    """
    spans: list[Span] = []
    for paragraph in _pieces(text, Span(0, len(text)), _PARAGRAPH):
        sentences = [s for line in _pieces(text, paragraph, _LINE_START) for s in _sentences(text, line)]
        for sentence in _joined(sentences):
            spans.extend(_cut(text, sentence))
    return spans


def _pieces(text: str, within: Span, separator: regex.Pattern[str]) -> Iterator[Span]:
    start = within.start
    for found in separator.finditer(text, within.start, within.end):
        yield from _trimmed(text, start, found.start())
        start = found.end()
    yield from _trimmed(text, start, within.end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(start, end)


def _sentences(text: str, within: Span) -> Iterator[Span]:
    start = within.start
    for found in _SENTENCE_END.finditer(text, within.start, within.end):
        if found.end() >= within.end:
            break
        before = text[max(start, found.start() - 12) : found.start() + 1]
        if _ABBREVIATION.search(before) or _STARTS_LOWER.match(text, found.end()):
            continue
        yield from _trimmed(text, start, found.end())
        start = found.end()
    yield from _trimmed(text, start, within.end)


def _joined(sentences: list[Span]) -> Iterator[Span]:
    waiting: Span | None = None
    for sentence in sentences:
        waiting = sentence if waiting is None else Span(waiting.start, sentence.end)
        if len(waiting) >= SEGMENT_CHARS_MIN:
            yield waiting
            waiting = None
    if waiting is not None:
        yield waiting


def _cut(text: str, sentence: Span) -> Iterator[Span]:
    start = sentence.start
    while sentence.end - start > SEGMENT_CHARS_MAX:
        # Look for a soft break in the second half of what may stand; else a space; else cut in the middle of a word.
        half, limit = start + SEGMENT_CHARS_MAX // 2, start + SEGMENT_CHARS_MAX
        ends = [m.end() for m in _SOFT_BREAK.finditer(text, half, limit)]
        ends = ends or [m.start() for m in _SPACE.finditer(text, half, limit)] or [limit]
        yield from _trimmed(text, start, ends[-1])
        start = ends[-1]
    yield from _trimmed(text, start, sentence.end)
