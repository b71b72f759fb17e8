"""Text from the blocks of a marked-up document: the one rule for what stands between two pieces of text."""

from __future__ import annotations

import re
from enum import IntEnum

from provenance.adapters.readers.content import plain_newlines

_BLANKS = re.compile(r"[ \t\n\r\f]+")


class Break(IntEnum):
    """What separates two blocks, from the weakest to the strongest."""

    NONE = 0
    CELL = 1
    LINE = 2
    PARAGRAPH = 3


_SEPARATORS = {Break.NONE: "", Break.CELL: "\t", Break.LINE: "\n", Break.PARAGRAPH: "\n\n"}


class Flow:
    """Collects text and breaks in document order. Between two blocks stands the strongest break that was asked for.

    While ``verbatim`` is false, white space within a block is one space, as a browser shows it; while it is true, it
    is kept. Blocks without text leave no trace.
    """

    def __init__(self, *, verbatim: bool = False) -> None:
        self.verbatim = verbatim
        self._done: list[str] = []
        self._block: list[str] = []
        self._pending = Break.NONE

    def add(self, text: str | None) -> None:
        """Go on with the current block."""
        if text:
            self._block.append(text)

    def separate(self, by: Break) -> None:
        """End the current block; what comes next stands at least ``by`` apart."""
        self._end_block()
        self._pending = max(self._pending, by)

    def line_break(self) -> None:
        """End the line within a block; two of them in a row end the paragraph."""
        self._end_block()
        self._pending = Break.PARAGRAPH if self._pending >= Break.LINE else Break.LINE

    def text(self) -> str:
        """All that was collected."""
        self._end_block()
        return "".join(self._done)

    def _end_block(self) -> None:
        # A character reference may have put a carriage return here; one pair may even have come in two pieces.
        block = plain_newlines("".join(self._block))
        self._block.clear()
        block = block.strip("\n") if self.verbatim else _BLANKS.sub(" ", block).strip(" ")
        if not block or block.isspace():
            return
        if self._done:
            self._done.append(_SEPARATORS[self._pending])
        self._done.append(block)
        self._pending = Break.NONE
