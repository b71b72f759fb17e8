"""Webhook endpoints: where events go. The signing secret is told once, when an endpoint is made."""

from __future__ import annotations

from dataclasses import dataclass, replace

from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.events import ENDPOINTS
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.records import Endpoint
from provenance.stripe_double.core.refused import Refused
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.world import World

ENDPOINTS_MAX = 16
URL_CHARS_MAX = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointForm:
    """What an endpoint is made with, or changed to; None where it stays as it is."""

    url: str | None
    kinds: tuple[str, ...]
    connect: bool
    description: str | None
    enabled: bool | None
    metadata: dict[str, str] | None


def _read(reader: Reader, *, new: bool) -> EndpointForm:
    url = reader.required("url", chars_max=URL_CHARS_MAX) if new else reader.text("url", chars_max=URL_CHARS_MAX)
    if url is not None and not url.startswith(("http://", "https://")):
        raise Refused(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param="url"
        )
    kinds = reader.texts("enabled_events")
    if new and not kinds:
        raise Refused("Missing required param: enabled_events.", code="parameter_missing", param="enabled_events")
    disabled = reader.flag("disabled")
    form = EndpointForm(
        url=url,
        kinds=kinds,
        connect=bool(reader.flag("connect")) if new else False,
        description=reader.text("description"),
        enabled=None if disabled is None else not disabled,
        metadata=reader.metadata(),
    )
    reader.text("api_version")
    reader.end()
    return form


def _create(call: Call, form: EndpointForm) -> Json:
    world = call.world
    if len(world.lists.get((call.account, ENDPOINTS), ())) >= ENDPOINTS_MAX:
        raise Refused(f"You have reached the maximum of {ENDPOINTS_MAX} webhook endpoints.")
    assert form.url is not None, "a new one has a URL"
    endpoint = register(world, form.url, kinds=form.kinds, connect=form.connect)
    endpoint = replace(endpoint, description=form.description, metadata=form.metadata or {})
    world.put(endpoint)
    return shape(world, endpoint) | {"secret": endpoint.secret}


def register(world: World, url: str, *, kinds: tuple[str, ...] = ("*",), connect: bool = False) -> Endpoint:
    """A new endpoint of the platform, for events of these ``kinds``: its own, or those of connected accounts."""
    id_ = world.new_id("we")
    endpoint = Endpoint(
        id=id_,
        account=world.platform,
        created=world.now,
        url=url,
        secret=f"whsec_{world.secret('endpoint', id_)[:32]}",
        kinds=kinds,
        connect=connect,
    )
    world.add(ENDPOINTS, endpoint)
    return endpoint


def _update(call: Call, form: EndpointForm) -> Json:
    endpoint = _find(call)
    changed = replace(
        endpoint,
        url=form.url or endpoint.url,
        kinds=form.kinds or endpoint.kinds,
        description=form.description if form.description is not None else endpoint.description,
        enabled=endpoint.enabled if form.enabled is None else form.enabled,
        metadata={**endpoint.metadata, **(form.metadata or {})},
    )
    call.world.put(changed)
    return shape(call.world, changed)


def _find(call: Call) -> Endpoint:
    return call.world.find(Endpoint, call.ids[0], account=call.account, what="webhook endpoint")


def _retrieve(call: Call, _command: None) -> Json:
    return shape(call.world, _find(call))


def _delete(call: Call, _command: None) -> Json:
    endpoint = _find(call)
    call.world.put(replace(endpoint, enabled=False))
    call.world.lists[call.account, ENDPOINTS].remove(endpoint.id)
    gone = [d.id for d in call.world.deliveries.values() if d.endpoint == endpoint.id]
    for id_ in gone:
        del call.world.deliveries[id_]
    return {"id": endpoint.id, "object": "webhook_endpoint", "deleted": True}


def _list(call: Call, query: Query) -> Json:
    return page(call, ENDPOINTS, query)


_PATH = "/v1/webhook_endpoints"
ROUTES = (
    Route(method="POST", path=_PATH, read=lambda reader: _read(reader, new=True), execute=_create),
    Route(method="POST", path=f"{_PATH}/*", read=lambda reader: _read(reader, new=False), execute=_update),
    Route(method="GET", path=f"{_PATH}/*", read=nothing, execute=_retrieve),
    Route(method="DELETE", path=f"{_PATH}/*", read=nothing, execute=_delete),
    Route(method="GET", path=_PATH, read=read_query(created=False), execute=_list),
)
