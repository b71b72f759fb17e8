"""Keys of idempotency, as Stripe documents them for v1."""

from typing import Any

import pytest
import stripe

from provenance.stripe_double.core.world import DAY, Options
from provenance.stripe_double.edges.in_process import Double

KEY: Any = {"idempotency_key": "payout-7"}


def transfer(client: stripe.StripeClient, creator: str, amount: int = 500, options: Any = KEY) -> stripe.Transfer:
    return client.v1.transfers.create({"amount": amount, "currency": "usd", "destination": creator}, options)


def transfers(client: stripe.StripeClient) -> list[stripe.Transfer]:
    return client.v1.transfers.list().data


def headers(answer: Any) -> Any:
    return answer.last_response.headers


def test_the_first_answer_is_replayed_to_the_byte(client: stripe.StripeClient, creator: str) -> None:
    first, second = transfer(client, creator), transfer(client, creator)
    assert first.last_response is not None
    assert second.last_response is not None
    assert first.last_response.body == second.last_response.body
    assert headers(second)["Idempotent-Replayed"] == "true"
    assert headers(second)["Request-Id"] == headers(first)["Request-Id"]
    assert "Idempotent-Replayed" not in headers(first)
    assert len(transfers(client)) == 1


def test_a_replay_shows_the_object_as_it_was_then(client: stripe.StripeClient, creator: str) -> None:
    first = transfer(client, creator)
    client.v1.transfers.reversals.create(first.id)
    assert not transfer(client, creator).reversed
    assert client.v1.transfers.retrieve(first.id).reversed


def test_the_same_key_with_other_parameters_is_refused(client: stripe.StripeClient, creator: str) -> None:
    transfer(client, creator)
    with pytest.raises(stripe.IdempotencyError) as refused:
        transfer(client, creator, amount=501)
    assert refused.value.http_status == 400
    assert len(transfers(client)) == 1


def test_the_same_key_at_another_endpoint_is_refused(client: stripe.StripeClient, creator: str) -> None:
    first = transfer(client, creator)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.transfers.reversals.create(first.id, None, KEY)


def test_parameters_in_another_order_are_the_same(client: stripe.StripeClient, creator: str) -> None:
    first = transfer(client, creator)
    again = client.v1.transfers.create({"destination": creator, "currency": "usd", "amount": 500}, KEY)
    assert again.id == first.id


def test_a_key_belongs_to_an_account(double: Double, client: stripe.StripeClient, creator: str) -> None:
    transfer(client, creator)
    mine = double.client(account=creator)
    payout = mine.v1.payouts.create({"amount": 500, "currency": "usd"}, KEY)
    assert payout.object == "payout"


def test_a_500_is_replayed_for_as_long_as_the_key_is_kept(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    double.inject("error_before")
    for _ in range(3):
        with pytest.raises(stripe.APIError) as broken:
            transfer(client, creator)
        assert broken.value.http_status == 500
    assert broken.value.headers is not None
    assert broken.value.headers["Idempotent-Replayed"] == "true"
    assert not transfers(client)


def test_a_500_after_the_effect_hides_a_transfer_that_was_made(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    double.inject("error_after")
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            transfer(client, creator)
    assert [t.amount for t in transfers(client)] == [500]


def test_an_error_of_the_state_is_kept_too(double: Double, client: stripe.StripeClient, creator: str) -> None:
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            transfer(client, creator, amount=200_000)
        assert refused.value.code == "balance_insufficient"
        double.fund(200_000, "usd")  # too late for this key
    assert transfer(client, creator, amount=200_000, options={"idempotency_key": "another"}).amount == 200_000


def test_nothing_is_kept_of_parameters_that_make_no_sense(client: stripe.StripeClient, creator: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfer(client, creator, amount=0)
    assert refused.value.param == "amount"
    assert transfer(client, creator).amount == 500


@pytest.mark.parametrize(
    ("fault", "status"), [("rate_limited", 429), ("lock_timeout", 429), ("conflict", 409), ("unavailable", 503)]
)
def test_nothing_is_kept_of_a_request_that_never_began(
    double: Double, client: stripe.StripeClient, creator: str, fault: str, status: int
) -> None:
    double.inject(fault)
    with pytest.raises(stripe.StripeError) as refused:
        transfer(client, creator)
    assert refused.value.http_status == status
    answer = transfer(client, creator)
    assert "Idempotent-Replayed" not in headers(answer)
    assert len(transfers(client)) == 1


def test_a_key_is_in_use_while_its_request_is_worked_on(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    double.inject("slow", seconds=60)
    with pytest.raises(stripe.APIConnectionError):
        transfer(client, creator)
    with pytest.raises(stripe.APIError) as in_use:
        transfer(client, creator)
    assert in_use.value.http_status == 409
    assert in_use.value.error is not None
    assert in_use.value.error.code == "idempotency_key_in_use"
    assert not transfers(client)
    double.advance(60)
    answer = transfer(client, creator)
    assert headers(answer)["Idempotent-Replayed"] == "true"
    assert [t.id for t in transfers(client)] == [answer.id]


def test_a_key_is_forgotten_after_a_day_and_then_pays_again(
    double: Double, client: stripe.StripeClient, creator: str
) -> None:
    first = transfer(client, creator)
    double.advance(DAY - 1)
    assert transfer(client, creator).id == first.id
    double.advance(1)
    assert transfer(client, creator).id != first.id
    assert len(transfers(client)) == 2


def test_how_long_keys_are_kept_is_an_option() -> None:
    double = Double(options=Options(key_seconds=60))
    client = double.client()
    first = client.v1.topups.create({"amount": 5, "currency": "usd"}, KEY)
    double.advance(60)
    assert client.v1.topups.create({"amount": 5, "currency": "usd"}, KEY).id != first.id


def test_a_key_of_over_255_characters_is_refused(client: stripe.StripeClient, creator: str) -> None:
    with pytest.raises(stripe.IdempotencyError):
        transfer(client, creator, options={"idempotency_key": "k" * 256})


def test_the_sdk_retries_with_its_own_key_and_pays_once(double: Double, creator: str) -> None:
    double.inject("timeout_after")
    double.inject("timeout_before")
    client = double.client(retries=3)
    client.v1.transfers.create({"amount": 500, "currency": "usd", "destination": creator})
    assert len(transfers(client)) == 1
