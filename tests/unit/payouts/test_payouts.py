"""Payouts, keys, approvals, postings: what they are made of, and what they refuse."""

from typing import Any

import pytest

from provenance.kernel.errors import InvalidInput, ProvenanceError
from provenance.kernel.money import MicroUnits, Money
from provenance.ledger.accounts import AccountKind
from provenance.payouts import postings
from provenance.payouts.approval import parse_limits
from provenance.payouts.event import ENDED, State, may_follow
from provenance.payouts.leg import Attempt, Leg, legs_from, legs_text
from provenance.payouts.outcome import difference
from provenance.payouts.payee_account import PayeeAccount, Readiness, account_state_form, payee_account_form
from provenance.payouts.payout import payout_form

from .payout_values import LEGS, LINES, NOW, payout, seen


def test_a_payout_is_named_by_whose_and_which_it_is_and_by_no_amount() -> None:
    assert payout().id == payout(minor_units=1, lines=LINES[:1]).id
    assert len({payout().id, payout(number=2).id, payout(party="bob").id, payout(currency="EUR").id}) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"minor_units": 0},
        {"minor_units": -1},
        {"minor_units": 2_501},
        {"lines": LINES + LINES[:1]},
        {"number": 0},
        {"legs": ()},
        {"legs": LEGS + LEGS[:1]},
        {"legs": LEGS[1:]},
        {"approvals": 0},
        {"approvals": 3},
    ],
)
def test_a_bad_payout_fails_when_it_is_made(changes: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        payout(**changes)


def test_its_form_says_all_of_it() -> None:
    form = payout_form(payout())
    assert (form["micros"], form["carried_out_micros"], form["legs"]) == ("25000000", "4321", "transfer*,payout")


def test_a_key_names_the_attempt_and_never_the_try() -> None:
    first = Attempt(payout="p", leg="transfer", ordinal=1, at=NOW)
    assert first.key == Attempt(payout="p", leg="transfer", ordinal=1, at=NOW.replace(year=2030)).key
    others = [
        Attempt(payout="p", leg="transfer", ordinal=2, at=NOW),
        Attempt(payout="p", leg="payout", ordinal=1, at=NOW),
        Attempt(payout="p", leg="transfer", ordinal=1, at=NOW, undoes="tr_1"),
        Attempt(payout="q", leg="transfer", ordinal=1, at=NOW),
    ]
    assert len({first.key, *(a.key for a in others)}) == 5
    assert all(len(a.key) <= 255 for a in others), "what Stripe takes as a key"


def test_legs_are_written_and_read() -> None:
    assert legs_from(legs_text(LEGS)) == LEGS
    with pytest.raises(AssertionError):
        Leg(name="A leg", moves_cash=True)


@pytest.mark.parametrize(
    ("text", "money", "approvals"),
    [
        ("USD=1000", Money("USD", MicroUnits(999_999_999)), 1),
        ("USD=1000", Money("USD", MicroUnits(1_000_000_000)), 2),
        ("USD=1000", Money("EUR", MicroUnits(1)), 2),
        ("USD=1000,*=5", Money("EUR", MicroUnits(4_999_999)), 1),
        (" USD=1000 , JPY=150000 ", Money("JPY", MicroUnits(149_999_000_000)), 1),
        ("", Money("USD", MicroUnits(1)), 2),
    ],
)
def test_limits_say_how_many_people_approve(text: str, money: Money, approvals: int) -> None:
    assert parse_limits(text).approvals(money) == approvals


@pytest.mark.parametrize("text", ["USD", "USD=", "USD=-1", "US=1", "USD=1,USD=2", "*=1,*=1", "USD=1e3", "=5", "usd=1"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_limits(text)


def test_what_is_reserved_sent_reversed_and_returned_comes_to_nothing() -> None:
    made = payout()
    attempt = Attempt(payout=made.id, leg="transfer", ordinal=1, at=NOW)
    undo = Attempt(payout=made.id, leg="transfer", ordinal=1, at=NOW, undoes="tr_1")
    posted = [
        postings.reserve(made, at=NOW),
        postings.sent(made, attempt, fee_minor_units=0, at=NOW),
        postings.reversed_(made, undo, at=NOW),
        postings.returned(made, at=NOW),
    ]
    sums: dict[str, int] = {}
    for transaction in posted:
        for entry in transaction.entries:
            sums[entry.account.id] = sums.get(entry.account.id, 0) + entry.micros
    assert not any(sums.values())
    assert posted[-1].corrects == posted[0].id
    assert len({t.business_key for t in posted}) == 4
    assert [t.cause for t in posted] == ["payout", "payout_sent", "payout_reversed", "payout_returned"]


def test_a_fee_is_ours_and_not_the_partys() -> None:
    made = payout()
    attempt = Attempt(payout=made.id, leg="transfer", ordinal=1, at=NOW)
    entries = {e.account.kind: e.micros for e in postings.sent(made, attempt, fee_minor_units=25, at=NOW).entries}
    assert entries == {
        AccountKind.PAYOUT_CLEARING: 25_000_000,
        AccountKind.PAYOUT_FEES: 250_000,
        AccountKind.PAYOUT_CASH: -25_250_000,
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"currency": "EUR"}, "another_currency"),
        ({"minor_units": 2_501}, "another_amount"),
        ({"account": "acct_bob"}, "another_account"),
        ({"key": "p:payout:1"}, "another_key"),
        ({"key": None}, None),
    ],
)
def test_what_the_provider_has_is_held_against_the_intent(changes: dict[str, Any], said: str | None) -> None:
    attempt = Attempt(payout="p", leg="transfer", ordinal=1, at=NOW)
    assert difference(payout(), "acct", seen(attempt, **changes), attempt.key) == said


def test_states_only_move_forward() -> None:
    forward = [State.PLANNED, State.APPROVED, State.RESERVED, State.SENT, State.CONFIRMED, State.SETTLED]
    for number, before in enumerate(forward):
        for after in forward[:number]:
            assert not may_follow(before, after)
    assert all(not may_follow(before, after) for before in ENDED for after in State)
    assert may_follow(State.SETTLED, State.FAILED), "a bank may send it back"
    assert not may_follow(State.SETTLED, State.RETURNED), "only what failed is returned"
    assert not may_follow(State.CONFIRMED, State.CANCELLED)


def test_the_log_holds_no_banks_number() -> None:
    account = PayeeAccount(party="ann", provider="bank-file", account="DE89370400440532013000", number=1)
    assert "DE89" not in str(payee_account_form(account))


@pytest.mark.parametrize(
    "changes", [{"provider": "A bank"}, {"account": ""}, {"account": "a\u202eb"}, {"party": "A B"}]
)
def test_an_account_has_names(changes: dict[str, str]) -> None:
    plain: dict[str, Any] = {"party": "ann", "provider": "stripe", "account": "acct_1", "number": 1}
    with pytest.raises(ProvenanceError):
        PayeeAccount(**(plain | changes))


def test_what_is_still_asked_for_stands_in_the_form() -> None:
    from provenance.payouts.payee_account import AccountState

    state = AccountState(account="a", number=1, readiness=Readiness.INCOMPLETE, at=NOW, due=("external_account",))
    assert account_state_form(state)["due"] == ["external_account"]
    assert not state.says_the_same(AccountState(account="a", number=2, readiness=Readiness.READY, at=NOW))
