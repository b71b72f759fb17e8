"""One request on its way through an endpoint, and what an endpoint is: first read, then carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.shapes import Json
from provenance.stripe_double.core.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who asks for what. ``account`` acts: the platform, or the connected account of the ``Stripe-Account`` header.

    ``ids`` are the parts of the path that the route leaves open.
    """

    world: World
    account: str
    request: str
    key: str | None = None
    ids: tuple[str, ...] = ()
    url: str = ""

    @property
    def on_platform(self) -> bool:
        """Whether the platform acts for itself."""
        return self.account == self.world.platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An endpoint: ``path`` with ``*`` where an id stands.

    ``read`` tells from the parameters alone whether the request makes sense, and what it asks for; ``execute`` carries
    that out: it may refuse by the state of the world, before its first change.
    """

    method: str
    path: str
    read: Callable[[Reader], Any]
    execute: Callable[[Call, Any], Json]


def nothing(_reader: Reader) -> None:
    """What an endpoint reads that takes no parameters."""
