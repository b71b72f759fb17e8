"""Record exchange rates, and find the one that may be used on a day."""

from __future__ import annotations

from datetime import date, datetime

from provenance.kernel.errors import InvalidMoney
from provenance.kernel.fx import RATE_TERM_MAX, Rate, usable_rate
from provenance.services.ports import Database, UnitOfWork

RATE_DECIMALS_MAX = 12


def record_rate(database: Database, rate: Rate, *, at: datetime) -> Rate:
    """Record a rate; the same again does nothing. A later statement of the same day takes its place."""
    with database.begin(write=True) as work:
        work.rates.add(rate, at)
        work.commit()
    return rate


def rate_on(work: UnitOfWork, base: str, quote: str, *, on: date, days_old_max: int) -> Rate:
    """The latest rate between two currencies up to a day, in either direction.

    Raises:
        RateMissing: there is none.
        RateStale: it is more than ``days_old_max`` days old.
    """
    found = work.rates.latest(base, quote, on=on)
    return usable_rate(found.fact if found else None, base, quote, on=on, days_old_max=days_old_max)


def parse_ratio(text: str) -> tuple[int, int]:
    """``"1.0842"`` or ``"10842/10000"`` as two integers. Raises `InvalidMoney` where it is neither."""
    numerator, slash, denominator = text.partition("/")
    units, point, decimals = numerator.partition(".")
    digits = (units, decimals, denominator)
    plain = all(part.isascii() and (part.isdecimal() or not part) for part in digits) and units
    if not plain or (slash and (point or not denominator)) or (point and not decimals):
        raise InvalidMoney(f"{text[:40]!r} is no exchange rate.", mend='Write "1.0842", or "10842/10000".')
    if len(decimals) > RATE_DECIMALS_MAX or any(len(part) > len(str(RATE_TERM_MAX)) for part in digits):
        raise InvalidMoney(f"{text[:40]!r} is too long.", mend=f"Give at most {RATE_DECIMALS_MAX} decimals.")
    return (int(units), int(denominator)) if slash else (int(units + decimals), 10 ** len(decimals))
