"""Subscription money over HTTP: who may state it, once, and what is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from provenance.statements.accounting_period import PeriodKind, period_of

MONTH = period_of(datetime.now(UTC), PeriodKind.MONTH).name
STATED = {"period": MONTH, "currency": "USD", "amount": "12.5"}


def test_a_service_states_its_money_once_and_operators_and_auditors_see_it(callers: Any) -> None:
    first = callers.service.post("/v1/subscriptions", json=STATED)
    assert (first.status_code, first.json()["amount"]) == (201, "12.500000"), first.text
    assert callers.service.post("/v1/subscriptions", json=STATED).json() == first.json()
    other = callers.service.post("/v1/subscriptions", json=STATED | {"amount": "13"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    for caller in (callers.operator, callers.auditor):
        assert caller.get("/v1/subscriptions").json()["items"] == [first.json()]
        assert caller.post("/v1/subscriptions", json=STATED).status_code == 403
    assert callers.service.get("/v1/subscriptions").status_code == 403


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": "0"}, "invalid_money"),
        ({"amount": "-1"}, None),
        ({"amount": "0.0000001"}, None),
        ({"currency": "EUX"}, "unknown_currency"),
        ({"period": "2026-13"}, "invalid_input"),
        ({"service": "another"}, None),
    ],
)
def test_what_is_no_subscription_is_refused(callers: Any, changed: Any, code: str | None) -> None:
    answer = callers.service.post("/v1/subscriptions", json=STATED | changed)
    assert answer.status_code == 422
    assert code is None or answer.json()["code"] == code
