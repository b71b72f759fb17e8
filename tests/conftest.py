"""How properties are searched, and a double of Stripe for whoever needs one.

The same examples come on every run, or, with HYPOTHESIS_PROFILE=search, many new ones.

A test run that somebody waits for says the same of the same code each time. The search is a run of its own
(``make search``), and what it finds becomes an ``@example``.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", parent=settings.get_profile("steady"), derandomize=False, max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

START_SECONDS_MAX = 20.0
STRIPE_KEY = "sk_test_double"


@dataclass(kw_only=True)
class ServedDouble:
    """A double of Stripe on loopback, in a thread; its clock is the machine's, and `command` moves it forward."""

    url: str
    world: Any = field(repr=False)
    clock: Any = field(repr=False)
    key: str = STRIPE_KEY

    @property
    def client(self) -> Any:
        import stripe

        return stripe.StripeClient(self.key, base_addresses={"api": self.url}, max_network_retries=0)

    def command(self, name: str, **body: Any) -> Any:
        import httpx

        answer = httpx.post(f"{self.url}/_double/{name}", json=body, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def served_double() -> Iterator[ServedDouble]:
    from provenance.stripe_double.core.world import Options, new_world
    from provenance.stripe_double.edges.server import Clock, build_server

    clock = Clock()
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    world = new_world(seed=5, now=clock.now(), options=Options(url=url))
    server = build_server(world, clock)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS_MAX
    while not server.started:
        assert thread.is_alive(), "the double ended"
        assert time.monotonic() < deadline, "the double doesn't start"
        time.sleep(0.01)
    try:
        yield ServedDouble(url=url, world=world, clock=clock)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS_MAX)
        listener.close()
