"""Texts with their attributed spans marked: in «» with the source's number, and in its colour where there is colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from provenance.attribution.decision import Match
from provenance.attribution.preamble import part_segments
from provenance.cli.visible import visible
from provenance.kernel.span import Span, merge

# Far apart for most eyes; the numbers tell them apart for all. After the last one they start again.
COLOURS = ("cyan", "magenta", "yellow", "green", "bright_blue", "red", "bright_cyan", "bright_magenta")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A span of a text that derives from the source with this number (from 1)."""

    span: Span
    number: int


def source_style(number: int) -> str:
    """The style of a source's spans and of its number."""
    return f"bold {COLOURS[(number - 1) % len(COLOURS)]}"


def footnote(number: int) -> Text:
    """``[3]`` in the source's colour."""
    return Text(f"[{number}]", style=source_style(number))


def highlighted(text: str, marks: Iterable[Mark]) -> Text:
    """The text with its marks. Where marks overlap, the one that starts first keeps the characters."""
    made, position = Text(), 0
    for mark in sorted(marks):
        start = max(position, mark.span.start)
        if start >= mark.span.end:
            continue
        style = source_style(mark.number)
        made.append(visible(text[position:start], lines=True))
        made.append(f"«{visible(text[start : mark.span.end], lines=True)}»", style=style)
        made.append_text(footnote(mark.number))
        position = mark.span.end
    return made.append(visible(text[position:], lines=True))


def given_spans(text: str, matches: Sequence[Match]) -> tuple[Span, ...]:
    """The spans that count in the share of these matches' work: each segment of ``text`` that holds one of them.

    A match may be narrower than its segment: of an exact one, only the equal words.
    """
    starts = sorted(m.part_span.start for m in matches)
    spans, place = [], 0
    for span in part_segments(text):
        while place < len(starts) and starts[place] < span.start:
            place += 1
        if place < len(starts) and starts[place] < span.end:
            spans.append(span)
    return merge(spans, gap=1)
