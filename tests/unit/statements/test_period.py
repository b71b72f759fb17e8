"""Periods and how a person writes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.statements.period import THE_BEGINNING, Period, parse_period, parse_time

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def test_without_dates_a_period_is_everything_so_far() -> None:
    assert parse_period(None, None, now=NOW) == Period(since=THE_BEGINNING, until=NOW)


def test_dates_bound_it_on_both_sides() -> None:
    period = parse_period("2026-11-01", "2026-11-02T12:00", now=NOW)
    assert period.since == datetime(2026, 11, 1, tzinfo=UTC)
    assert period.until == datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_a_moment_in_another_zone_is_turned_into_utc() -> None:
    found = parse_time("2026-11-01T09:00+02:00", field="since")
    assert found == datetime(2026, 11, 1, 9, tzinfo=timezone(timedelta(hours=2)))
    assert found.utcoffset() == timedelta(0)


def test_an_empty_period_is_one_and_a_backward_one_is_not() -> None:
    assert Period(since=NOW, until=NOW).since == NOW
    with pytest.raises(InvalidInput, match="ends before it starts"):
        Period(since=NOW, until=NOW - timedelta(microseconds=1))


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "9999-12-31T23:59:59-12:00", "2" * 100])
def test_what_is_no_date_is_refused_by_the_name_of_its_field(text: str) -> None:
    with pytest.raises(InvalidInput, match="neither a day nor a moment") as refused:
        parse_time(text, field="until")
    assert refused.value.data["field"] == "until"


def test_1970_is_the_first_moment() -> None:
    assert parse_time("1970-01-01", field="since") == THE_BEGINNING
    with pytest.raises(InvalidInput, match="before 1970"):
        parse_time("1969-12-31T23:59:59", field="since")
