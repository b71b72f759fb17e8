"""A row in each table of outbound webhooks."""

from datetime import datetime

from provenance.services.ports import UnitOfWork
from provenance.webhooks.delivery import Answer, Delivery, tried
from provenance.webhooks.endpoint import Endpoint
from provenance.webhooks.event import Event, EventType
from provenance.webhooks.signature import SigningSecret


def record_outbound(work: UnitOfWork, at: datetime) -> None:
    """Ann hears of an event, which was tried once."""
    endpoint = Endpoint(party="ann", url="https://example.com/hooks", events=tuple(EventType))
    work.outbound.add_endpoint(endpoint, SigningSecret(key=b"k" * 32, since=at), at)
    event = Event(type=EventType.PAYOUT_PAID, party="ann", subject="p", at=at, data={})
    work.outbound.add_event(event, at)
    delivery = Delivery(event=event.id, endpoint=endpoint.id, number=1, created_at=at)
    work.outbound.add_try(tried(delivery.id, before=0, answer=Answer(status=204), at=at))
