"""Send what is due. Nothing is held open meanwhile: each try is sent between two transactions, and then recorded.

An event arrives once or more often, never not at all as long as its endpoint answers in time: receivers tell copies by
the message id. Two that deliver at once may both send; only one of them records it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from provenance.kernel.errors import Conflict
from provenance.services.outbound_stores import DueDelivery
from provenance.services.ports import Clock, Database
from provenance.webhooks.delivery import Answer, Try, disables, tried
from provenance.webhooks.signature import signed_headers, signing

DUE_AT_ONCE_MAX = 100
DELIVERIES_MAX = 10_000


class Sender(Protocol):
    """Sends a message to a URL."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What the receiver says; never raises for what it may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A try that was recorded, and why its endpoint is disabled, where it is."""

    url: str
    made: Try
    disabled: str | None


def deliver_due(
    database: Database, sender: Sender, clock: Clock, *, deliveries_max: int = DELIVERIES_MAX
) -> Iterator[Delivered]:
    """Try every delivery that is due once, oldest first. An endpoint that is disabled meanwhile is left alone."""
    after: int | None = 0
    left, disabled = deliveries_max, set[str]()
    while after is not None and left > 0:
        with database.begin() as work:
            page = work.outbound.due(now=clock(), limit=min(left, DUE_AT_ONCE_MAX), after=after)
        for due in page.items:
            if due.delivery.endpoint in disabled:
                continue
            done = _deliver(database, sender, clock, due)
            if done is None:
                continue
            if done.disabled is not None:
                disabled.add(due.delivery.endpoint)
            yield done
        left -= len(page.items)
        after = page.next_after


def _deliver(database: Database, sender: Sender, clock: Clock, due: DueDelivery) -> Delivered | None:
    with database.begin() as work:
        known = work.outbound.secrets(due.delivery.endpoint)
    at = clock()
    headers = signed_headers(due.delivery.event, due.body, signing(known, at=at), at=at)
    answer = sender.send(due.url, headers, due.body)
    made = tried(due.delivery.id, before=due.tries, answer=answer, at=clock())
    why = disables(made)
    try:
        with database.begin(write=True) as work:
            work.outbound.add_try(made)
            standing = work.outbound.endpoint(due.delivery.endpoint)
            if why is not None and standing is not None and standing.enabled:
                work.outbound.stand(due.delivery.endpoint, enabled=False, note=why, at=made.at)
            work.commit()
    except Conflict:
        return None  # somebody else was quicker
    return Delivered(url=due.url, made=made, disabled=why)
