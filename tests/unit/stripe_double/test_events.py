"""Events, and their way to webhook endpoints: signed, once or twice, in order or not, again after a failure."""

import json
from collections import Counter

import pytest
import stripe

from provenance.stripe_double.core.webhooks import GIVE_UP_SECONDS, HOUR, Signed, sign
from provenance.stripe_double.core.world import DAY, Options
from provenance.stripe_double.edges.in_process import Double

URL = "http://127.0.0.1:9/hook"


def listen(client: stripe.StripeClient, *, connect: bool = False, kinds: str = "*") -> str:
    made = client.v1.webhook_endpoints.create(
        {"url": URL, "enabled_events": [kinds], "connect": connect}  # type: ignore[list-item]  # any type
    )
    assert made.secret is not None
    return made.secret


def pay(client: stripe.StripeClient, creator: str, times: int = 1) -> list[str]:
    return [
        client.v1.transfers.create({"amount": 1, "currency": "usd", "destination": creator}).id for _ in range(times)
    ]


def objects(deliveries: list[Signed]) -> list[str]:
    return [json.loads(d.body)["data"]["object"]["id"] for d in deliveries]


def test_a_delivery_is_signed_as_the_sdk_expects(double: Double, client: stripe.StripeClient, creator: str) -> None:
    secret = listen(client)
    [transfer] = pay(client, creator)
    [delivery] = double.deliveries()
    signature = sign(secret, delivery.body, double.now)
    assert delivery.headers["Stripe-Signature"] == signature
    event = stripe.Webhook.construct_event(delivery.body, signature, secret, tolerance=0)
    assert (event.type, event.data.object.id) == ("transfer.created", transfer)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(delivery.body + b" ", signature, secret, tolerance=0)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(delivery.body, signature, "whsec_other", tolerance=0)


def test_the_secret_is_told_once(client: stripe.StripeClient) -> None:
    listen(client)
    [endpoint] = client.v1.webhook_endpoints.list().data
    assert not hasattr(endpoint, "secret")


def test_connected_accounts_events_go_to_connect_endpoints(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    listen(client, connect=True)
    pay(client, creator)
    assert [(d.kind, json.loads(d.body)["account"]) for d in double.deliveries()] == [("payment.created", creator)]


def test_an_endpoint_hears_of_what_it_asked_for_until_it_is_disabled(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    listen(client, kinds="transfer.reversed")
    [transfer] = pay(client, creator)
    client.v1.transfers.reversals.create(transfer)
    assert [d.kind for d in double.deliveries()] == ["transfer.reversed"]
    [endpoint] = client.v1.webhook_endpoints.list().data
    client.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    client.v1.transfers.reversals.create(pay(client, creator)[0])
    assert double.deliveries() == []
    assert client.v1.webhook_endpoints.delete(endpoint.id).deleted


def test_events_keep_the_object_as_it_was(client: stripe.StripeClient, creator: str) -> None:
    [transfer] = pay(client, creator)
    client.v1.transfers.reversals.create(transfer)
    reversed_, created = client.v1.events.list({"types": ["transfer.created", "transfer.reversed"]}).data
    assert (created.data.object.amount_reversed, reversed_.data.object.amount_reversed) == (0, 1)
    assert reversed_.data.previous_attributes is not None
    assert created.request is not None
    assert created.request.idempotency_key


def test_an_event_counts_the_endpoints_it_still_has_to_reach(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    listen(client)
    pay(client, creator)
    [event] = client.v1.events.list({"type": "transfer.*"}).data
    assert event.pending_webhooks == 1
    assert client.v1.events.list({"delivery_success": False}).data[0].id == event.id
    double.deliveries()
    assert client.v1.events.retrieve(event.id).pending_webhooks == 0


def test_a_refused_delivery_comes_again_and_is_given_up_in_the_end(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    listen(client)
    pay(client, creator)
    tries = [double.now] if double.deliveries(accepted=False) else []
    for _ in range(GIVE_UP_SECONDS // HOUR + 24):
        double.advance(HOUR)
        if double.deliveries(accepted=False):
            tries.append(double.now)
    assert len(tries) > 6
    assert tries[-1] - tries[0] <= GIVE_UP_SECONDS + HOUR
    assert client.v1.events.list({"type": "transfer.created"}).data[0].pending_webhooks == 1


@pytest.mark.parametrize("copies", [1, 3])
def test_an_event_may_come_twice(double: Double, client: stripe.StripeClient, creator: str, copies: int) -> None:
    listen(client)
    double.inject("event_duplicated", path="transfer.*", copies=copies)
    pay(client, creator)
    assert list(Counter(d.event for d in double.deliveries()).values()) == [1 + copies]


def test_an_event_may_be_lost_and_is_still_listed(double: Double, client: stripe.StripeClient, creator: str) -> None:
    listen(client)
    double.inject("event_dropped", path="transfer.*")
    [transfer] = pay(client, creator)
    assert double.deliveries() == []
    assert client.v1.events.list({"type": "transfer.created"}).data[0].data.object.id == transfer


def test_an_event_may_be_late(double: Double, client: stripe.StripeClient, creator: str) -> None:
    listen(client)
    double.inject("event_late", path="transfer.*", seconds=DAY)
    late, prompt = pay(client, creator, 2)
    assert objects(double.deliveries()) == [prompt]
    double.advance(DAY)
    assert objects(double.deliveries()) == [late]


def test_events_may_change_places(double: Double, client: stripe.StripeClient, creator: str) -> None:
    listen(client)
    double.inject("event_reordered", path="transfer.*")
    first, second, third = pay(client, creator, 3)
    assert objects(double.deliveries()) == [second, first, third]


def test_a_world_may_tell_nothing() -> None:
    double = Double(options=Options(events=False))
    listen(double.client())
    double.fund(1, "usd")
    assert double.client().v1.events.list().data == []
    assert double.deliveries() == []


def test_events_are_kept_for_thirty_days(double: Double, client: stripe.StripeClient, creator: str) -> None:
    pay(client, creator)
    event = client.v1.events.list().data[0]
    double.advance(30 * DAY)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.events.retrieve(event.id)
    assert client.v1.events.list().data == []
