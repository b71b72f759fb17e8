"""Rows that come in the order of their keys, taken key by key, as merging streams needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from provenance.kernel.errors import TooLarge

Row = TypeVar("Row")


class KeyedStream(Generic[Row]):
    """A stream of rows; ``key`` is that of the next one, None at its end."""

    def __init__(self, rows: Iterable[Row], key: Callable[[Row], str]) -> None:
        self._rows: Iterator[Row] = iter(rows)
        self._key_of = key
        self.key: str | None = None
        self._next: Row | None = None
        self._advance()

    def of(self, key: str, *, rows_max: int) -> list[Row]:
        """The rows of a key, where it is the next one; none where it isn't.

        Raises:
            TooLarge: there are more than ``rows_max``.
        """
        taken: list[Row] = []
        while self.key == key:
            if len(taken) == rows_max:
                raise TooLarge(f"{key} has over {rows_max:,} rows.", mend="Look what writes them.")
            taken.append(self.one())
        return taken

    def one(self) -> Row:
        """The next row."""
        row = self._next
        assert row is not None, "there is one"
        self._advance()
        return row

    def _advance(self) -> None:
        before, self._next = self.key, next(self._rows, None)
        self.key = None if self._next is None else self._key_of(self._next)
        assert before is None or self.key is None or before <= self.key, "rows come in the order of their keys"
