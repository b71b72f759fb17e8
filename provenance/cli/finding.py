"""What a text was found to derive from, for a person and for a program. Nothing of it is recorded."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.text import Text

from provenance.attribution.shares import Attribution
from provenance.cli.highlight import Mark, footnote, highlighted
from provenance.cli.render import confidence, console, fields, percent, print_text, table
from provenance.cli.visible import excerpt, visible
from provenance.kernel.parts import WHOLE_PPM
from provenance.services.amounts import share_view
from provenance.services.found import Found, FoundMatch, FoundSource
from provenance.services.views import match_view, work_view
from provenance.sources.work import Work

EXCERPT_CHARS = 100


def kinds(attribution: Attribution) -> str:
    """How its matches resemble the source: ``2 exact, 1 semantic``."""
    counts = Counter(m.kind.value for _, m in attribution.matches)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def show(found: Found) -> None:
    """Print the text with its spans, its sources, every match with what it rests on, and what decided."""
    out = console()
    numbered = list(enumerate(found.sources, start=1))
    marks = [Mark(span, number) for number, source in numbered for span in source.spans]
    print_text(out, highlighted(found.text, marks).append("\n"))
    rows = [_row(number, source) for number, source in numbered]
    rows.append((Text(""), percent(found.unattributed_ppb), "", "", Text("unattributed")))
    out.print(table("Sources", ("", ">share", ">confidence", "matches", "work"), rows))
    for number, source in numbered:
        out.print(Text.assemble(footnote(number), f" {source.explanation}"), soft_wrap=not out.is_terminal)
        for match in source.matches:
            _show_match(out, number, match)
    if found.unattributed_ppb:
        out.print(found.unattributed, soft_wrap=not out.is_terminal)
    out.print("")
    by = found.decided_by
    out.print(fields([("encoder", by.encoder), ("snapshot", by.snapshot), ("calibration", by.calibration)]))


def view(found: Found) -> dict[str, Any]:
    """The same for a program; spans count characters of the text."""
    return {
        "chars": len(found.text),
        "attributions": [
            {
                "work": work_view(source.work),
                "share": share_view(source.attribution.share_ppb),
                "share_ppb": source.attribution.share_ppb,
                "confidence": source.attribution.confidence_ppm / WHOLE_PPM,
                "explanation": source.explanation,
                "spans": [[s.start, s.end] for s in source.spans],
                "matches": [
                    {**match_view(m.match), "explanation": m.explanation, "source_excerpt": m.source_words}
                    for m in source.matches
                ],
            }
            for source in found.sources
        ],
        "unattributed": {
            "share": share_view(found.unattributed_ppb),
            "share_ppb": found.unattributed_ppb,
            "explanation": found.unattributed,
        },
        "decided_by": {
            "encoder": found.decided_by.encoder,
            "snapshot": found.decided_by.snapshot,
            "calibration": found.decided_by.calibration,
        },
    }


def _row(number: int, source: FoundSource) -> tuple[object, ...]:
    share = source.attribution
    sure = confidence(share.confidence_ppm)
    return footnote(number), percent(share.share_ppb), sure, kinds(share), _named(source.work)


def _named(work: Work) -> Text:
    return Text.assemble(visible(work.title), "\n", (work.id, "dim"))


def _show_match(out: Console, number: int, found: FoundMatch) -> None:
    match, span = found.match, found.match.part_span
    place = f" {match.kind.value:<8} {span.start}-{span.end} ({match.probability_ppm / WHOLE_PPM:.2f}): "
    words = (excerpt(found.source_words, EXCERPT_CHARS), "italic")
    out.print(Text.assemble(footnote(number), place, words), soft_wrap=True)
    out.print(Text(f"    {found.explanation}", style="dim"), soft_wrap=not out.is_terminal)
