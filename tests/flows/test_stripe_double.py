"""`provenance stripe-double`: the SDK drives it over loopback, and events come back signed."""

import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
import stripe

SECONDS_MAX = 30


class Hooks:
    """A place on loopback that takes events in."""

    def __init__(self) -> None:
        taken: queue.Queue[tuple[bytes, str]] = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taken.put((self.rfile.read(int(self.headers["Content-Length"])), self.headers["Stripe-Signature"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.taken = taken
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running double."""

    url: str
    secrets: list[str]
    hooks: Hooks
    client: stripe.StripeClient

    def command(self, name: str, **body: Any) -> Any:
        answer = httpx.post(f"{self.url}/_double/{name}", json=body, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def event(self) -> tuple[str, str | None]:
        """The next event's type, and whose it is; its signature has been checked."""
        body, signature = self.hooks.taken.get(timeout=SECONDS_MAX)
        for secret in self.secrets:
            try:
                event = stripe.Webhook.construct_event(body, signature, secret)
            except stripe.SignatureVerificationError:
                continue
            return event.type, getattr(event, "account", None)
        raise AssertionError("nobody signed it")


@pytest.fixture
def served(start: Callable[..., subprocess.Popen[str]]) -> Iterator[Served]:
    hooks = Hooks()
    process = start("stripe-double", "--port", "0", "--fund", "100000:usd", "--webhook", hooks.url, "--still")
    assert process.stderr is not None
    try:
        secrets = [process.stderr.readline().split()[-1] for _ in range(2)]
        url = process.stderr.readline().split(" listens on ")[1].split(";")[0]
        client = stripe.StripeClient("sk_test_flow", base_addresses={"api": url}, max_network_retries=0)
        yield Served(url=url, secrets=secrets, hooks=hooks, client=client)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS_MAX)
        hooks.close()


def test_a_creator_is_onboarded_paid_and_paid_out(served: Served) -> None:
    client = served.client
    account = client.v1.accounts.create(
        {
            "type": "express",
            "country": "US",
            "capabilities": {"transfers": {"requested": True}},
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        }
    )
    link = client.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "return_url": "http://127.0.0.1:1/back",
            "refresh_url": "http://127.0.0.1:1/again",
        }
    )
    assert httpx.get(link.url, trust_env=False).headers["location"] == "http://127.0.0.1:1/back"

    served.command("faults", kind="timeout_after", path="/v1/transfers")
    wanted: Any = {"amount": 500, "currency": "usd", "destination": account.id}
    with pytest.raises(stripe.APIConnectionError):
        client.v1.transfers.create(wanted, {"idempotency_key": "payout-1"})
    made = client.v1.transfers.create(wanted, {"idempotency_key": "payout-1"})
    assert made.last_response is not None
    assert made.last_response.headers["Idempotent-Replayed"] == "true"
    assert [t.id for t in client.v1.transfers.list()] == [made.id]

    mine: Any = {"stripe_account": account.id}
    payout = client.v1.payouts.create({"amount": 500, "currency": "usd"}, {**mine, "idempotency_key": "payout-2"})
    served.command("clock", seconds=3 * 86_400)
    assert client.v1.payouts.retrieve(payout.id, options=mine).status == "paid"

    events = [served.event() for _ in range(7)]
    assert events == [
        ("account.updated", account.id),
        ("account.updated", account.id),
        ("payment.created", account.id),
        ("transfer.created", None),
        ("payout.created", account.id),
        ("payout.updated", account.id),
        ("payout.paid", account.id),
    ]


def test_bad_requests_are_refused_in_words(served: Served) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        served.client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": "acct_none"})
    assert (refused.value.code, refused.value.param) == ("resource_missing", "destination")
    assert refused.value.request_id
    for path, body in (("faults", b"{"), ("faults", b"[]"), ("faults", b'{"kind": "x"}'), ("nothing", b"{}")):
        answer = httpx.post(f"{served.url}/_double/{path}", content=body, trust_env=False)
        assert answer.status_code in (400, 404)
        assert answer.json()["error"]["message"]
    large = httpx.post(f"{served.url}/v1/transfers", content=b"a=" + b"x" * 300_000, trust_env=False)
    assert large.status_code == 413
    rebound = httpx.get(f"{served.url}/_double/clock", headers={"Host": "evil.example"}, trust_env=False)
    assert rebound.status_code == 400


@pytest.mark.parametrize(
    "options",
    [("--fund", "100"), ("--fund", "-5:usd"), ("--fund", "5:usx"), ("--webhook", "https://example.org/hook")],
)
def test_an_option_that_makes_no_sense_is_told(bare: Callable[..., Any], options: tuple[str, str]) -> None:
    ran = bare("stripe-double", "--port", "0", *options)
    assert ran.code == 1
    assert "mend:" in ran.err
