"""Plain text and Markdown. The text is kept as it came: markup stays, so that offsets are those of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from provenance.adapters.readers.content import Content, plain_newlines, tidy
from provenance.adapters.readers.decoding import decode

FRONT_MATTER_LINES_MAX = 200
HEADING_LINES_MAX = 10_000

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NOT_A_PARAGRAPH = re.compile(r"[ \t]*(?:[-*+>|]|\d+[.)])[ \t]|\t| {4}|[ \t]*$")
_FIELDS = ("title", "author")


def read_plain(data: bytes) -> Content:
    """The text of a UTF-8 file, or of a UTF-16 file with a byte order mark.

    Raises:
        UnreadableDocument: a byte that isn't of the encoding.
        InvalidText: it is binary.
    """
    return Content(text=plain_newlines(decode(data)))


def read_markdown(data: bytes) -> Content:
    """As `read_plain`, with title and author from the front matter, else the title from the first heading.

    Raises:
        UnreadableDocument: a byte that isn't of the encoding.
        InvalidText: it is binary.
    """
    text = plain_newlines(decode(data))
    fields, body = _front_matter(list(islice(_lines(text), HEADING_LINES_MAX)))
    title = fields.get("title") or tidy(_first_heading(body))
    return Content(text=text, title=title, author=fields.get("author", ""))


def _lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end + 1


def _front_matter(lines: list[str]) -> tuple[Mapping[str, str], list[str]]:
    """The fields we use of a YAML block at the top, where they are on one line, and the lines after the block."""
    if not lines or lines[0].rstrip() != "---":
        return {}, lines
    fields: dict[str, str] = {}
    for index, line in enumerate(lines[1:FRONT_MATTER_LINES_MAX], start=1):
        if line.rstrip() in ("---", "..."):
            return fields, lines[index + 1 :]
        name, _, value = line.partition(":")
        if name in _FIELDS:
            fields[name] = tidy(value.strip().strip("\"'"))
    return {}, lines[1:]


def _first_heading(lines: list[str]) -> str:
    """The text of the first heading outside code fences, underlined headings included; empty if there is none."""
    fence = ""
    before = ""
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            before = ""
        elif mark and "`" not in line[mark.end() :]:
            fence, before = mark[1], ""
        elif found := _HEADING.match(line):
            if title := _without_closing_marks(line[found.end() :].strip()):
                return title
            before = ""
        elif before and _UNDERLINE.fullmatch(line):
            return before
        else:
            before = "" if _NOT_A_PARAGRAPH.match(line) else line
    return ""


def _without_closing_marks(title: str) -> str:
    bare = title.rstrip("#")
    return bare.rstrip() if bare != title and bare[-1:] in ("", " ", "\t") else title
