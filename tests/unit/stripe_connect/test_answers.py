"""Which errors of the SDK mean that nothing happened, and which that nobody knows; amounts as Stripe writes them."""

from typing import Any

import pytest
import stripe

from provenance.adapters.stripe_connect.amounts import MULTIPLES, from_stripe, to_stripe
from provenance.adapters.stripe_connect.answers import outcome_of, unavailable
from provenance.adapters.stripe_connect.objects import of_payout, of_reversal, of_transfer
from provenance.kernel.errors import UnknownCurrency
from provenance.payouts.outcome import Contradicted, Refused, Status, Unknown


def error(kind: Any, status: int | None, code: str | None = None) -> stripe.StripeError:
    body = {"error": {"code": code, "message": "m", "type": "t"}}
    if kind in (stripe.InvalidRequestError, stripe.CardError):
        return kind("m", None, code, http_status=status, json_body=body)  # type: ignore[no-any-return]
    return kind("m", http_status=status, json_body=body)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (error(stripe.APIConnectionError, None), Unknown(code="no_answer")),
        (error(stripe.RateLimitError, 429), Unknown(code="rate_limited")),
        (error(stripe.APIError, 500), Unknown(code="provider_failed")),
        (error(stripe.APIError, 503, "api_down"), Unknown(code="api_down")),
        (error(stripe.APIError, 409, "idempotency_key_in_use"), Unknown(code="in_use")),
        (error(stripe.APIError, 200), Unknown(code="provider_failed")),
        (error(stripe.AuthenticationError, 401, "api_key_expired"), Unknown(code="key_refused")),
        (error(stripe.PermissionError, 403), Unknown(code="forbidden")),
        (error(stripe.PermissionError, 403, "account_invalid"), Refused(code="account_invalid", permanent=True)),
        (error(stripe.IdempotencyError, 400), Contradicted(code="another_request_under_the_key")),
        (error(stripe.InvalidRequestError, 400, "lock_timeout"), Unknown(code="lock_timeout")),
        (
            error(stripe.InvalidRequestError, 400, "balance_insufficient"),
            Refused(code="balance_insufficient", permanent=False),
        ),
        (error(stripe.InvalidRequestError, 400, "amount_too_small"), Refused(code="amount_too_small", permanent=True)),
        (error(stripe.InvalidRequestError, 404, "resource_missing"), Refused(code="resource_missing", permanent=True)),
        (error(stripe.InvalidRequestError, 400), Refused(code="refused", permanent=True)),
        (error(stripe.CardError, 402, "insufficient_funds"), Refused(code="insufficient_funds", permanent=False)),
        (error(stripe.InvalidRequestError, 500, "x"), Unknown(code="x")),
        (error(stripe.StripeError, None), Unknown(code="provider_failed")),
        (error(stripe.InvalidRequestError, 400, "Not a \x1b code"), Refused(code="refused", permanent=True)),
    ],
)
def test_only_what_surely_had_no_effect_is_refused(found: stripe.StripeError, outcome: Any) -> None:
    assert outcome_of(found) == outcome


def test_an_error_that_a_person_waits_for_says_what_to_mend() -> None:
    assert "another key" in str(unavailable(error(stripe.AuthenticationError, 401)))
    assert "later" in str(unavailable(error(stripe.APIError, 500)))


@pytest.mark.parametrize(
    ("currency", "minor_units", "written"),
    [
        ("USD", 2_500, 2_500),
        ("JPY", 500, 500),
        ("ISK", 5, 500),
        ("UGX", 7, 700),
        ("MGA", 500, 5),
        ("KWD", 1_230, 1_230),
    ],
)
def test_amounts_are_written_as_stripe_writes_them(currency: str, minor_units: int, written: int) -> None:
    assert to_stripe(currency, minor_units) == written
    assert from_stripe(currency, written) == minor_units


def test_a_part_of_a_minor_unit_is_no_amount_of_ours() -> None:
    assert from_stripe("ISK", 501) < 0


def test_steps_are_whole_in_what_stripe_writes() -> None:
    assert all(to_stripe(c, m) * (100 if c == "MGA" else 1) == m for c, m in MULTIPLES.items())


def _object(kind: Any, **values: Any) -> Any:
    plain = {
        "id": "x_1",
        "amount": 500,
        "currency": "usd",
        "metadata": {"provenance_attempt": "k"},
        "amount_reversed": 0,
        "reversed": False,
        "destination": "acct_1",
        "transfer": "tr_1",
        "status": "paid",
        "failure_code": None,
    }
    made = kind()
    for name, value in (plain | values).items():
        made[name] = value
    return made


def test_a_transfer_that_was_reversed_failed_and_in_part_is_another_amount() -> None:
    whole = of_transfer(_object(stripe.Transfer))
    assert (whole.status, whole.minor_units, whole.account, whole.key) == (Status.DONE, 500, "acct_1", "k")
    back = of_transfer(_object(stripe.Transfer, reversed=True, amount_reversed=500))
    assert (back.status, back.minor_units, back.code) == (Status.FAILED, 500, "reversed")
    assert of_transfer(_object(stripe.Transfer, amount_reversed=1)).minor_units == 499


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("paid", Status.DONE),
        ("pending", Status.PENDING),
        ("in_transit", Status.PENDING),
        ("failed", Status.FAILED),
        ("canceled", Status.FAILED),
        ("something_new", Status.PENDING),
    ],
)
def test_a_payout_is_done_when_it_is_paid(status: str, found: Status) -> None:
    assert of_payout(_object(stripe.Payout, status=status), account="acct_1").status is found


def test_a_reversal_of_another_transfer_is_for_another_account() -> None:
    assert of_reversal(_object(stripe.TransferReversal), transfer="tr_1", account="acct_1").account == "acct_1"
    assert of_reversal(_object(stripe.TransferReversal), transfer="tr_2", account="acct_1").account != "acct_1"


def test_a_currency_that_nobody_knows_is_no_amount() -> None:
    with pytest.raises(UnknownCurrency):
        of_transfer(_object(stripe.Transfer, currency="xyz"))
