"""Deliveries of events: which are due, in which order, signed as Stripe signs; and what becomes of each.

A delivery that isn't answered with a 2xx comes again, at ever longer intervals, for three days.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, replace

from provenance.stripe_double.core.records import Delivery, Endpoint, Event
from provenance.stripe_double.core.shapes import shape
from provenance.stripe_double.core.world import World

SIGNATURE_HEADER = "Stripe-Signature"
BATCH_MAX = 1_000
HOUR = 3_600
# When an event comes again after each failure; the last is repeated.
BACKOFF_SECONDS = (300, 1_800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR)
GIVE_UP_SECONDS = 72 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A delivery, ready to be sent: ``body`` are the bytes that ``signature`` (the header's value) is over."""

    delivery: str
    event: str
    kind: str
    url: str
    body: bytes
    signature: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers to send with the body."""
        return {"Content-Type": "application/json; charset=utf-8", SIGNATURE_HEADER: self.signature}


def sign(secret: str, body: bytes, at: int) -> str:
    """The value of ``Stripe-Signature``: HMAC-SHA256 over ``t.body`` (docs.stripe.com/webhooks#verify-manually)."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def due_deliveries(world: World, *, limit: int = BATCH_MAX) -> list[Signed]:
    """What is to be sent by now, in the order in which it is to be sent, signed as of now.

    A delivery stays due until `settle` says what became of it.
    """
    due = sorted((d for d in world.deliveries.values() if d.due <= world.now), key=lambda d: (d.due, d.order))
    return [_signed(world, delivery) for delivery in due[:limit]]


def next_due(world: World) -> int | None:
    """When the next delivery is due, or None."""
    return min((d.due for d in world.deliveries.values()), default=None)


def _signed(world: World, delivery: Delivery) -> Signed:
    event, endpoint = world.get(Event, delivery.event), world.get(Endpoint, delivery.endpoint)
    body = json.dumps(shape(world, event), separators=(",", ":")).encode()
    return Signed(
        delivery=delivery.id,
        event=event.id,
        kind=event.kind,
        url=endpoint.url,
        body=body,
        signature=sign(endpoint.secret, body, world.now),
    )


def settle(world: World, delivery_id: str, *, accepted: bool) -> None:
    """Note what became of a delivery: done, or to come again, or given up."""
    delivery = world.deliveries.get(delivery_id)
    if delivery is None:
        return
    event = world.get(Event, delivery.event)
    if accepted:
        del world.deliveries[delivery_id]
        world.delivered[event.id] -= 1
        return
    wait = BACKOFF_SECONDS[min(delivery.attempts, len(BACKOFF_SECONDS) - 1)]
    if world.now + wait - event.created > GIVE_UP_SECONDS:
        del world.deliveries[delivery_id]  # it stays undelivered: `delivered` keeps counting it
        return
    world.deliveries[delivery_id] = replace(delivery, due=world.now + wait, attempts=delivery.attempts + 1)
