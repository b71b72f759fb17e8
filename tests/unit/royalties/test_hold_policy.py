"""Holds that nobody looks at: when their time is over, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.royalties.review import HOLD_DAYS_MAX, HoldPolicy, Resolution

SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(("days", "due"), [(0, False), (90, False), (91, True)])
def test_a_hold_is_due_once_its_days_are_over(days: int, due: bool) -> None:
    policy = HoldPolicy(days=90, resolution=Resolution.DECLINE)
    assert policy.is_due(SINCE, now=SINCE + timedelta(days=days)) is due


@pytest.mark.parametrize("resolution", Resolution)
def test_the_reason_names_the_policy(resolution: Resolution) -> None:
    reason = HoldPolicy(days=30, resolution=resolution).reason
    assert reason == f"Nobody decided within 30 days: by policy, {resolution.value}."


@pytest.mark.parametrize("days", [0, -1, HOLD_DAYS_MAX + 1])
def test_no_time_and_all_time_are_refused(days: int) -> None:
    with pytest.raises(InvalidInput):
        HoldPolicy(days=days, resolution=Resolution.RELEASE)
