"""Periods in a query: ``since`` (included) and ``until`` (excluded), as days or moments, in UTC."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from provenance.api.deps import InstalledSystem
from provenance.statements.period import Period, parse_period

TIME_CHARS_MAX = 40

_Time = Query(
    min_length=1,
    max_length=TIME_CHARS_MAX,
    description="A day (`2026-11-01`, its start) or a moment (`2026-11-01T12:00:00Z`); UTC unless it says otherwise.",
    examples=["2026-11-01"],
)


async def _period(
    system: InstalledSystem, since: Annotated[str | None, _Time] = None, until: Annotated[str | None, _Time] = None
) -> Period:
    return parse_period(since, until, now=system.clock())


AskedPeriod = Annotated[Period, Depends(_period)]
