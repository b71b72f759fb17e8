"""Lists that are read page by page, up to a limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from provenance.services.records import Page, Recorded
from provenance.sources.party import ApiKey

PAGE_ITEMS = 500

T = TypeVar("T")


class Pages(Protocol[T]):
    """A method of a store that cuts its facts into pages."""

    def __call__(self, *, after: int = 0, limit: int) -> Page[Recorded[T]]:
        """The facts after the one numbered ``after``."""


def first_of(page_of: Pages[T], limit: int) -> tuple[Sequence[Recorded[T]], bool]:
    """The first ``limit`` facts, and whether there are more."""
    found: list[Recorded[T]] = []
    after = 0
    while len(found) < limit:
        page = page_of(after=after, limit=min(PAGE_ITEMS, limit - len(found)))
        found += page.items
        if page.next_after is None:
            return found, False
        after = page.next_after
    return found, True


def key_view(key: ApiKey) -> dict[str, Any]:
    """A key for a program, without anything of its secret."""
    return {
        "id": key.id,
        "party": key.party,
        "scopes": sorted(s.value for s in key.scopes),
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
