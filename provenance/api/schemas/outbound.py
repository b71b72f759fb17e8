"""Outbound webhooks: where a party hears of events, and what it was told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provenance.api.schemas.fields import Form, Moment, PartyId, View, example
from provenance.webhooks.endpoint import URL_CHARS_MAX
from provenance.webhooks.event import EventType

_ENDPOINT = {
    "id": "endpoint_5f0c2a9b71d44c3e8a90b1c2",
    "party": "oona-tresker",
    "url": "https://oona.example/hooks",
    "events": ["statement.issued", "payout.paid", "payout.failed"],
    "enabled": True,
    "note": "",
    "since": "2026-11-21T08:00:00.000000Z",
}
_DELIVERY = {
    "id": "delivery_0a1b2c3d4e5f60718293a4b5",
    "event": "event_b5a493827160f5e4d3c2b1a0",
    "type": "payout.paid",
    "subject": "payout_00112233445566778899aabb",
    "endpoint": _ENDPOINT["id"],
    "number": 1,
    "created_at": "2026-12-01T09:00:00.000000Z",
    "tries": 1,
    "result": "delivered",
    "status": 204,
    "note": "",
    "next_at": None,
}

Url = Annotated[str, Field(min_length=1, max_length=URL_CHARS_MAX)]


class EndpointForm(Form):
    """An endpoint to register: a public https URL, and of what it hears."""

    model_config = example({"party": "oona-tresker", "url": _ENDPOINT["url"], "events": _ENDPOINT["events"]})

    party: PartyId
    url: Url
    events: Annotated[list[EventType], Field(min_length=1, max_length=len(EventType))]


class StandingForm(Form):
    """Whether an endpoint is told, and why."""

    model_config = example({"enabled": False, "note": "It moves house."})

    enabled: bool
    note: Annotated[str, Field(max_length=1_000)] = ""


class EndpointView(View):
    """An endpoint, without its secret."""

    model_config = example(_ENDPOINT)

    id: str
    party: str
    url: str
    events: list[EventType]
    enabled: bool
    note: str
    since: Moment


class RegisteredEndpointView(EndpointView):
    """A new endpoint with the secret that signs. This is the one time that the secret is shown."""

    model_config = example(_ENDPOINT | {"secret": "whsec_…"})

    secret: str


class SecretView(View):
    """A new secret. This is the one time that it is shown; the one before signs beside it for a day."""

    model_config = example({"endpoint": _ENDPOINT["id"], "secret": "whsec_…"})

    endpoint: str
    secret: str


class DeliveryView(View):
    """An event that was, or is to be, told to an endpoint, and what the last try came to."""

    model_config = example(_DELIVERY)

    id: str
    event: str
    type: EventType
    subject: str
    endpoint: str
    number: int
    created_at: Moment
    tries: int
    result: str | None
    status: int | None
    note: str
    next_at: Moment | None
