"""A delivery: one event to one endpoint, tried until it is taken or given up; what an answer makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from provenance.kernel.ids import derived_id
from provenance.webhooks.schedule import ATTEMPTS_MAX, next_try

NOTE_CHARS_MAX = 200


class Result(StrEnum):
    """What a try came to."""

    DELIVERED = "delivered"
    FAILED = "failed"  # it is tried again
    GIVEN_UP = "given_up"
    GONE = "gone"  # the receiver wants no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event to one endpoint; ``number`` counts from 1, and goes up with each replay."""

    event: str
    endpoint: str
    number: int
    created_at: datetime

    @property
    def id(self) -> str:
        """It follows from the event, the endpoint and the number."""
        return derived_id("delivery", {"event": self.event, "endpoint": self.endpoint, "number": self.number})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the receiver said: a status, or in a word why there is none. Its body is never read."""

    status: int | None
    error: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """The ``number``-th try of a delivery, from 1; ``next_at`` is when it is tried again, None where it isn't."""

    delivery: str
    number: int
    at: datetime
    result: Result
    status: int | None
    note: str
    next_at: datetime | None


def tried(delivery: str, *, before: int, answer: Answer, at: datetime) -> Try:
    """What an answer makes of a delivery that was tried ``before`` times already.

    Any status of 2xx takes it; a redirect doesn't, for nobody vouched for where it leads. 410 ends the endpoint.
    """
    assert 0 <= before < ATTEMPTS_MAX, "it isn't over"
    number, status = before + 1, answer.status
    next_at: datetime | None = None
    if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        result = Result.DELIVERED
    elif status == HTTPStatus.GONE:
        result = Result.GONE
    else:
        next_at = next_try(number, at=at, seed=delivery, retry_after=answer.retry_after)
        result = Result.GIVEN_UP if next_at is None else Result.FAILED
    note = answer.error or (f"status {status}" if result is not Result.DELIVERED else "")
    return Try(
        delivery=delivery,
        number=number,
        at=at,
        result=result,
        status=status,
        note=note[:NOTE_CHARS_MAX],
        next_at=next_at,
    )


def disables(made: Try) -> str | None:
    """Why an endpoint is disabled after a try, None where it isn't."""
    if made.result is Result.GONE:
        return "It answered 410: it wants no more."
    if made.result is Result.GIVEN_UP:
        return f"{made.number} tries of {made.delivery} failed; the last: {made.note}"
    return None
