"""Labelled outputs: what training and evaluation read, in the line format of the public attribution benchmark.

A source line: {"source_id", "text", "title"?, "author"?, "domain"?}. An output line: {"output_id", "text", "kind"?,
"domain"?, "labels": [{"source_id", "share", "out_spans"?: [[start, end], ...]}], "unattributed_share"}. Without
``out_spans`` the whole output is the span.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provenance.fingerprints.segment import segment
from provenance.kernel.errors import InvalidInput
from provenance.kernel.span import Span
from provenance.services.ports import Encoder, Snapshots, SourceIndex
from provenance.services.records import IndexedRevision
from provenance.sources.work import check_text

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSource:
    """A text to index; ``group`` is its domain, or itself where it has none."""

    source_id: str
    text: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledOutput:
    """An output with its true sources and their spans in it."""

    output_id: str
    text: str
    kind: str
    group: str | None
    labels: Mapping[str, tuple[Span, ...]]


def parse_source(line: Mapping[str, Any]) -> LabelledSource:
    """Raises `InvalidInput` where a field is missing or of another type."""
    source_id, text = _text(line, "source_id"), check_text(_text(line, "text"))
    return LabelledSource(source_id=source_id, text=text, group=str(line.get("domain") or source_id))


def parse_output(line: Mapping[str, Any]) -> LabelledOutput:
    """Raises `InvalidInput` where a field is missing or of another type."""
    text = _text(line, "text")
    labels = line.get("labels", [])
    if not isinstance(labels, list):
        raise InvalidInput('"labels" is a list of {"source_id", "share", "out_spans"}.')
    try:
        spans = {
            str(label["source_id"]): tuple(Span(a, b) for a, b in label.get("out_spans", [[0, len(text)]]))
            for label in labels
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"A label of {line.get('output_id')!r} can't be read: {error}.") from error
    domain = line.get("domain")
    return LabelledOutput(
        output_id=_text(line, "output_id"),
        text=text,
        kind=str(line.get("kind", "")),
        group=str(domain) if domain else None,
        labels=spans,
    )


def _text(line: Mapping[str, Any], name: str) -> str:
    value = line.get(name)
    if not isinstance(value, str):
        raise InvalidInput(f"The line has no text {name!r}.", mend="Each line is one JSON object.", field=name)
    return value


def index_sources(
    sources: Sequence[LabelledSource], encoder: Encoder, snapshots: Snapshots, progress: Progress
) -> SourceIndex:
    """Index sources under their own ids, in a scratch place, without any database."""
    repeated = len(sources) - len({s.source_id for s in sources})
    if repeated:
        raise InvalidInput(f"{repeated} source ids occur twice.", mend="Each source needs an id of its own.")
    published = snapshots.build(_encoded(sources, encoder, progress), encoder.identity)
    return snapshots.open(published.digest, encoder.identity.name)


def _encoded(sources: Iterable[LabelledSource], encoder: Encoder, progress: Progress) -> Iterator[IndexedRevision]:
    for source in sources:
        vectors = encoder.encode(source.text, segment(source.text))
        yield IndexedRevision(work=source.source_id, revision=source.source_id, text=source.text, vectors=vectors)
        progress(1)


def passages_of(sources: Sequence[LabelledSource], *, each: int, chars_min: int = 700) -> list[LabelledSource]:
    """At most ``each`` passages of ``chars_min`` characters or a little more from every source, spread over it."""
    found = []
    for source in sources:
        spans = segment(source.text)
        for number in range(each):
            first = number * len(spans) // each
            last = next((i for i in range(first, len(spans)) if spans[i].end - spans[first].start >= chars_min), None)
            if last is not None and first > (number - 1) * len(spans) // each:
                text = source.text[spans[first].start : spans[last].end]
                found.append(LabelledSource(source_id=f"{source.source_id}/{number}", text=text, group=source.group))
    return found
