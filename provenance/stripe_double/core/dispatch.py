"""All endpoints in one table, and how a request finds its own."""

from __future__ import annotations

from provenance.stripe_double.core import (
    accounts,
    balance_reads,
    endpoints,
    events,
    funding,
    links,
    payouts,
    reversals,
    transfers,
)
from provenance.stripe_double.core.call import Route
from provenance.stripe_double.core.refused import Refused

SEGMENTS_MAX = 8
ROUTES = (
    *accounts.ROUTES,
    *links.ROUTES,
    *funding.ROUTES,
    *transfers.ROUTES,
    *reversals.ROUTES,
    *payouts.ROUTES,
    *balance_reads.ROUTES,
    *events.ROUTES,
    *endpoints.ROUTES,
)


def _table() -> dict[tuple[str, int], list[tuple[Route, tuple[str, ...]]]]:
    """Routes by method and number of segments; those with fewer open segments first."""
    table: dict[tuple[str, int], list[tuple[Route, tuple[str, ...]]]] = {}
    for route in sorted(ROUTES, key=lambda route: route.path.count("*")):
        segments = tuple(route.path.strip("/").split("/"))
        table.setdefault((route.method, len(segments)), []).append((route, segments))
    return table


_TABLE = _table()


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The endpoint of a request, and the ids in its path.

    Raises:
        Refused: there is none.
    """
    parts = path.strip("/").split("/", SEGMENTS_MAX)
    for route, segments in _TABLE.get((method, len(parts)), ()):
        if all(segment in ("*", part) for segment, part in zip(segments, parts, strict=True)):
            ids = tuple(part for segment, part in zip(segments, parts, strict=True) if segment == "*")
            return route, ids
    raise Refused(f"Unrecognized request URL ({method}: {path[:200]}).", status=404)
