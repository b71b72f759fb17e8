"""The script of faults: each strikes what it names, as often as it says, and is used up."""

import copy
from typing import Any

import pytest
import stripe

from provenance.stripe_double.core import control
from provenance.stripe_double.core.faults import OF_REQUESTS, Fault, FaultKind, take
from provenance.stripe_double.core.refused import Refused
from provenance.stripe_double.edges.in_process import Double


def transfer(client: stripe.StripeClient, creator: str, key: str) -> stripe.Transfer:
    return client.v1.transfers.create(
        {"amount": 500, "currency": "usd", "destination": creator}, {"idempotency_key": key}
    )


@pytest.mark.parametrize(
    ("kind", "paid"),
    [
        ("timeout_before", 0),
        ("timeout_after", 1),
        ("error_before", 0),
        ("error_after", 1),
        ("insufficient_funds", 0),
        ("rate_limited", 0),
        ("conflict", 0),
        ("slow", 0),
    ],
)
def test_whether_a_fault_leaves_an_effect(
    double: Double, client: stripe.StripeClient, creator: str, kind: str, paid: int
) -> None:
    double.inject(kind, path="/v1/transfers", seconds=10)
    with pytest.raises(stripe.StripeError):
        transfer(client, creator, "k")
    assert len(client.v1.transfers.list().data) == paid


def test_a_slow_request_has_its_effect_later(double: Double, client: stripe.StripeClient, creator: str) -> None:
    double.inject("slow", seconds=10)
    with pytest.raises(stripe.APIConnectionError):
        transfer(client, creator, "k")
    double.advance(9)
    assert not client.v1.transfers.list().data
    double.advance(1)
    assert len(client.v1.transfers.list().data) == 1


def test_a_slow_request_that_is_refused_in_the_end_is_refused_for_good(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    double.inject("slow", seconds=10)
    with pytest.raises(stripe.APIConnectionError):
        transfer(client, creator, "k")
    control.COMMANDS["accounts/close"](double.world, {"account": creator})
    double.advance(10)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfer(client, creator, "k")
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_a_fault_waits_for_what_it_names(double: Double, client: stripe.StripeClient, creator: str) -> None:
    double.inject("error_before", path="/v1/transfers/*/reversals")
    double.inject("rate_limited", method="GET", path="/v1/balance", skip=1, times=2)
    made = transfer(client, creator, "k")
    with pytest.raises(stripe.APIError):
        client.v1.transfers.reversals.create(made.id)
    client.v1.balance.retrieve()
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            client.v1.balance.retrieve()
    client.v1.balance.retrieve()
    assert not double.world.script


def test_reads_are_never_lost_after_an_effect_they_dont_have(double: Double, client: stripe.StripeClient) -> None:
    double.inject("timeout_after")
    client.v1.balance.retrieve()
    assert len(double.world.script) == 1


def test_a_fault_that_skips_lets_the_next_be_looked_at() -> None:
    script = [Fault(kind=FaultKind.CONFLICT, skip=1), Fault(kind=FaultKind.RATE_LIMITED)]
    found = [take(script, OF_REQUESTS, method="GET", path="/") for _ in range(3)]
    assert [f and f.kind for f in found] == [FaultKind.RATE_LIMITED, FaultKind.CONFLICT, None]


def test_an_error_tells_what_the_sdk_asks_for(double: Double, client: stripe.StripeClient, creator: str) -> None:
    double.inject("insufficient_funds")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfer(client, creator, "k")
    assert refused.value.http_status == 400
    assert refused.value.request_id is not None
    assert refused.value.error is not None
    assert refused.value.error.type == "invalid_request_error"
    assert refused.value.error.doc_url


def test_the_same_seed_and_requests_make_the_same_world() -> None:
    def story() -> Double:
        double = Double(seed=11)
        client = double.client()
        wanted: Any = {"country": "US", "capabilities": {"transfers": {"requested": True}}}
        account = client.v1.accounts.create(wanted, {"idempotency_key": "account"}).id
        double.onboard(account)
        double.fund(1_000, "usd")
        double.inject("timeout_after")
        with pytest.raises(stripe.APIConnectionError):
            transfer(client, account, "k")
        transfer(client, account, "k")
        double.advance(10**6)
        return double

    assert story().world == story().world


@pytest.mark.parametrize("kind", sorted({FaultKind.CONFLICT, FaultKind.RATE_LIMITED, FaultKind.TIMEOUT_BEFORE}))
def test_a_request_that_never_began_leaves_the_world_as_it_was(
    double: Double, client: stripe.StripeClient, creator: str, kind: str
) -> None:
    before = copy.deepcopy(double.world)
    double.inject(kind)
    with pytest.raises(stripe.StripeError):
        transfer(client, creator, "k")
    before.counter = double.world.counter  # the request has its id
    before.struck = double.world.struck
    assert double.world == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "nonsense"},
        {"kind": "conflict", "more": 1},
        {"kind": "conflict", "times": 0},
        {"kind": "conflict", "skip": "1"},
        {"kind": "slow", "seconds": True},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(double: Double, body: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        control.COMMANDS["faults"](double.world, body)
    assert not double.world.script


def test_commands_that_name_nothing_are_refused(double: Double) -> None:
    for name in control.COMMANDS.keys() - {"faults/clear", "keys/revoke"}:
        with pytest.raises(Refused):
            control.COMMANDS[name](double.world, {"account": "acct_none", "event": "evt_none", "payout": "po_none"})
