"""What a text was found to derive from, for a person and for a program. Nothing of it is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from provenance.attribution.decision import Match, PartDecision
from provenance.attribution.shares import Attribution, roll_up
from provenance.cli.highlight import Mark, footnote, highlighted
from provenance.cli.render import confidence, console, fields, percent, print_text, table
from provenance.cli.visible import excerpt, visible
from provenance.kernel.parts import WHOLE_PPB, WHOLE_PPM
from provenance.kernel.span import Span
from provenance.services.amounts import share_view
from provenance.services.ports import Database
from provenance.services.records import DecidedBy
from provenance.services.views import match_view, work_view
from provenance.sources.work import Work

EXCERPT_CHARS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A decision on a text with all that is shown beside it; sources come with the largest share first."""

    text: str
    attributions: tuple[Attribution, ...]
    spans: Mapping[str, tuple[Span, ...]]
    works: Mapping[str, Work]
    excerpts: Mapping[Match, str]
    decided_by: DecidedBy

    @property
    def unattributed_ppb(self) -> int:
        """The share of nobody."""
        return WHOLE_PPB - sum(a.share_ppb for a in self.attributions)


def load(database: Database, text: str, decision: PartDecision, decided_by: DecidedBy) -> Found:
    """Look up the works and the words of each match."""
    attributions = by_share(roll_up([decision]).attributions)
    matches = [m for a in attributions for _, m in a.matches]
    with database.begin() as work:
        works = work.works.many({a.work for a in attributions})
        texts = {revision: work.works.text(revision) or "" for revision in {m.revision for m in matches}}
    return Found(
        text=text,
        attributions=attributions,
        spans={f.work: f.spans for f in decision.findings},
        works=works,
        excerpts={m: m.source_span.of(texts[m.revision]) for m in matches},
        decided_by=decided_by,
    )


def by_share(attributions: Iterable[Attribution]) -> tuple[Attribution, ...]:
    """Largest share first: the order in which sources are numbered."""
    return tuple(sorted(attributions, key=lambda a: (-a.share_ppb, a.work)))


def kinds(attribution: Attribution) -> str:
    """How its matches resemble the source: ``2 exact, 1 semantic``."""
    counts = Counter(m.kind.value for _, m in attribution.matches)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def show(found: Found) -> None:
    """Print the text with its spans, its sources, every match, and what decided."""
    out = console()
    numbered = list(enumerate(found.attributions, start=1))
    marks = [Mark(span, number) for number, a in numbered for span in found.spans[a.work]]
    print_text(out, highlighted(found.text, marks).append("\n"))
    rows = [
        (footnote(n), percent(a.share_ppb), confidence(a.confidence_ppm), kinds(a), _named(found.works[a.work]))
        for n, a in numbered
    ]
    rows.append((Text(""), percent(found.unattributed_ppb), "", "", Text("unattributed")))
    out.print(table("Sources", ("", ">share", ">confidence", "matches", "work"), rows))
    for number, attribution in numbered:
        for _, match in attribution.matches:
            _show_match(out, number, match, found.excerpts[match])
    out.print("")
    by = found.decided_by
    out.print(fields([("encoder", by.encoder), ("snapshot", by.snapshot), ("calibration", by.calibration)]))


def view(found: Found) -> dict[str, Any]:
    """The same for a program; spans count characters of the text."""
    return {
        "chars": len(found.text),
        "attributions": [
            {
                "work": work_view(found.works[a.work]),
                "share": share_view(a.share_ppb),
                "share_ppb": a.share_ppb,
                "confidence": a.confidence_ppm / WHOLE_PPM,
                "spans": [[s.start, s.end] for s in found.spans[a.work]],
                "matches": [{**match_view(m), "source_excerpt": found.excerpts[m]} for _, m in a.matches],
            }
            for a in found.attributions
        ],
        "unattributed": {"share": share_view(found.unattributed_ppb), "share_ppb": found.unattributed_ppb},
        "decided_by": {
            "encoder": found.decided_by.encoder,
            "snapshot": found.decided_by.snapshot,
            "calibration": found.decided_by.calibration,
        },
    }


def _named(work: Work) -> Text:
    return Text.assemble(visible(work.title), "\n", (work.id, "dim"))


def _show_match(out: Console, number: int, match: Match, source: str) -> None:
    span = match.part_span
    place = f" {match.kind.value:<8} {span.start}-{span.end} ({match.probability_ppm / WHOLE_PPM:.2f}): "
    out.print(Text.assemble(footnote(number), place, (excerpt(source, EXCERPT_CHARS), "italic")), soft_wrap=True)
