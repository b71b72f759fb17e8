"""Who is told what: register endpoints, exchange secrets, disable and enable, tell of an event, tell it again."""

from __future__ import annotations

from datetime import datetime

from provenance.kernel.errors import Conflict, InvalidEndpoint, NotFound
from provenance.kernel.ids import LABEL_CHARS_MAX, check_label
from provenance.services.outbound_stores import DeliveryStanding, EndpointStanding
from provenance.services.ports import Database, UnitOfWork
from provenance.webhooks.delivery import Delivery
from provenance.webhooks.endpoint import ENDPOINTS_OF_PARTY_MAX, Endpoint, check_url
from provenance.webhooks.event import Event
from provenance.webhooks.signature import SigningSecret

REPLAYS_MAX = 100
SECRETS_MAX = 100


def add_endpoint(
    database: Database, endpoint: Endpoint, *, key: bytes, loopback: bool, at: datetime
) -> tuple[EndpointStanding, SigningSecret]:
    """Register where a party hears of events; the secret is shown this once. ``key`` are random bytes.

    Raises:
        InvalidEndpoint: its URL may not be called, or the party has `ENDPOINTS_OF_PARTY_MAX` already.
        NotFound: there is no such party.
        Conflict: it is registered; its secret isn't shown again.
    """
    check_url(endpoint.url, loopback=loopback)
    secret = SigningSecret(key=key, since=at)
    with database.begin(write=True) as work:
        if work.parties.get(endpoint.party) is None:
            raise NotFound(f"There is no party {endpoint.party!r}.", mend="Register it first.", party=endpoint.party)
        if work.outbound.endpoint(endpoint.id) is not None:
            raise Conflict(
                "This endpoint is registered already.", mend="Rotate its secret for a new one.", endpoint=endpoint.id
            )
        known = work.outbound.endpoints(limit=ENDPOINTS_OF_PARTY_MAX, party=endpoint.party)
        if len(known.items) >= ENDPOINTS_OF_PARTY_MAX:
            raise InvalidEndpoint(f"A party has at most {ENDPOINTS_OF_PARTY_MAX} endpoints.", mend="Use one of them.")
        work.outbound.add_endpoint(endpoint, secret, at)
        made = _endpoint(work, endpoint.id, party=None)
        work.commit()
    return made, secret


def rotate_secret(
    database: Database, endpoint: str, *, key: bytes, at: datetime, party: str | None = None
) -> SigningSecret:
    """A new secret, shown this once; the one before signs beside it for a day. Raises `NotFound` and `Conflict`."""
    secret = SigningSecret(key=key, since=at)
    with database.begin(write=True) as work:
        found = _endpoint(work, endpoint, party=party)
        if len(work.outbound.secrets(found.endpoint.id)) >= SECRETS_MAX:
            raise Conflict("The endpoint had very many secrets.", mend="Register another URL.", endpoint=endpoint)
        work.outbound.add_secret(found.endpoint.id, secret)
        work.commit()
    return secret


def set_enabled(
    database: Database, endpoint: str, *, enabled: bool, note: str, at: datetime, party: str | None = None
) -> EndpointStanding:
    """Disable an endpoint, or enable it: what waits for it is told then. The same again does nothing.

    Raises:
        NotFound: there is none, or it is another party's than ``party``.
    """
    check_label(note, what="note", chars_max=LABEL_CHARS_MAX)
    with database.begin(write=True) as work:
        found = _endpoint(work, endpoint, party=party)
        if found.enabled != enabled:
            work.outbound.stand(endpoint, enabled=enabled, note=note, at=at)
            found = _endpoint(work, endpoint, party=party)
            work.commit()
    return found


def replay(database: Database, delivery: str, *, at: datetime, party: str | None = None) -> DeliveryStanding:
    """Tell an event to its endpoint again, under the same message id. Raises `NotFound` and `Conflict`."""
    with database.begin(write=True) as work:
        found = work.outbound.delivery(delivery)
        if found is None:
            raise _no_delivery(delivery)
        _check_party(work, found, party)
        event, endpoint = found.delivery.event, found.delivery.endpoint
        count = work.outbound.replays(event, endpoint)
        if count > REPLAYS_MAX:
            raise Conflict(f"It was told again {REPLAYS_MAX} times.", mend="Look what the endpoint answers.")
        again = Delivery(event=event, endpoint=endpoint, number=count + 1, created_at=at)
        work.outbound.add_delivery(again)
        made = work.outbound.delivery(again.id)
        assert made is not None, "it was kept just now"
        work.commit()
    return made


def tell(work: UnitOfWork, event: Event, at: datetime) -> None:
    """Keep an event in the transaction of the fact that it is about: it is told where that is committed, or never."""
    work.outbound.add_event(event, at)


def _endpoint(work: UnitOfWork, endpoint: str, *, party: str | None) -> EndpointStanding:
    found = work.outbound.endpoint(endpoint)
    if found is None or party not in (None, found.endpoint.party):
        raise NotFound("There is no such endpoint.", mend="List them: provenance webhooks list.", endpoint=endpoint)
    return found


def _check_party(work: UnitOfWork, found: DeliveryStanding, party: str | None) -> None:
    owner = work.outbound.endpoint(found.delivery.endpoint)
    if party is not None and (owner is None or owner.endpoint.party != party):
        raise _no_delivery(found.delivery.id)


def _no_delivery(delivery: str) -> NotFound:
    return NotFound("There is no such delivery.", mend="List them with their endpoint.", delivery=delivery)
