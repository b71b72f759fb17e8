"""`provenance stripe-double`: a double of Stripe Connect on loopback, for trying payouts without money."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.failures import FAILED, note
from provenance.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from provenance.stripe_double.core.world import World

HOST, PORT = "127.0.0.1", 12_111
SEED_MAX = 65_535
AMOUNT_DIGITS_MAX = 12


def stripe_double(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port on 127.0.0.1; 0 takes a free one.")] = PORT,
    seed: Annotated[int, typer.Option(min=0, max=SEED_MAX, help="What ids and secrets follow from.")] = 0,
    fund: Annotated[
        list[str] | None,
        typer.Option(metavar="AMOUNT:CURRENCY", help="What the platform has, in minor units, such as 100000:usd."),
    ] = None,
    webhook: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Where all events go; on this machine alone.")
    ] = None,
    *,
    still: Annotated[bool, typer.Option("--still", help="The clock stands still until it is moved.")] = False,
) -> None:
    """Serve a double of Stripe Connect, on this machine alone, until Ctrl-C. It keeps its state as long as it runs.

    The SDK drives it with base_addresses={"api": URL} and any key that starts with sk_test_.

    Example: provenance stripe-double --fund 100000:usd --webhook http://127.0.0.1:8000/v1/webhooks/stripe
    """
    from provenance.cli.server import listen, url_of
    from provenance.stripe_double.core.funding import fund as give
    from provenance.stripe_double.core.world import Options, new_world
    from provenance.stripe_double.edges.server import Clock, serve

    with listen(HOST, port) as listener:
        url = url_of(listener)
        world = new_world(seed=seed, now=int(time.time()), options=Options(url=url))
        for amount, currency in map(_money, fund or ()):
            give(world, amount, currency)
        for target in webhook or ():
            _register(world, target)
        note(f"The double of Stripe listens on {url}; its platform is {world.platform}. Ctrl-C ends it.")
        started = serve(world, Clock(stands=world.now if still else None), listener)
    if not started:
        raise typer.Exit(FAILED)


def _money(text: str) -> tuple[int, str]:
    """``100000:usd`` as minor units and a currency. Raises `InvalidInput`."""
    from provenance.kernel.money import check_currency

    amount, _, currency = text.partition(":")
    if not (amount.isascii() and amount.isdecimal() and len(amount) <= AMOUNT_DIGITS_MAX and int(amount)):
        raise InvalidInput(f"{text[:40]!r} is no amount of money.", mend="Write minor units: --fund 100000:usd.")
    return int(amount), check_currency(currency.upper()).lower()


def _register(world: World, url: str) -> None:
    """Two endpoints at one URL, of the platform's events and of connected accounts', and their secrets told."""
    from provenance.stripe_double.core.endpoints import register
    from provenance.stripe_double.edges.delivering import is_loopback

    if not url.startswith(("http://", "https://")) or not is_loopback(url):
        raise InvalidInput(
            f"{url[:200]!r} isn't on this machine.", mend="Name it so: --webhook http://127.0.0.1:8000/..."
        )
    for connect, whose in ((False, "the platform"), (True, "connected accounts")):
        endpoint = register(world, url, connect=connect)
        note(f"Events of {whose} go to {url}, signed with {endpoint.secret}")
