"""The lines of a plain or gzip file, one at a time, in bounded memory whatever the file unpacks to."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from provenance.adapters.readers.content import regular_size, system_edge
from provenance.kernel.errors import ProvenanceError, TooLarge, UnreadableDocument

LINE_BYTES_MAX = 64 * 1024 * 1024
LINES_MAX = 100_000_000
# How much of an overlong line is read past to reach the next one.
SKIP_BYTES_MAX = 1024 * 1024 * 1024

_SKIP_STEP = 1024 * 1024
_GZIP_MARK = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line by its number, counted from 1: its bytes without the newline, or why they weren't read.

    Number 0 stands for the file, where not even its first line was reached. ``position`` is how far into the file, in
    bytes as stored, the reader has come.
    """

    number: int
    content: bytes | ProvenanceError
    position: int


class _Lines(Protocol):
    def readline(self, size: int, /) -> bytes: ...


def read_lines(path: Path, *, gzipped: bool) -> Iterator[Line]:
    """The lines of a file. One that can't be read comes as an error; the lines after it follow where that is possible.

    Errors that a line may hold:
        TooLarge: it is longer than `LINE_BYTES_MAX`, or there are more than `LINES_MAX`.
        UnreadableDocument: the file can't be opened, isn't what its name says, or ends or breaks within its gzip data.
    """
    number, position = 0, 0
    try:
        with system_edge(path):
            regular_size(path)
            with path.open("rb") as raw:
                stream = _unpacked(raw, gzipped=gzipped)
                for number in range(1, LINES_MAX + 1):
                    content, goes_on = _next_line(stream, number)
                    position = raw.tell()
                    if content is not None:
                        yield Line(number=number, content=content, position=position)
                    if not goes_on:
                        return
        number += 1
        raise TooLarge(f"The file has more than {LINES_MAX:,} lines.", mend="Split it.")
    except ProvenanceError as error:
        yield Line(number=number, content=error, position=position)


def _unpacked(raw: io.BufferedReader, *, gzipped: bool) -> _Lines:
    """The stream of lines, once the first bytes agree with the name."""
    head = raw.peek(3)[:3]
    if gzipped and head and not head.startswith(_GZIP_MARK):
        raise UnreadableDocument("The file holds no gzip data.", mend="Name it .jsonl if it is plain text.")
    if not gzipped and head.startswith(_GZIP_MARK):
        raise UnreadableDocument("The file holds gzip data.", mend="Name it .jsonl.gz.")
    if not gzipped and head.startswith(_UTF16_MARKS):
        raise UnreadableDocument("The file is in UTF-16.", mend="Save it as UTF-8.")
    return gzip.GzipFile(fileobj=raw) if gzipped else raw


def _next_line(stream: _Lines, number: int) -> tuple[bytes | ProvenanceError | None, bool]:
    """The line or why it wasn't read (None past the end), and whether to go on."""
    try:
        line = stream.readline(LINE_BYTES_MAX + 1)
        if len(line) <= LINE_BYTES_MAX or line.endswith(b"\n"):
            if number == 1:
                line = line.removeprefix(_UTF8_MARK)
            return (line.rstrip(b"\r\n"), True) if line else (None, False)
        ended = _skip_line(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        broken = UnreadableDocument(
            f"The gzip data is damaged or cut short at line {number}.", mend="Make or copy the file again.", line=number
        )
        broken.__cause__ = error
        return broken, False
    rest = "" if ended else " The rest of the file was not read."
    long = TooLarge(
        f"Line {number} has over {LINE_BYTES_MAX:,} bytes.{rest}", mend="Register the work in volumes.", line=number
    )
    return long, ended


def _skip_line(stream: _Lines) -> bool:
    """Read past the rest of a line; false where it is longer than `SKIP_BYTES_MAX`."""
    skipped = 0
    while skipped < SKIP_BYTES_MAX:
        piece = stream.readline(_SKIP_STEP)
        if not piece or piece.endswith(b"\n"):
            return True
        skipped += len(piece)
    return False
