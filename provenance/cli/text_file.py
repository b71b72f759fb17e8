"""Small texts that a command takes in: a file or standard input, bounded, as UTF-8."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from provenance.cli.visible import visible
from provenance.kernel.errors import InvalidText, NotFound, TooLarge, UnreadableDocument

STDIN = "-"


def read_text(name: str, *, chars_max: int) -> str:
    """The text of the file ``name``, or of standard input for ``-``; CR LF as LF, without a byte order mark.

    Raises:
        NotFound, UnreadableDocument: there is no such file, or it can't be read.
        TooLarge: it is longer than ``chars_max`` characters.
        InvalidText: it isn't UTF-8.
    """
    shown = "standard input" if name == STDIN else visible(name)
    with _opened(name, shown) as file:
        data = file.read(4 * chars_max + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(data) <= 4 * chars_max or error.start < len(data) - 4:
            raise InvalidText(
                f"The text of {shown} is not valid UTF-8 at byte {error.start}.", mend="Save or send it as UTF-8 text."
            ) from error
        text = data.decode("utf-8-sig", "ignore")
    if len(text) > chars_max:
        raise TooLarge(f"The text of {shown} has over {chars_max:,} characters.", mend="Send it in parts.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def _opened(name: str, shown: str) -> Iterator[BinaryIO]:
    if name == STDIN:
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {shown}.", mend="Check the path.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableDocument(f"{shown} can't be read: {reason}.", mend="Name a file that you may read.") from error
