"""Which spans of a text count in the share of a work, from the matches that were recorded and the text alone."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.attribution.decision import Match
from provenance.attribution.preamble import part_segments
from provenance.kernel.span import Span, merge


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
