"""The evidence page: a text beside the works that it derives from, span by span, linked both ways.

Colours are never alone: every span carries its source's number, and an underline of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from provenance.attribution.decision import Match, MatchKind
from provenance.attribution.explain import KIND_WORDS
from provenance.kernel.parts import WHOLE_PPB
from provenance.kernel.span import Span
from provenance.kernel.visible import excerpt
from provenance.pages.document import document, fraction, sureness
from provenance.services.found import Found, FoundMatch, FoundSource

PASSAGES_SHOWN_MAX = 1_000  # cards on a page; what is beyond is marked in the text and counted, source by source
TITLE_CHARS_MAX = 240
WORDS_CHARS_MAX = 1_200  # of one passage of a source
COLOURS = 8  # in evidence.css; after the last they start again

# What is shown of a match's scores: a name, what it means, and its value in words.
SCORES: tuple[tuple[str, str, Callable[[Match], str]], ...] = (
    ("likelihood", "how likely it is right, all evidence considered", lambda m: sureness(m.probability_ppm)),
    ("meaning", "its similarity of meaning, where 1 is the same", lambda m: fraction(m.dense_ppm)),
    (
        "words",
        "the part of its words found in the source, rare ones counting more",
        lambda m: fraction(m.lexical_ppm),
    ),
    ("in a row", "the longest run of equal words", lambda m: f"{m.run_words:,}" if m.run_words else "–"),
)
_KINDS = {kind: words[:1].upper() + words[1:] for kind, words in KIND_WORDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some characters of the text; ``passage`` is the id of the match that they are."""

    text: str
    passage: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Neighbouring stretches that count in one source's share; number 0 is nobody."""

    number: int
    colour: int
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score of a match, ready to show."""

    name: str
    meaning: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One match as a card."""

    id: str
    kind: str
    explanation: str
    before: str
    words: str
    after: str
    place: str
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One work with its cards; ``left_out`` counts the passages without one."""

    number: int
    colour: int
    title: str
    author: str
    work: str
    share_ppb: int
    confidence_ppm: int
    explanation: str
    passages: tuple[Passage, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A source's stretch of the bar of shares, in thousandths of its width."""

    colour: int
    start: float
    width: float


def evidence_page(found: Found, *, name: str) -> str:
    """The page on ``found``; ``name`` is what its text is called."""
    ids = _passage_ids(found.sources)
    return document(
        "evidence.html",
        styles=("page.css", "evidence.css"),
        script="evidence.js",
        name=excerpt(name, TITLE_CHARS_MAX),
        chars=len(found.text),
        pieces=list(_pieces(found, ids)),
        sources=[_source(n, s, ids) for n, s in enumerate(found.sources, start=1)],
        bands=list(_bands(found.sources)),
        unattributed_ppb=found.unattributed_ppb,
        unattributed=found.unattributed,
        meanings=[(name, meaning) for name, meaning, _ in SCORES],
        by=found.decided_by,
    )


def _passage_ids(sources: Sequence[FoundSource]) -> dict[tuple[int, int], str]:
    """Ids by the numbers of a source and its match, for the passages that have a card; shared out source by source."""
    ids: dict[tuple[int, int], str] = {}
    places = ((n, i) for i in range(PASSAGES_SHOWN_MAX) for n, s in enumerate(sources, 1) if i < len(s.matches))
    for place in places:
        if len(ids) == PASSAGES_SHOWN_MAX:
            break
        ids[place] = f"{place[0]}-{place[1] + 1}"
    return ids


def _pieces(found: Found, ids: dict[tuple[int, int], str]) -> Iterator[Piece]:
    """The whole text in order, every character once."""
    marks = sorted((span, n) for n, source in enumerate(found.sources, 1) for span in source.spans)
    matches = {
        n: sorted((m.match.part_span, i) for i, m in enumerate(source.matches))
        for n, source in enumerate(found.sources, 1)
    }
    position = 0
    for span, number in marks:
        if span.start > position:
            yield Piece(number=0, colour=0, stretches=(Stretch(text=found.text[position : span.start]),))
        start = max(position, span.start)
        if start >= span.end:
            continue
        inside = _inside(matches[number], span)
        stretches = tuple(_stretches(found.text, Span(start, span.end), inside, number, ids))
        yield Piece(number=number, colour=_colour(number), stretches=stretches)
        position = span.end
    if position < len(found.text):
        yield Piece(number=0, colour=0, stretches=(Stretch(text=found.text[position:]),))


