"""A double in this process: the SDK's own client drives it through an HTTP client that has no socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from provenance.stripe_double.core import account_state, control, funding, webhooks
from provenance.stripe_double.core.faults import Fault, FaultKind
from provenance.stripe_double.core.handle import advance, handle
from provenance.stripe_double.core.request import Answer, Lost, Request
from provenance.stripe_double.core.world import Options, World, new_world

KEY = "sk_test_double"
NOON_2026 = 1_767_268_800  # 2026-01-01T12:00:00Z


class Double:
    """A world and its clock. The clock stands still until `advance` moves it; ``now`` is in Unix seconds."""

    def __init__(self, *, seed: int = 0, now: int = NOON_2026, options: Options | None = None) -> None:
        self.world: World = new_world(seed=seed, now=now, options=options)

    @property
    def now(self) -> int:
        """The world's time."""
        return self.world.now

    def advance(self, seconds: int) -> None:
        """Move the clock forward; what is due by then happens."""
        advance(self.world, self.world.now + seconds)

    def inject(self, kind: FaultKind | str, **details: Any) -> None:
        """Add a fault to the script: its kind, and the other fields of `Fault`."""
        control.inject(self.world, Fault(kind=FaultKind(kind), **details))

    def fund(self, amount: int, currency: str) -> None:
        """Give the platform money that is available at once, in minor units."""
        funding.fund(self.world, amount, currency)

    def onboard(self, account: str, *, currency: str | None = None) -> None:
        """Bring all that an account needs, and a bank account in ``currency``."""
        account_state.onboard(self.world, account, currency=currency)

    def deliveries(self, *, accepted: bool = True) -> list[webhooks.Signed]:
        """Take the deliveries that are due now, signed, in the order in which they would arrive.

        They count as answered with a 2xx, or with an error where they aren't ``accepted``.
        """
        due = webhooks.due_deliveries(self.world)
        for delivery in due:
            webhooks.settle(self.world, delivery.delivery, accepted=accepted)
        return due

    def handle(self, request: Request) -> Answer:
        """Answer a request now."""
        return handle(self.world, request, self.world.now)

    def client(self, *, key: str = KEY, account: str | None = None, retries: int = 0) -> stripe.StripeClient:
        """The SDK's client over this double; ``account`` is sent as ``Stripe-Account`` with every request."""
        return stripe.StripeClient(
            key, stripe_account=account, max_network_retries=retries, http_client=InProcessClient(self)
        )


class InProcessClient(stripe.HTTPClient):
    """The SDK's way to its HTTP library, leading to a `Double` instead. A lost answer is a connection error to it."""

    name = "provenance-stripe-double"

    def __init__(self, double: Double) -> None:
        super().__init__()
        self._double = double

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **_metrics: Any,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Answer one request of the SDK's.

        Raises:
            stripe.APIConnectionError: no answer reaches the caller, whether or not the request had its effect.
        """
        parts = urlsplit(url)
        answer = self._double.handle(
            Request(
                method=method.upper(),
                path=parts.path,
                query=parts.query,
                body=post_data or "",
                headers={name.lower(): value for name, value in (headers or {}).items()},
            )
        )
        if isinstance(answer, Lost):
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]  # the SDK's
                "Request timed out.", should_retry=True
            )
        return answer.body, answer.status, _Headers({name.lower(): text for name, text in answer.headers.items()})

    def close(self) -> None:
        """Nothing is open."""

    def _sleep_time_seconds(self, num_retries: int) -> float:  # noqa: ARG002
        """Nobody waits in process: the clock is moved instead."""
        return 0.0


class _Headers(dict[str, str]):
    """Headers by their names in whatever case: the SDK asks for ``Request-Id`` and for ``request-id``."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())
