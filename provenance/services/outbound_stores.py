"""What outbound webhooks need a database to keep. As everywhere: appended only; but no facts of ours, and no leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provenance.services.records import Page
from provenance.webhooks.delivery import Delivery, Try
from provenance.webhooks.endpoint import Endpoint
from provenance.webhooks.event import Event, EventType
from provenance.webhooks.signature import SigningSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStanding:
    """An endpoint, whether it is told, and why it isn't."""

    seq: int
    endpoint: Endpoint
    created_at: datetime
    enabled: bool
    note: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStanding:
    """A delivery with what it tells, where, and its last try; ``tries`` counts them."""

    seq: int
    delivery: Delivery
    type: EventType
    subject: str
    url: str
    tries: int
    last: Try | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDelivery:
    """A delivery whose time has come, with all that is sent."""

    delivery: Delivery
    url: str
    body: bytes
    tries: int


class OutboundStore(Protocol):
    """Endpoints, their secrets, events, deliveries and tries."""

    def add_endpoint(self, endpoint: Endpoint, secret: SigningSecret, at: datetime) -> None:
        """Keep an endpoint, enabled, with its first secret. `NotFound` where there is no such party."""

    def endpoint(self, endpoint: str) -> EndpointStanding | None:
        """The endpoint of this id."""

    def endpoints(self, *, after: int = 0, limit: int, party: str | None = None) -> Page[EndpointStanding]:
        """Endpoints in the order of registration: all, or those of a party."""

    def secrets(self, endpoint: str) -> Sequence[SigningSecret]:
        """All secrets that an endpoint ever had, oldest first."""

    def add_secret(self, endpoint: str, secret: SigningSecret) -> None:
        """Keep a new secret of an endpoint."""

    def stand(self, endpoint: str, *, enabled: bool, note: str, at: datetime) -> None:
        """Enable an endpoint, or disable it with a note."""

    def add_event(self, event: Event, at: datetime) -> int:
        """Keep an event and a delivery to each enabled endpoint that hears of it; how many.

        The same event again does nothing, and one that nobody hears of isn't kept.
        """

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep a delivery of an event that was kept before."""

    def delivery(self, delivery: str) -> DeliveryStanding | None:
        """The delivery of this id."""

    def deliveries(
        self, *, after: int = 0, limit: int, endpoint: str | None = None, party: str | None = None
    ) -> Page[DeliveryStanding]:
        """Deliveries in the order in which they were made: all, or to an endpoint, or of a party."""

    def replays(self, event: str, endpoint: str) -> int:
        """How many deliveries of an event to an endpoint there are."""

    def due(self, *, now: datetime, limit: int, after: int = 0) -> Page[DueDelivery]:
        """Deliveries of the last `KEPT_FOR` to enabled endpoints that are to be tried now, oldest first."""

    def add_try(self, made: Try) -> None:
        """Keep what a try came to. `Conflict` where it isn't the next one."""
