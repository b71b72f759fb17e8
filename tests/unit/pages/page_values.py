"""Texts, works and matches for pages, and hostile words of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lxml.html

from provenance.attribution.decision import Match, MatchKind
from provenance.attribution.explain import explain_unattributed
from provenance.attribution.shares import Attribution
from provenance.kernel.parts import WHOLE_PPB
from provenance.kernel.span import Span
from provenance.services.found import Found, FoundMatch, FoundSource
from provenance.services.records import DecidedBy
from provenance.sources.work import Work

HOSTILE = (
    "</style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>"
    " {{ 7*7 }} {% raw %} javascript:alert(1) &lt;b&gt; \u202etxet\u2066 \x00\x07\x1b[31m \u2028 \ud800 ]]>--><!-- "
)


def parse(page: str) -> Any:
    """The page as a tree of elements."""
    return lxml.html.document_fromstring(page)


def structure(tree: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Every element with the names of its attributes: what no hostile word may change."""
    return [(e.tag, tuple(sorted(e.attrib))) for e in tree.iter() if isinstance(e.tag, str)]


def match(span: Span, kind: MatchKind = MatchKind.EXACT) -> Match:
    return Match(
        part_span=span,
        work="w",
        revision="r",
        source_span=Span(10, 20),
        kind=kind,
        probability_ppm=987_654,
        dense_ppm=765_432,
        lexical_ppm=543_210,
        run_words=1_234,
    )


def source(
    name: str, spans: Sequence[Span], matches: Sequence[Span], *, share_ppb: int = 0, words: str = "words of it"
) -> FoundSource:
    found = [match(s) for s in matches]
    return FoundSource(
        work=_work(name),
        attribution=Attribution(
            work=name, share_ppb=share_ppb, confidence_ppm=1_000_000, matches=tuple((0, m) for m in found)
        ),
        explanation=f"Why {name}.",
        spans=tuple(spans),
        matches=tuple(
            FoundMatch(
                match=m,
                explanation=f"Why match {number}.",
                source_before="before it ",
                source_words=words,
                source_after=" after it",
                source_chars=1_000,
            )
            for number, m in enumerate(found)
        ),
    )


def _work(name: str) -> Work:
    """A work as a program might have recorded it that took any title."""
    work = object.__new__(Work)
    for field, value in {
        "id": "work_0",
        "registrant": "library",
        "source_id": "any",
        "title": name,
        "author": f"Author of {name}",
    }.items():
        object.__setattr__(work, field, value)
    return work


def found(text: str, *sources: FoundSource) -> Found:
    return Found(
        text=text,
        sources=sources,
        unattributed_ppb=(nobody := WHOLE_PPB - sum(s.attribution.share_ppb for s in sources)),
        unattributed=explain_unattributed(nobody),
        decided_by=DecidedBy(encoder="encoder-7", snapshot="5a5a", calibration="ca11"),
    )
