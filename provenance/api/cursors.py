"""Cursors: where a page of a list ended. Opaque to the caller, who can't turn one into more than a place in a list."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from provenance.kernel.errors import InvalidCursor

LIMIT_MAX = 200
LIMIT_DEFAULT = 50
CURSOR_CHARS_MAX = 100
SEQ_MAX = 2**63 - 1

_PAYLOAD = re.compile(r"1\.([a-z]{1,20})\.([0-9]{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which page is wanted: at most ``limit`` items after the one numbered ``after``, of the list named ``of``."""

    of: str
    after: int
    limit: int

    def cursor(self, next_after: int | None) -> str | None:
        """The cursor that asks for the rest, None where there is none."""
        return None if next_after is None else encode_cursor(self.of, next_after)


def encode_cursor(of: str, after: int) -> str:
    """A cursor for what comes after number ``after`` of the list named ``of``."""
    return base64.urlsafe_b64encode(f"1.{of}.{after}".encode()).decode().rstrip("=")


def decode_cursor(of: str, cursor: str) -> int:
    """The number in a cursor of `encode_cursor`.

    Raises:
        InvalidCursor: it isn't one, or is one of another list.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = _PAYLOAD.fullmatch(base64.b64decode(padded, b"-_", validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        found = None
    if found is None or found[1] != of or int(found[2]) > SEQ_MAX:
        raise InvalidCursor(
            f"This is not a cursor of the {of}.", mend='Send the "next_cursor" of the last page, or none to start over.'
        )
    return int(found[2])


def paging(of: str) -> Callable[..., Awaitable[Paging]]:
    """A dependency that reads ``cursor`` and ``limit`` for the list named ``of`` (lower-case letters)."""

    async def read(
        cursor: Annotated[
            str | None, Query(max_length=CURSOR_CHARS_MAX, description="The `next_cursor` of the page before.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Items on a page.")] = LIMIT_DEFAULT,
    ) -> Paging:
        return Paging(of=of, after=decode_cursor(of, cursor) if cursor is not None else 0, limit=limit)

    return read
