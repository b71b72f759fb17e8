"""Events: what happened, kept for 30 days, and put on their way to every endpoint that asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.faults import OF_EVENTS, Fault, FaultKind
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.records import Delivery, Endpoint, Event, Record
from provenance.stripe_double.core.refused import Refused, missing
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.world import World

TYPES_MAX = 20
EVENTS = "events"
ENDPOINTS = "webhook_endpoints"


def emit(
    world: World,
    account: str,
    kind: str,
    data: Json,
    *,
    previous: Mapping[str, object] | None = None,
    call: Call | None = None,
) -> Event:
    """Note that something happened in an account. ``data`` is the object as it is now, which the event keeps."""
    event = Event(
        id=world.new_id("evt"),
        account=account,
        created=world.now,
        kind=kind,
        data=data,
        previous=previous,
        connected=None if account == world.platform else account,
        request=call.request if call else None,
        key=call.key if call else None,
    )
    world.add(EVENTS, event)
    fault = world.strike(OF_EVENTS, path=kind, account=account)
    for id_ in world.lists.get((world.platform, ENDPOINTS), ()):
        endpoint = world.get(Endpoint, id_)
        if _wants(endpoint, event):
            _send(world, event, endpoint, fault)
    return event


def _wants(endpoint: Endpoint, event: Event) -> bool:
    """Whether an endpoint hears of an event: of the platform's or of connected accounts', and of which types."""
    if not endpoint.enabled or endpoint.connect != (event.connected is not None):
        return False
    return "*" in endpoint.kinds or event.kind in endpoint.kinds


def _send(world: World, event: Event, endpoint: Endpoint, fault: Fault | None) -> None:
    kind = fault.kind if fault else None
    if kind is FaultKind.EVENT_DROPPED:
        return
    copies = 1 + (fault.copies if fault and kind is FaultKind.EVENT_DUPLICATED else 0)
    late = fault.seconds if fault and kind is FaultKind.EVENT_LATE else 0
    for _ in range(copies):
        # Orders are even; an odd one, three further on, comes after the next delivery.
        order = 2 * world.new_order() + (3 if kind is FaultKind.EVENT_REORDERED else 0)
        id_ = world.new_id("whd")
        world.deliveries[id_] = Delivery(
            id=id_, event=event.id, endpoint=endpoint.id, due=world.now + late, order=order
        )
        world.delivered[event.id] = world.delivered.get(event.id, 0) + 1


def resend(world: World, event_id: str) -> bool:
    """Put an event on its way again, as an operator does by hand. False where there is no such event."""
    event = world.objects.get(event_id)
    if not isinstance(event, Event):
        return False
    for id_ in world.lists.get((world.platform, ENDPOINTS), ()):
        endpoint = world.get(Endpoint, id_)
        if _wants(endpoint, event):
            _send(world, event, endpoint, None)
    return True


def _retrieve(call: Call, _command: None) -> Json:
    event = call.world.find(Event, call.ids[0], account=call.account, what="event")
    if not _kept(call.world, event):
        raise missing("event", event.id)
    return shape(call.world, event)


def _kept(world: World, record: Record) -> bool:
    return record.created > world.now - world.options.event_seconds


def _read_list(reader: Reader) -> Query:
    kinds, one = reader.texts("types"), reader.text("type")
    if len(kinds) > TYPES_MAX or (kinds and one):
        raise Refused(f"You may name one type, or up to {TYPES_MAX} types.", param="types")
    query = read_query("delivery_success")(reader)
    return replace(query, kinds=(one,) if one else kinds)


def _list(call: Call, query: Query) -> Json:
    world, wanted = call.world, query.kinds
    success = query.filters.get("delivery_success")

    def keep(record: Record) -> bool:
        assert isinstance(record, Event)
        if not _kept(world, record) or not any(_is_of(record.kind, kind) for kind in wanted or ("*",)):
            return False
        return success is None or (success == "true") == (not world.delivered.get(record.id))

    return page(call, EVENTS, query, keep=keep)


def _is_of(kind: str, wanted: str) -> bool:
    """One type, or all that begin like ``payout.*``."""
    return kind.startswith(wanted[:-1]) if wanted.endswith("*") else kind == wanted


ROUTES = (
    Route(method="GET", path="/v1/events/*", read=nothing, execute=_retrieve),
    Route(method="GET", path="/v1/events", read=_read_list, execute=_list),
)
