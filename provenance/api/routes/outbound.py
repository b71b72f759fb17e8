"""Outbound webhooks: register where a party hears of events, exchange secrets, read what it was told, tell it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from provenance.adapters.clock import random_signing_key
from provenance.api.auth import DisputeKey, reads_all
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import Id, ListOf
from provenance.api.schemas.outbound import (
    DeliveryView,
    EndpointForm,
    EndpointView,
    RegisteredEndpointView,
    SecretView,
    StandingForm,
)
from provenance.kernel.errors import Forbidden, NotFound
from provenance.services import outbound
from provenance.services.outbound_views import delivery_view, endpoint_view
from provenance.services.views import View
from provenance.sources.party import ApiKey, Scope
from provenance.webhooks.endpoint import Endpoint
from provenance.webhooks.signature import secret_text

router = APIRouter(prefix="/v1", tags=["endpoints"])


@router.post("/webhook-endpoints", status_code=201, response_model=RegisteredEndpointView)
def post_endpoint(form: EndpointForm, system: InstalledSystem, key: DisputeKey) -> View:
    """Register where a party hears of events. Keep the secret: it can't be shown again. Scope: any, for its own party.

    Messages are signed as Standard Webhooks asks. Only public https URLs are taken. An operator may register any
    party's.
    """
    if _changes(key) not in (None, form.party):
        raise Forbidden(f"This key changes what is {key.party!r}'s alone.", mend="Register your own endpoint.")
    made, secret = outbound.add_endpoint(
        system.database,
        Endpoint(party=form.party, url=form.url, events=tuple(form.events)),
        key=random_signing_key(),
        loopback=system.settings.webhook_loopback,
        at=system.clock(),
    )
    return endpoint_view(made) | {"secret": secret_text(secret)}


@router.get("/webhook-endpoints", response_model=ListOf[EndpointView])
def list_endpoints(
    system: InstalledSystem, key: DisputeKey, page: Annotated[Paging, Depends(paging("endpoints"))]
) -> View:
    """Endpoints, never their secrets: all for an operator or auditor, else those of the key's party. Scope: any."""
    with system.database.begin() as work:
        found = work.outbound.endpoints(after=page.after, limit=page.limit, party=_seen(key))
    return {"items": [endpoint_view(e) for e in found.items], "next_cursor": page.cursor(found.next_after)}


@router.post("/webhook-endpoints/{endpoint}/secret", status_code=201, response_model=SecretView)
def post_secret(endpoint: Id, system: InstalledSystem, key: DisputeKey) -> View:
    """Exchange an endpoint's secret; for a day both sign. Scope: any, for its own party."""
    party = _changes(key)
    secret = outbound.rotate_secret(system.database, endpoint, key=random_signing_key(), at=system.clock(), party=party)
    return {"endpoint": endpoint, "secret": secret_text(secret)}


@router.put("/webhook-endpoints/{endpoint}/standing", response_model=EndpointView)
def put_standing(endpoint: Id, form: StandingForm, system: InstalledSystem, key: DisputeKey) -> View:
    """Disable an endpoint, or enable it: it is told then what waited. Scope: any, for its own party."""
    found = outbound.set_enabled(
        system.database, endpoint, enabled=form.enabled, note=form.note, at=system.clock(), party=_changes(key)
    )
    return endpoint_view(found)


@router.get("/webhook-endpoints/{endpoint}/deliveries", response_model=ListOf[DeliveryView])
def list_deliveries(
    endpoint: Id, system: InstalledSystem, key: DisputeKey, page: Annotated[Paging, Depends(paging("deliveries"))]
) -> View:
    """What an endpoint was told, and what waits for it. Scope: any, for its own party."""
    with system.database.begin() as work:
        known = work.outbound.endpoint(endpoint)
        if known is None or _seen(key) not in (None, known.endpoint.party):
            raise NotFound("There is no such endpoint.", mend="List the endpoints.", endpoint=endpoint)
        found = work.outbound.deliveries(after=page.after, limit=page.limit, endpoint=endpoint)
    return {"items": [delivery_view(d) for d in found.items], "next_cursor": page.cursor(found.next_after)}


@router.post("/webhook-deliveries/{delivery}/replay", status_code=201, response_model=DeliveryView)
def post_replay(delivery: Id, system: InstalledSystem, key: DisputeKey) -> View:
    """Tell an event to its endpoint again, under the same message id. Scope: any, for its own party."""
    return delivery_view(outbound.replay(system.database, delivery, at=system.clock(), party=_changes(key)))


def _seen(key: ApiKey) -> str | None:
    """The party whose endpoints a key sees; None for all."""
    return None if reads_all(key) else key.party


def _changes(key: ApiKey) -> str | None:
    """The party whose endpoints a key may change; None for any."""
    return None if Scope.OPERATOR in key.scopes else key.party
