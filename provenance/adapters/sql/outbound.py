"""Outbound webhooks: who hears of what, what there is to tell, and how often it was tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import PAGE_MAX
from provenance.adapters.sql.session import Row, Session
from provenance.kernel.errors import Conflict
from provenance.services.outbound_stores import DeliveryStanding, DueDelivery, EndpointStanding
from provenance.services.records import Page
from provenance.webhooks.delivery import Delivery, Result, Try
from provenance.webhooks.endpoint import Endpoint
from provenance.webhooks.event import Event, EventType
from provenance.webhooks.schedule import KEPT_FOR
from provenance.webhooks.signature import SigningSecret, secret_from, secret_text

_ENDPOINT, _SECRET, _STANDING = tables.outbound_endpoint, tables.outbound_secret, tables.outbound_standing
_EVENT, _DELIVERY, _TRY = tables.outbound_event, tables.outbound_delivery, tables.outbound_try

_LATER = _STANDING.alias("later")
_NOW = sa.and_(
    _STANDING.c.endpoint == _ENDPOINT.c.id,
    ~sa.exists().where(_LATER.c.endpoint == _STANDING.c.endpoint, _LATER.c.number > _STANDING.c.number),
)
_ENDPOINTS = sa.select(_ENDPOINT, _STANDING.c.enabled, _STANDING.c.note, _STANDING.c.at.label("since")).join_from(
    _ENDPOINT, _STANDING, _NOW
)
# What every recorded fact asks: kept, and asked again.
_HEARING = _ENDPOINTS.where(_ENDPOINT.c.party == sa.bindparam("party"), _STANDING.c.enabled == 1)
_NEXT = _TRY.alias("next")
_LAST_TRY = sa.and_(
    _TRY.c.delivery == _DELIVERY.c.id,
    ~sa.exists().where(_NEXT.c.delivery == _TRY.c.delivery, _NEXT.c.number > _TRY.c.number),
)
_DELIVERIES = (
    sa.select(
        _DELIVERY,
        _EVENT.c.type,
        _EVENT.c.subject,
        _EVENT.c.body,
        _ENDPOINT.c.url,
        _TRY.c.number.label("tries"),
        _TRY.c.at,
        _TRY.c.result,
        _TRY.c.status,
        _TRY.c.note,
        _TRY.c.next_at,
    )
    .join_from(_DELIVERY, _EVENT, _EVENT.c.id == _DELIVERY.c.event)
    .join(_ENDPOINT, _ENDPOINT.c.id == _DELIVERY.c.endpoint)
    .join(_TRY, _LAST_TRY, isouter=True)
)


class SqlOutbound:
    """Implements the port `OutboundStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_endpoint(self, endpoint: Endpoint, secret: SigningSecret, at: datetime) -> None:
        """Keep an endpoint, enabled, with its first secret. `NotFound` where there is no such party."""
        row = {
            "seq": self._session.next_seq(_ENDPOINT),
            "id": endpoint.id,
            "party": endpoint.party,
            "url": endpoint.url,
            "events": " ".join(e.value for e in endpoint.events),
            "created_at": at,
        }
        self._session.insert(_ENDPOINT, [row])
        self.add_secret(endpoint.id, secret)
        self.stand(endpoint.id, enabled=True, note="", at=at)

    def endpoint(self, endpoint: str) -> EndpointStanding | None:
        """The endpoint of this id."""
        row = self._session.first(_ENDPOINTS.where(_ENDPOINT.c.id == endpoint))
        return _endpoint(row) if row is not None else None

    def endpoints(self, *, after: int = 0, limit: int, party: str | None = None) -> Page[EndpointStanding]:
        """Endpoints in the order of registration: all, or those of a party."""
        select = _ENDPOINTS.where(_ENDPOINT.c.seq > after).order_by(_ENDPOINT.c.seq)
        select = select.where(_ENDPOINT.c.party == party) if party is not None else select
        size = min(limit, PAGE_MAX)
        found = [_endpoint(row) for row in self._session.rows(select.limit(size + 1))]
        return Page(items=tuple(found[:size]), next_after=found[size - 1].seq if len(found) > size else None)

    def secrets(self, endpoint: str) -> Sequence[SigningSecret]:
        """All secrets that an endpoint ever had, oldest first."""
        select = sa.select(_SECRET).where(_SECRET.c.endpoint == endpoint).order_by(_SECRET.c.number)
        return [secret_from(row.secret, since=row.since) for row in self._session.rows(select)]

    def add_secret(self, endpoint: str, secret: SigningSecret) -> None:
        """Keep a new secret of an endpoint."""
        row = {
            "seq": self._session.next_seq(_SECRET),
            "endpoint": endpoint,
            "number": self._next(_SECRET, endpoint),
            "secret": secret_text(secret),
            "since": secret.since,
        }
        self._session.insert(_SECRET, [row])

    def stand(self, endpoint: str, *, enabled: bool, note: str, at: datetime) -> None:
        """Enable an endpoint, or disable it with a note."""
        row = {
            "seq": self._session.next_seq(_STANDING),
            "endpoint": endpoint,
            "number": self._next(_STANDING, endpoint),
            "enabled": int(enabled),
            "note": note,
            "at": at,
        }
        self._session.insert(_STANDING, [row])

    def add_event(self, event: Event, at: datetime) -> int:
        """Keep an event and a delivery to each enabled endpoint that hears of it; how many."""
        hearing = [_endpoint(row).endpoint for row in self._session.rows(_HEARING, {"party": event.party})]
        hearing = [endpoint for endpoint in hearing if event.type in endpoint.events]
        if not hearing or self._session.scalar(sa.select(_EVENT.c.seq).where(_EVENT.c.id == event.id)) is not None:
            return 0
        row = {
            "seq": self._session.next_seq(_EVENT),
            "id": event.id,
            "type": event.type.value,
            "party": event.party,
            "subject": event.subject,
            "body": event.body.decode(),
            "created_at": at,
        }
        self._session.insert(_EVENT, [row])
        for endpoint in hearing:
            self.add_delivery(Delivery(event=event.id, endpoint=endpoint.id, number=1, created_at=at))
        return len(hearing)

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep a delivery of an event that was kept before."""
        row = {
            "seq": self._session.next_seq(_DELIVERY),
            "id": delivery.id,
            "event": delivery.event,
            "endpoint": delivery.endpoint,
            "number": delivery.number,
            "created_at": delivery.created_at,
        }
        self._session.insert(_DELIVERY, [row])

    def delivery(self, delivery: str) -> DeliveryStanding | None:
        """The delivery of this id."""
        row = self._session.first(_DELIVERIES.where(_DELIVERY.c.id == delivery))
        return _standing(row) if row is not None else None

    def deliveries(
        self, *, after: int = 0, limit: int, endpoint: str | None = None, party: str | None = None
    ) -> Page[DeliveryStanding]:
        """Deliveries in the order in which they were made: all, or to an endpoint, or of a party."""
        select = _DELIVERIES.where(_DELIVERY.c.seq > after).order_by(_DELIVERY.c.seq)
        select = select.where(_DELIVERY.c.endpoint == endpoint) if endpoint is not None else select
        select = select.where(_ENDPOINT.c.party == party) if party is not None else select
        size = min(limit, PAGE_MAX)
        found = [_standing(row) for row in self._session.rows(select.limit(size + 1))]
        return Page(items=tuple(found[:size]), next_after=found[size - 1].seq if len(found) > size else None)

    def replays(self, event: str, endpoint: str) -> int:
        """How many deliveries of an event to an endpoint there are."""
        where = (_DELIVERY.c.event == event, _DELIVERY.c.endpoint == endpoint)
        return int(self._session.scalar(sa.select(sa.func.count()).select_from(_DELIVERY).where(*where)))

    def due(self, *, now: datetime, limit: int, after: int = 0) -> Page[DueDelivery]:
        """Deliveries to enabled endpoints that are to be tried now, oldest first."""
        select = (
            _DELIVERIES.join(_STANDING, _NOW)
            .where(
                _DELIVERY.c.seq > after,
                # Also so that old deliveries cost nothing: nobody looks through them.
                _DELIVERY.c.created_at > now - KEPT_FOR,
                _STANDING.c.enabled == 1,
                sa.or_(_TRY.c.delivery.is_(None), _TRY.c.next_at <= now),
            )
            .order_by(_DELIVERY.c.seq)
        )
        size = min(limit, PAGE_MAX)
        rows = self._session.rows(select.limit(size + 1))
        found = tuple(
            DueDelivery(delivery=_delivery(row), url=row.url, body=row.body.encode(), tries=row.tries or 0)
            for row in rows[:size]
        )
        return Page(items=found, next_after=rows[size - 1].seq if len(rows) > size else None)

    def add_try(self, made: Try) -> None:
        """Keep what a try came to. `Conflict` where it isn't the next one."""
        last = self._session.scalar(sa.select(sa.func.max(_TRY.c.number)).where(_TRY.c.delivery == made.delivery))
        if made.number != (last or 0) + 1:
            raise Conflict("The delivery was tried by somebody else.", mend="Look at it again.", delivery=made.delivery)
        row = {
            "seq": self._session.next_seq(_TRY),
            "delivery": made.delivery,
            "number": made.number,
            "result": made.result.value,
            "status": made.status,
            "note": made.note,
            "next_at": made.next_at,
            "at": made.at,
        }
        self._session.insert(_TRY, [row])

    def _next(self, table: sa.Table, endpoint: str) -> int:
        last = self._session.scalar(sa.select(sa.func.max(table.c.number)).where(table.c.endpoint == endpoint))
        return (last or 0) + 1


def _endpoint(row: Row) -> EndpointStanding:
    events = tuple(EventType(event) for event in row.events.split())
    return EndpointStanding(
        seq=row.seq,
        endpoint=Endpoint(party=row.party, url=row.url, events=events),
        created_at=row.created_at,
        enabled=bool(row.enabled),
        note=row.note,
        since=row.since,
    )


def _delivery(row: Row) -> Delivery:
    return Delivery(event=row.event, endpoint=row.endpoint, number=row.number, created_at=row.created_at)


def _standing(row: Row) -> DeliveryStanding:
    last = None
    if row.tries is not None:
        last = Try(
            delivery=row.id,
            number=row.tries,
            at=row.at,
            result=Result(row.result),
            status=row.status,
            note=row.note,
            next_at=row.next_at,
        )
    return DeliveryStanding(
        seq=row.seq,
        delivery=_delivery(row),
        type=EventType(row.type),
        subject=row.subject,
        url=row.url,
        tries=row.tries or 0,
        last=last,
    )
