"""Events on their way to endpoints on loopback, one after the other, in the order of the world's deliveries."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from provenance.stripe_double.core.handle import advance
from provenance.stripe_double.core.webhooks import Signed, due_deliveries, next_due, settle
from provenance.stripe_double.core.world import World

ANSWER_SECONDS_MAX = 10


async def deliver_forever(world: World, now: Callable[[], int], wake: asyncio.Event, *, moves: bool) -> None:
    """Deliver what is due, and wait for more: until ``wake`` is set or, if the clock ``moves``, until it is time."""
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS_MAX, trust_env=False) as http:
        while True:
            wake.clear()
            advance(world, now())
            for signed in due_deliveries(world):
                settle(world, signed.delivery, accepted=await _send(http, signed))
            try:
                await asyncio.wait_for(wake.wait(), _seconds_until(world, now()) if moves else None)
            except TimeoutError:
                continue


def _seconds_until(world: World, now: int) -> float | None:
    """How long nothing can be due; None where nothing will be."""
    times = [at for at in (next_due(world), world.due[0][0] if world.due else None) if at is not None]
    return max(1.0, min(times) - now) if times else None


async def _send(http: httpx.AsyncClient, signed: Signed) -> bool:
    """Whether the endpoint has taken it in. One that isn't on this machine never hears of it."""
    if not is_loopback(signed.url):
        return False
    try:
        answer = await http.post(signed.url, content=signed.body, headers=signed.headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.is_success


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine, by its words alone: no name is looked up."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
