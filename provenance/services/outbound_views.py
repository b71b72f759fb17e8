"""Endpoints and deliveries as callers read them: no view holds a secret."""

from __future__ import annotations

from datetime import datetime

from provenance.services.outbound_stores import DeliveryStanding, EndpointStanding
from provenance.services.views import View


def endpoint_view(found: EndpointStanding) -> View:
    """An endpoint, and whether it is told."""
    return {
        "id": found.endpoint.id,
        "party": found.endpoint.party,
        "url": found.endpoint.url,
        "events": [event.value for event in found.endpoint.events],
        "enabled": found.enabled,
        "note": found.note,
        "since": _time(found.since),
    }


def delivery_view(found: DeliveryStanding) -> View:
    """A delivery, and what its last try came to."""
    last = found.last
    return {
        "id": found.delivery.id,
        "event": found.delivery.event,
        "type": found.type.value,
        "subject": found.subject,
        "endpoint": found.delivery.endpoint,
        "number": found.delivery.number,
        "created_at": _time(found.delivery.created_at),
        "tries": found.tries,
        "result": last.result.value if last else None,
        "status": last.status if last else None,
        "note": last.note if last else "",
        "next_at": _time(last.next_at) if last and last.next_at else None,
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