def _inside(matches: list[tuple[Span, int]], span: Span) -> list[tuple[Span, int]]:
    """Take from the front of ``matches`` (sorted) those that start before the end of ``span``."""
    count = next((i for i, (s, _) in enumerate(matches) if s.start >= span.end), len(matches))
    taken, matches[:] = matches[:count], matches[count:]
    return taken


def _stretches(
    text: str, span: Span, matches: Sequence[tuple[Span, int]], number: int, ids: dict[tuple[int, int], str]
) -> Iterator[Stretch]:
    position = span.start
    for match, place in matches:
        start, end = max(position, match.start), min(match.end, span.end)
        if start >= end:
            continue
        if start > position:
            yield Stretch(text=text[position:start])
        passage = ids.get((number, place), "")
        yield Stretch(text=text[start:end], passage=passage, target=f"p{passage}" if passage else f"s{number}")
        position = end
    if position < span.end:
        yield Stretch(text=text[position : span.end])


def _source(number: int, found: FoundSource, ids: dict[tuple[int, int], str]) -> Source:
    shown = [(ids[number, i], m) for i, m in enumerate(found.matches) if (number, i) in ids]
    return Source(
        number=number,
        colour=_colour(number),
        title=excerpt(found.work.title, TITLE_CHARS_MAX),
        author=excerpt(found.work.author, TITLE_CHARS_MAX),
        work=found.work.id,
        share_ppb=found.attribution.share_ppb,
        confidence_ppm=found.attribution.confidence_ppm,
        explanation=found.explanation,
        passages=tuple(_passage(name, match) for name, match in shown),
        left_out=len(found.matches) - len(shown),
    )


def _passage(name: str, found: FoundMatch) -> Passage:
    match, words = found.match, found.source_words
    cut = len(words) > WORDS_CHARS_MAX
    return Passage(
        id=name,
        kind=_KINDS[MatchKind(match.kind)],
        explanation=found.explanation,
        before=_before(found),
        words=words[:WORDS_CHARS_MAX] + ("…" if cut else ""),
        after="" if cut else _after(found),
        place=_place(match.source_span, found.source_chars),
        scores=tuple(Score(name=n, meaning=meaning, value=value(match)) for n, meaning, value in SCORES),
    )


def _place(span: Span, chars: int) -> str:
    """Where a passage stands in its source."""
    into = 100 * span.start // max(1, chars)
    where = f"{into} % into the work" if into else "at the start of the work"
    return f"characters {span.start:,}–{span.end:,} of {chars:,}, {where}"


def _before(found: FoundMatch) -> str:
    """The words before a passage, from the first whole one on."""
    text = found.source_before
    if len(text) == found.match.source_span.start:
        return text
    first_space = next((i for i, c in enumerate(text) if c.isspace()), 0)
    return f"…{text[first_space:]}"


def _after(found: FoundMatch) -> str:
    """The words after a passage, up to the last whole one."""
    text = found.source_after
    if found.match.source_span.end + len(text) >= found.source_chars:
        return text
    last_space = max((i for i, c in enumerate(text) if c.isspace()), default=len(text))
    return f"{text[:last_space]} …"


def _bands(sources: Sequence[FoundSource]) -> Iterator[Band]:
    start = 0.0
    for number, source in enumerate(sources, start=1):
        width = 1000 * source.attribution.share_ppb / WHOLE_PPB
        yield Band(colour=_colour(number), start=round(start, 3), width=round(width, 3))
        start += width


def _colour(number: int) -> int:
    return (number - 1) % COLOURS + 1
