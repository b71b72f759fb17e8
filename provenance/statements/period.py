"""Periods: from a moment (included) to another (excluded), in UTC, and how a person writes them. Reads no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from provenance.kernel.errors import InvalidInput

THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From ``since`` (included) to ``until`` (excluded), both in UTC.

    Raises:
        InvalidInput: it ends before it starts.
    """

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since > self.until:
            raise InvalidInput("The period ends before it starts.", mend="Swap since and until.", field="since")


def parse_period(since: str | None, until: str | None, *, now: datetime) -> Period:
    """The period that two dates name: from the beginning without ``since``, to ``now`` without ``until``.

    Raises:
        InvalidInput: a date that isn't one, or an end before its start.
    """
    return Period(
        since=parse_time(since, field="since") if since is not None else THE_BEGINNING,
        until=parse_time(until, field="until") if until is not None else now,
    )


def parse_time(text: str, *, field: str) -> datetime:
    """A day (its start) or a moment in ISO 8601; UTC where it names no zone.

    Raises:
        InvalidInput: it is neither, or lies before 1970.
    """
    try:
        found = datetime.fromisoformat(text)
        at = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{text[:40]!r} is neither a day nor a moment.",
            mend='Write "2026-11-01" or "2026-11-01T12:00:00Z"; in a URL, "+" is written "%2B".',
            field=field,
        ) from error
    if at < THE_BEGINNING:
        raise InvalidInput("Nothing was recorded before 1970.", mend="Leave it out to start there.", field=field)
    return at
