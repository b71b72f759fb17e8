"""What is due, what is paid of it, and why nothing is."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.payouts.approval import parse_limits
from provenance.payouts.due import LastStatement, Payee, Skipped, Way, Why, plan
from provenance.payouts.payee_account import PayeeAccount, Readiness
from provenance.payouts.payout import Payout, SettledLine

from .payout_values import LEGS, LINES

WAY = Way(provider="fake", legs=LEGS, minimums={}, multiples={})
LIMITS = parse_limits("USD=1000")
ACCOUNT = PayeeAccount(party="ann", provider="fake", account="acct", number=1)
DUE = 25_004_321


def payee(**changes: Any) -> Payee:
    plain: dict[str, Any] = {
        "party": "ann",
        "currency": "USD",
        "last": LastStatement(id="statement_1", period="2026-11", closing_micros=DUE, payable_micros=DUE),
        "lines": LINES,
        "carried_micros": 0,
        "paid_since_micros": 0,
        "owed_micros": DUE,
        "payouts": 0,
        "account": ACCOUNT,
        "readiness": Readiness.READY,
    }
    return Payee(**(plain | changes))


def planned(of: Payee, way: Way = WAY) -> Payout:
    found = plan(of, way, LIMITS, by="press")
    assert isinstance(found, Payout)
    return found


def test_whole_minor_units_are_paid_and_the_rest_is_carried_on() -> None:
    found = planned(payee())
    assert (found.minor_units, found.carried_out_micros) == (2_500, 4_321)
    assert (found.lines, found.statement, found.number) == (LINES, "statement_1", 1)


def test_what_was_carried_on_before_is_paid_with_it() -> None:
    last = LastStatement(id="s", period="p", closing_micros=DUE + 6_000, payable_micros=DUE + 6_000)
    found = planned(payee(last=last, carried_micros=6_000, owed_micros=DUE + 6_000))
    assert (found.minor_units, found.carried_out_micros) == (2_501, 321)


def test_what_was_paid_since_the_statement_is_not_paid_again() -> None:
    assert planned(payee(paid_since_micros=20_000_000)).minor_units == 500
    assert plan(payee(paid_since_micros=DUE), WAY, LIMITS, by="press") == Skipped(
        party="ann", currency="USD", why=Why.NOTHING_DUE, statement="statement_1"
    )


def test_no_more_is_paid_than_the_books_owe_now() -> None:
    found = planned(payee(owed_micros=5_000_000))
    assert (found.minor_units, found.carried_out_micros) == (500, DUE - 5_000_000)


def test_earnings_that_no_statement_has_closed_are_not_paid() -> None:
    assert planned(payee(owed_micros=10 * DUE)).minor_units == 2_500


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"owed_micros": -1}, Why.NEGATIVE_BALANCE),
        ({"last": LastStatement(id="s", period="p", closing_micros=-5, payable_micros=0)}, Why.NEGATIVE_BALANCE),
        ({"last": LastStatement(id="s", period="p", closing_micros=DUE, payable_micros=0)}, Why.BELOW_THRESHOLD),
        ({"last": LastStatement(id="s", period="p", closing_micros=0, payable_micros=0)}, Why.NOTHING_DUE),
        ({"owed_micros": 9_999}, Why.BELOW_MINIMUM),
        ({"account": None}, Why.NO_ACCOUNT),
        ({"readiness": None}, Why.ACCOUNT_INCOMPLETE),
        ({"readiness": Readiness.INCOMPLETE}, Why.ACCOUNT_INCOMPLETE),
        ({"readiness": Readiness.PENDING}, Why.ACCOUNT_INCOMPLETE),
        ({"readiness": Readiness.DEAD}, Why.ACCOUNT_DEAD),
    ],
)
def test_why_nothing_is_paid_is_said(changes: dict[str, Any], why: Why) -> None:
    found = plan(payee(**changes), WAY, LIMITS, by="press")
    assert isinstance(found, Skipped)
    assert found.why is why


def test_below_the_providers_minimum_nothing_is_paid() -> None:
    found = plan(payee(), replace(WAY, minimums={"USD": 2_501}), LIMITS, by="press")
    assert found == Skipped(party="ann", currency="USD", why=Why.BELOW_MINIMUM, due_micros=DUE, statement="statement_1")
    assert planned(payee(), replace(WAY, minimums={"USD": 2_500, "EUR": 9_999})).minor_units == 2_500


def test_a_provider_that_pays_in_steps_leaves_the_rest_owed() -> None:
    found = planned(payee(), replace(WAY, multiples={"USD": 1_000}))
    assert (found.minor_units, found.carried_out_micros) == (2_000, DUE - 20_000_000)


def test_two_people_approve_from_the_limit_on() -> None:
    big = 1_000_000_000
    last = LastStatement(id="s", period="p", closing_micros=big, payable_micros=big)
    line = SettledLine(statement="s", number=1, micros=big)
    assert planned(payee(last=last, lines=(line,), owed_micros=big)).approvals == 2
    assert planned(payee()).approvals == 1


amounts = st.integers(min_value=-(10**9), max_value=10**9)


@given(amounts, amounts, amounts, amounts, st.integers(min_value=1, max_value=500))
def test_never_more_than_what_is_stated_settled_and_owed(
    stated: int, settles: int, carried: int, owed: int, multiple: int
) -> None:
    last = LastStatement(id="s", period="p", closing_micros=stated, payable_micros=max(0, stated))
    line = SettledLine(statement="s", number=1, micros=settles)
    of = payee(last=last, lines=(line,), carried_micros=carried, owed_micros=owed)
    found = plan(of, replace(WAY, multiples={"USD": multiple}), LIMITS, by="press")
    if isinstance(found, Payout):
        assert 0 < found.money.micros <= min(stated, settles + carried, owed)
        assert found.minor_units % multiple == 0
        assert found.settles_micros + carried == found.money.micros + found.carried_out_micros
