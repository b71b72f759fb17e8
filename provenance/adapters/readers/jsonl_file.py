"""JSON Lines, plain or gzip: a document a line. A bad line is told by its number, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from provenance.adapters.readers.content import located
from provenance.adapters.readers.lines import Line, read_lines
from provenance.adapters.readers.record import parse_record
from provenance.adapters.readers.rejection import printable, rejection
from provenance.kernel.errors import InvalidText, ProvenanceError
from provenance.sources.document import Document, Rejection


def read_jsonl(path: Path, *, gzipped: bool, on_bytes: Callable[[int], None]) -> Iterator[Document | Rejection]:
    """A document or a rejection for each line that isn't blank; its origin is ``path:LINE``.

    ``on_bytes`` is told how many bytes of the file, as stored, were read since it was told last.
    """
    origin = printable(path)
    empty = True
    told = 0
    for line in read_lines(path, gzipped=gzipped):
        if line.position > told:
            on_bytes(line.position - told)
            told = line.position
        if isinstance(line.content, bytes) and not line.content.strip():
            continue
        empty = False
        yield _read_line(line, origin=f"{origin}:{line.number}" if line.number else origin)
    if empty:
        yield rejection(origin, InvalidText("The file holds no records.", mend="Write one JSON object a line."))


def _read_line(line: Line, *, origin: str) -> Document | Rejection:
    if isinstance(line.content, ProvenanceError):
        return rejection(origin, line.content)
    try:
        return parse_record(line.content, origin=origin)
    except ProvenanceError as error:
        return rejection(origin, located(error, f"Line {line.number}", line=line.number))
