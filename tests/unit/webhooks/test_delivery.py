"""What an answer makes of a delivery, and when it is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.webhooks.delivery import Answer, Result, disables, tried
from provenance.webhooks.event import Event, EventType
from provenance.webhooks.schedule import ATTEMPTS_MAX, JITTER_PERCENT, RETRY_AFTER_MAX, WAITS, next_try

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def after(status: int | None, *, before: int = 0, **more: object) -> Result:
    return tried("d", before=before, answer=Answer(status=status, **more), at=NOW).result  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_any_status_of_2xx_takes_it(status: int) -> None:
    assert after(status) is Result.DELIVERED


@pytest.mark.parametrize("status", [None, 100, 301, 302, 400, 404, 429, 500, 503])
def test_anything_else_is_tried_again_redirects_too(status: int | None) -> None:
    assert after(status) is Result.FAILED
    assert after(status, before=ATTEMPTS_MAX - 1) is Result.GIVEN_UP


def test_who_wants_no_more_is_asked_no_more() -> None:
    made = tried("d", before=0, answer=Answer(status=410), at=NOW)
    assert made.result is Result.GONE
    assert disables(made) is not None


def test_only_what_is_given_up_disables_an_endpoint() -> None:
    assert disables(tried("d", before=0, answer=Answer(status=500), at=NOW)) is None
    assert disables(tried("d", before=0, answer=Answer(status=200), at=NOW)) is None
    last = disables(tried("d", before=ATTEMPTS_MAX - 1, answer=Answer(status=None, error="no answer in time"), at=NOW))
    assert last is not None
    assert "no answer in time" in last


@given(st.integers(1, ATTEMPTS_MAX), st.text(), st.integers(0, 10**6))
def test_waits_grow_have_a_jitter_from_the_seed_and_keep_to_what_is_asked(n: int, seed: str, asked: int) -> None:
    at = next_try(n, at=NOW, seed=seed)
    assert at == next_try(n, at=NOW, seed=seed), "the same seed, the same time"
    if n == ATTEMPTS_MAX:
        assert at is None
        return
    assert at is not None
    assert WAITS[n - 1] <= at - NOW <= WAITS[n - 1] * (100 + JITTER_PERCENT) / 100
    later = next_try(n, at=NOW, seed=seed, retry_after=timedelta(seconds=asked))
    assert later is not None
    assert later == max(at, NOW + min(timedelta(seconds=asked), RETRY_AFTER_MAX))


def test_two_deliveries_are_not_tried_again_at_the_same_moment() -> None:
    assert len({next_try(3, at=NOW, seed=str(n)) for n in range(100)}) == 100
    assert list(WAITS) == sorted(WAITS)


def test_an_event_has_one_id_and_one_body() -> None:
    event = Event(type=EventType.PAYOUT_PAID, party="ann", subject="p", at=NOW, data={"amount": "1.000000"})
    assert (
        event.body == b'{"data":{"amount":"1.000000"},"timestamp":"2026-11-30T00:00:00.000000Z","type":"payout.paid"}'
    )
    assert "." not in event.id
    assert event.id != Event(type=EventType.PAYOUT_PAID, party="ann", subject="p", at=NOW, data={}, occasion="2").id
