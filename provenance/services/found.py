"""What a text was found to derive from, with the works and the words of both sides. Records nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from provenance.attribution.decision import Match, PartDecision
from provenance.attribution.explain import explain_attribution, explain_unattributed
from provenance.attribution.shares import Attribution, roll_up
from provenance.kernel.span import Span
from provenance.services.ports import Database
from provenance.services.records import DecidedBy
from provenance.sources.work import Work

CONTEXT_CHARS = 160  # of the source before and after a match


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMatch:
    """A match, what it rests on, and its words in the source between those around them.

    ``source_chars`` counts the characters of the whole revision.
    """

    match: Match
    explanation: str
    source_before: str
    source_words: str
    source_after: str
    source_chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSource:
    """A work with its share, the spans of the text that count in it, and every match."""

    work: Work
    attribution: Attribution
    explanation: str
    spans: tuple[Span, ...]
    matches: tuple[FoundMatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A decision on a text with all that is shown beside it; sources come with the largest share first."""

    text: str
    sources: tuple[FoundSource, ...]
    unattributed_ppb: int
    unattributed: str
    decided_by: DecidedBy


def load_found(database: Database, text: str, decision: PartDecision, decided_by: DecidedBy) -> Found:
    """Look up the works and the words of each match."""
    shares = roll_up([decision])
    spans = {f.work: f.spans for f in decision.findings}
    revisions = {m.revision for f in decision.findings for m in f.matches}
    with database.begin() as work:
        works = work.works.many(set(spans))
        texts = {revision: work.works.text(revision) or "" for revision in revisions}
    sources = []
    for attribution in by_share(shares.attributions):
        explained = explain_attribution(attribution, [text])
        pairs = zip(attribution.matches, explained.matches, strict=True)
        sources.append(
            FoundSource(
                work=works[attribution.work],
                attribution=attribution,
                explanation=explained.share,
                spans=spans[attribution.work],
                matches=tuple(_found(match, words, texts[match.revision]) for (_, match), words in pairs),
            )
        )
    return Found(
        text=text,
        sources=tuple(sources),
        unattributed_ppb=shares.unattributed_ppb,
        unattributed=explain_unattributed(shares.unattributed_ppb, decision.set_aside),
        decided_by=decided_by,
    )


def by_share(attributions: Iterable[Attribution]) -> tuple[Attribution, ...]:
    """Largest share first: the order in which sources are numbered."""
    return tuple(sorted(attributions, key=lambda a: (-a.share_ppb, a.work)))


def _found(match: Match, explanation: str, source: str) -> FoundMatch:
    start, end = match.source_span.start, match.source_span.end
    return FoundMatch(
        match=match,
        explanation=explanation,
        source_before=source[max(0, start - CONTEXT_CHARS) : start],
        source_words=source[start:end],
        source_after=source[end : end + CONTEXT_CHARS],
        source_chars=len(source),
    )
