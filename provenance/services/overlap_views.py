"""Overlaps as plain JSON objects, seen from one side: what an owner is told, and nothing of the other's text.

Both are told which work had the words first on record, and since when. The excerpt is the side's own; of the other
work there is its name, who registered it, and where in it the passages stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from provenance.kernel.parts import WHOLE_PPM
from provenance.kernel.span import Span
from provenance.services.facts import utc
from provenance.services.ports import UnitOfWork
from provenance.services.records import Recorded
from provenance.services.views import View
from provenance.sources.overlap import Overlap, Side
from provenance.sources.work import Work

EXCERPT_CHARS_MAX = 300


def overlap_views(
    work: UnitOfWork, overlaps: Sequence[Recorded[Overlap]], *, of_work: str | None = None, party: str | None = None
) -> list[View]:
    """Overlaps from the side of a work, or of a party's works; else from that of the text that was registered later."""
    mine = {w for r in overlaps for w in _works(r.fact) if of_work == w or (party and work.works.belongs(w, party))}
    named = work.works.many({w for r in overlaps for w in _works(r.fact)})
    dates = {r.fact.id: r.recorded_at for w in sorted(named) for r in work.works.revisions(w)}
    turned = partial(_is_turned, mine=mine)
    return [_view(work, recorded, named, dates, turned=turned(recorded.fact)) for recorded in overlaps]


def side_view(side: Side, entity: Work, since: datetime) -> View:
    """One side: the work by its name (not by the registrant's own id of it), how much is shared, since when."""
    return {
        "id": entity.id,
        "title": entity.title,
        "author": entity.author,
        "registrant": entity.registrant,
        "revision": side.revision,
        "since": utc(since),
        "shared_chars": side.shared_chars,
        "covered": side.covered_ppm / WHOLE_PPM,
    }


def _works(overlap: Overlap) -> tuple[str, str]:
    return overlap.later.work, overlap.earlier.work


def _is_turned(overlap: Overlap, *, mine: set[str]) -> bool:
    """Whether it is seen from the side of the text that was registered earlier."""
    return overlap.earlier.work in mine and overlap.later.work not in mine


def _view(
    work: UnitOfWork,
    recorded: Recorded[Overlap],
    named: Mapping[str, Work],
    dates: Mapping[str, datetime],
    *,
    turned: bool,
) -> View:
    overlap = recorded.fact
    sides = [overlap.later, overlap.earlier]
    passages = [(p, p.later_span, p.earlier_span) for p in overlap.passages]
    if turned:
        sides.reverse()
        passages = sorted(((p, theirs, own) for p, own, theirs in passages), key=lambda p: (p[1], p[2]))
    longest = max((own for _, own, _ in passages), key=len)
    views = [side_view(side, named[side.work], dates[side.held_from]) for side in sides]
    return {
        "id": overlap.id,
        "recorded_at": utc(recorded.recorded_at),
        "kind": overlap.kind.value,
        "near_duplicate": overlap.near_duplicate,
        "work": views[0],
        "other": views[1],
        "first": overlap.first,
        "excerpt": work.works.excerpt(sides[0].revision, _start_of(longest)),
        "passages": [
            {"kind": p.kind.value, "span": [own.start, own.end], "other_span": [o.start, o.end], "words": p.words}
            for p, own, o in passages
        ],
        "passages_found": overlap.passages_found,
        "found_by": {
            "method": overlap.found_by.method,
            "encoder": overlap.found_by.encoder,
            "snapshot": overlap.found_by.snapshot,
        },
    }


def _start_of(span: Span) -> Span:
    return Span(span.start, min(span.end, span.start + EXCERPT_CHARS_MAX))
