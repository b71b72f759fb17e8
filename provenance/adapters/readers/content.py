"""What the readers of one document share: their bound, their result, and how a library's failure is told.

Opens files for reading and nothing else; what a document may hold is for `provenance.sources.work.check_text` to say.
"""

from __future__ import annotations

import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provenance.kernel.errors import InvalidText, ProvenanceError, TooLarge, UnreadableDocument
from provenance.sources.work import TITLE_CHARS_MAX

FILE_BYTES_MAX = 64 * 1024 * 1024
REASON_CHARS_MAX = 200

# Joiners that scripts and emoji need; every other invisible character is left out of titles and authors.
_JOINERS = frozenset("\u200c\u200d")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one document says: its text, and its title and author where its metadata names them."""

    text: str
    title: str = ""
    author: str = ""


def read_bytes(path: Path) -> bytes:
    """The whole of a file of at most `FILE_BYTES_MAX` bytes.

    Raises:
        TooLarge: it has more.
        InvalidText: it has none.
        UnreadableDocument: it isn't a regular file, or the system doesn't hand it out.
    """
    with system_edge(path):
        size = regular_size(path)
        if size <= FILE_BYTES_MAX:
            with path.open("rb") as file:
                data = file.read(FILE_BYTES_MAX + 1)
            size = max(size, len(data))
    if size > FILE_BYTES_MAX:
        raise TooLarge(
            f"The file has {size:,} bytes, over the {FILE_BYTES_MAX:,} that one document may have.",
            mend="Split it into volumes, or send its text as JSON Lines.",
            bytes=size,
            bytes_max=FILE_BYTES_MAX,
        )
    if not data:
        raise InvalidText("The file is empty.", mend="Check that it was saved or copied in full.")
    return data


def regular_size(path: Path) -> int:
    """The size of a regular file in bytes; pipes and devices, which have no end, are refused.

    Raises:
        UnreadableDocument: it isn't a regular file.
        OSError: there is no such file, or it can't be reached.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableDocument("This is not a regular file.", mend="Copy what it holds into a file.")
    return status.st_size


@contextmanager
def system_edge(path: Path) -> Iterator[None]:
    """Translate what the operating system refuses within the block.

    Raises:
        UnreadableDocument: in place of an OSError, or of a ValueError for a path that no system has.
    """
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableDocument(
            f"{path.name!r} can't be read: {reason}.", mend="Check that it exists and that you may read it."
        ) from error


@contextmanager
def library_edge(kind: str) -> Iterator[None]:
    """Translate whatever a library raises within the block, as it reads a ``kind`` of file.

    The libraries promise no closed list of what they raise for damaged input, so this takes any exception.

    Raises:
        UnreadableDocument: in place of an exception that isn't ours.
    """
    try:
        yield
    except ProvenanceError:
        raise
    except Exception as error:
        raise UnreadableDocument(
            f"The {kind} file is damaged, or is not one.",
            mend="Open it in a program of its kind and save it again, or save it as text.",
            reason=f"{type(error).__name__}: {error}"[:REASON_CHARS_MAX],
        ) from error


def encrypted(kind: str, *, mend: str) -> UnreadableDocument:
    """The error for a file that only a key opens."""
    return UnreadableDocument(f"The {kind} file is encrypted.", mend=mend)


def located(error: ProvenanceError, where: str, **data: object) -> ProvenanceError:
    """The same error with the place in front of its message and ``data`` added to its own, chained to the first."""
    placed = type(error)(f"{where}: {error.message}", mend=error.mend, **{**error.data, **data})
    placed.__cause__ = error
    return placed


def plain_newlines(text: str) -> str:
    """The text with every CR LF and CR as LF, and otherwise as it came."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def tidy(name: str) -> str:
    """A title or an author on one line, without invisible characters, cut at `TITLE_CHARS_MAX`."""
    spaced = " ".join(name.split())
    visible = (c for c in spaced if c in _JOINERS or unicodedata.category(c) not in _INVISIBLE)
    return "".join(visible)[:TITLE_CHARS_MAX].strip()
