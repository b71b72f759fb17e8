"""Bytes of a text file to characters: by the byte order mark, else as the caller says. It never guesses."""

from __future__ import annotations

import codecs

from provenance.kernel.errors import UnreadableDocument
from provenance.sources.work import check_text

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def has_mark(data: bytes) -> bool:
    """Whether the data starts with the byte order mark of UTF-8 or UTF-16."""
    return data.startswith(tuple(mark for mark, _ in _MARKS))


def decode(data: bytes, encoding: str = "utf-8") -> str:
    """The characters of ``data``, without its byte order mark; ``encoding`` is used where there is no such mark.

    Raises:
        UnreadableDocument: a byte, named by its offset in ``data``, that the encoding doesn't have.
        InvalidText: undecodable, and binary by its NUL bytes.
    """
    mark, encoding = next((m for m in _MARKS if data.startswith(m[0])), (b"", encoding))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if b"\x00" in data and not encoding.startswith("utf-16"):
            check_text(data.decode("latin-1"))
        at = len(mark) + error.start
        raise UnreadableDocument(
            f"The text is not valid {encoding.upper()} at byte {at}.", mend="Save it as UTF-8.", byte=at
        ) from error
