"""Commands on outbound webhooks: register where parties hear of events, deliver what is due, tell something again."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli.failures import PARTLY_REFUSED, note
from provenance.cli.options import Json
from provenance.webhooks.event import EventType

LIST_MAX = 10_000

webhooks = typer.Typer(help="Tell parties what happens, at URLs of theirs.", no_args_is_help=True)

EndpointArgument = Annotated[str, typer.Argument(metavar="ENDPOINT", help="An id from `provenance webhooks list`.")]
Limit = Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")]
Note = Annotated[str, typer.Option("--note", help="Why, in a line.")]


@webhooks.command("add")
def add_endpoint(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Who hears.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where: a public https URL.")],
    events: Annotated[
        list[EventType] | None,
        typer.Option("--event", help="Of what; once for each. Of everything where none is given."),
    ] = None,
) -> None:
    """Register where a party hears of events. The secret that signs is printed once, alone on standard output.

    Example: provenance webhooks add lumen-studio https://lumen.example/hooks > secret.txt
    """
    from provenance.adapters.clock import random_signing_key
    from provenance.cli.session import opened
    from provenance.services import outbound
    from provenance.webhooks.endpoint import Endpoint
    from provenance.webhooks.signature import secret_text

    endpoint = Endpoint(party=party, url=url, events=tuple(events or EventType))
    with opened() as system:
        loopback = system.settings.webhook_loopback
        made, secret = outbound.add_endpoint(
            system.database, endpoint, key=random_signing_key(), loopback=loopback, at=system.clock()
        )
    note(f"{made.endpoint.id} of {party}. Keep the secret; it is not shown again.")
    typer.echo(secret_text(secret))


@webhooks.command("rotate")
def rotate_secret(endpoint: EndpointArgument) -> None:
    """Exchange an endpoint's secret. For a day both sign; the new one is printed once, alone on standard output.

    Example: provenance webhooks rotate endpoint_0123456789ab > secret.txt
    """
    from provenance.adapters.clock import random_signing_key
    from provenance.cli.session import opened
    from provenance.services import outbound
    from provenance.webhooks.signature import secret_text

    with opened() as system:
        secret = outbound.rotate_secret(system.database, endpoint, key=random_signing_key(), at=system.clock())
    note("Keep the secret; it is not shown again. The one before signs beside it for a day.")
    typer.echo(secret_text(secret))


@webhooks.command("list")
def list_endpoints(
    party: Annotated[str, typer.Option(metavar="PARTY", help="Of this party alone.")] = "",
    endpoint: Annotated[str, typer.Option("--deliveries", metavar="ENDPOINT", help="What it was told, instead.")] = "",
    limit: Limit = 200,
    *,
    as_json: Json = False,
) -> None:
    """List endpoints, or the deliveries to one; never a secret.

    Example: provenance webhooks list --deliveries endpoint_0123456789ab
    """
    from provenance.cli.render import console, print_json, table
    from provenance.cli.session import opened
    from provenance.services.outbound_views import delivery_view, endpoint_view

    columns: tuple[str, ...]
    with opened() as system, system.database.begin() as work:
        if endpoint:
            told = work.outbound.deliveries(limit=limit, endpoint=endpoint)
            rows, more = [delivery_view(d) for d in told.items], told.next_after is not None
            columns = ("id", "type", "subject", "created_at", "tries", "result", "note", "next_at")
        else:
            found = work.outbound.endpoints(limit=limit, party=party or None)
            rows, more = [endpoint_view(e) for e in found.items], found.next_after is not None
            columns = ("id", "party", "url", "enabled", "note")
    if as_json:
        print_json({"deliveries" if endpoint else "endpoints": rows, "more": more})
        return
    shown = [tuple("" if row[c] is None else row[c] for c in columns) for row in rows]
    console().print(table("Deliveries" if endpoint else "Endpoints", columns, shown))
    if more:
        console().print("There are more: raise --limit.")


@webhooks.command("deliver")
def deliver_due(*, limit: Limit = 1_000, as_json: Json = False) -> None:
    """Try every delivery that is due, once. Exits with 3 where one wasn't taken; it is due again later.

    Example: provenance webhooks deliver
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.deliver import deliver_due as deliver
    from provenance.webhooks.delivery import Result

    with opened() as system:
        done = list(deliver(system.database, system.webhook_sender, system.clock, deliveries_max=limit))
    taken = sum(d.made.result is Result.DELIVERED for d in done)
    disabled = [f"{d.url}: {d.disabled}" for d in done if d.disabled]
    if as_json:
        tries = [{"delivery": d.made.delivery, "result": d.made.result.value, "note": d.made.note} for d in done]
        print_json({"tries": tries, "delivered": taken, "disabled": disabled})
    else:
        typer.echo(f"{taken} of {len(done)} taken.")
        for line in disabled:
            note(f"Disabled: {line}")
    if taken < len(done):
        raise typer.Exit(PARTLY_REFUSED)


@webhooks.command("replay")
def replay_delivery(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="An id from `list --deliveries`.")],
    *,
    as_json: Json = False,
) -> None:
    """Tell an event to its endpoint again, under the same message id: at the next `deliver`.

    Example: provenance webhooks replay delivery_0123456789ab
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services import outbound
    from provenance.services.outbound_views import delivery_view

    with opened() as system:
        made = outbound.replay(system.database, delivery, at=system.clock())
    if as_json:
        print_json(delivery_view(made))
    else:
        typer.echo(f"{made.delivery.id} is due: number {made.delivery.number} of {made.delivery.event}.")


@webhooks.command("disable")
def disable_endpoint(endpoint: EndpointArgument, why: Note = "by an operator", *, as_json: Json = False) -> None:
    """Tell an endpoint nothing any more. What waits for it stays.

    Example: provenance webhooks disable endpoint_0123456789ab --note "moves house"
    """
    _stand(endpoint, enabled=False, why=why, as_json=as_json)


@webhooks.command("enable")
def enable_endpoint(endpoint: EndpointArgument, why: Note = "by an operator", *, as_json: Json = False) -> None:
    """Tell an endpoint again, also what waited for it.

    Example: provenance webhooks enable endpoint_0123456789ab
    """
    _stand(endpoint, enabled=True, why=why, as_json=as_json)


def _stand(endpoint: str, *, enabled: bool, why: str, as_json: bool) -> None:
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services import outbound
    from provenance.services.outbound_views import endpoint_view

    with opened() as system:
        found = outbound.set_enabled(system.database, endpoint, enabled=enabled, note=why, at=system.clock())
    if as_json:
        print_json(endpoint_view(found))
    else:
        typer.echo(f"{endpoint} is {'enabled' if found.enabled else 'disabled'}: {found.note}")
