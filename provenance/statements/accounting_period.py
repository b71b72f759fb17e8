"""Accounting periods: a calendar month or quarter, in UTC, by its name. Knows nothing of what was earned in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from provenance.kernel.errors import InvalidInput

_NAME = re.compile(r"([0-9]{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))", re.ASCII)
_YEAR_MIN = 1970  # nothing was recorded before
_YEAR_MAX = 9998  # so that a period ends within what a date can say


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"


_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingPeriod:
    """The ``number``-th month or quarter of a year, counted from 1.

    Raises:
        InvalidInput: there is no such month or quarter, or it lies before 1970.
    """

    kind: PeriodKind
    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12 // _MONTHS[self.kind] or not _YEAR_MIN <= self.year <= _YEAR_MAX:
            raise InvalidInput(f"There is no {self.kind.value} {self.number} of {self.year}.", field="period")

    @property
    def name(self) -> str:
        """``2026-11`` or ``2026-Q4``."""
        month = self.kind is PeriodKind.MONTH
        return f"{self.year:04d}-{self.number:02d}" if month else f"{self.year:04d}-Q{self.number}"

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, (self.number - 1) * _MONTHS[self.kind] + 1, 1, tzinfo=UTC)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return self.after(1).since

    def after(self, count: int) -> AccountingPeriod:
        """The period of its kind ``count`` later; before it where ``count`` is negative."""
        in_a_year = 12 // _MONTHS[self.kind]
        years, place = divmod(self.year * in_a_year + self.number - 1 + count, in_a_year)
        return AccountingPeriod(kind=self.kind, year=years, number=place + 1)


def parse_accounting_period(name: str) -> AccountingPeriod:
    """Read a period's name.

    Raises:
        InvalidInput: it is neither a month nor a quarter.
    """
    found = _NAME.fullmatch(name)
    if not found:
        raise InvalidInput(
            f"{name[:40]!r} is no accounting period.",
            mend='Write a month such as "2026-11", or a quarter such as "2026-Q4".',
            field="period",
        )
    year, month, quarter = found.groups()
    kind = PeriodKind.MONTH if month else PeriodKind.QUARTER
    return AccountingPeriod(kind=kind, year=int(year), number=int(month or quarter))


def period_of(at: datetime, kind: PeriodKind) -> AccountingPeriod:
    """The period of a kind that a moment lies in."""
    at = at.astimezone(UTC)
    return AccountingPeriod(kind=kind, year=at.year, number=(at.month - 1) // _MONTHS[kind] + 1)
