"""A payout from a closed statement to the payee and back, on both databases, through a provider that can fail."""

from datetime import timedelta
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.ledger.accounts import AccountKind
from provenance.payouts.event import State, What
from provenance.payouts.next_step import AskPerson, Nothing, Wait
from provenance.payouts.outcome import Status

from .closing_story import DECEMBER, close, kinds, statements
from .payout_story import Payouts, lost, refused, unanswered

PAYABLE, CLEARING, CASH = AccountKind.PARTY_PAYABLE, AccountKind.PAYOUT_CLEARING, AccountKind.PAYOUT_CASH


def test_what_is_payable_is_planned_and_taken_off_what_is_owed(payouts: Payouts) -> None:
    owed = -payouts.balance(PAYABLE, "ann")
    payout = payouts.one("ann")
    assert payouts.state(payout) is State.RESERVED
    assert payout.settles_micros == owed == payout.money.micros + payout.carried_out_micros
    assert 0 <= payout.carried_out_micros < 10_000, "less than a cent is carried on"
    assert -payouts.balance(PAYABLE, "ann") == payout.carried_out_micros
    assert -payouts.balance(CLEARING, "ann") == payout.money.micros


def test_planning_again_plans_nothing(payouts: Payouts) -> None:
    assert payouts.run().payouts
    assert payouts.run().payouts == ()


def test_a_payout_goes_leg_by_leg_and_is_settled(payouts: Payouts) -> None:
    payout = payouts.one()
    advanced = payouts.advance(payout)
    assert advanced.at.state is State.CONFIRMED
    assert payouts.balance(CASH) == -payout.money.micros, "the first leg takes our cash"
    payouts.provider.finish("payout")
    advanced = payouts.advance(payout)
    assert (advanced.at.state, advanced.next) == (State.SETTLED, Nothing())
    assert payouts.balance(CLEARING, "ann") == 0
    assert [e.what for e in payouts.standing(payout).history.events] == [
        What.APPROVED,
        What.RESERVED,
        *(What.BEGUN, What.ACCEPTED, What.DONE),
        *(What.BEGUN, What.ACCEPTED, What.DONE),
    ]
    assert payouts.books_balance()


def test_the_next_statement_says_what_was_paid(payouts: Payouts, database: SqlDatabase) -> None:
    payout = payouts.one()
    close(database, DECEMBER)
    then = statements(database, DECEMBER)["ann", "USD"]
    assert ("paid", -payout.money.micros) in kinds(then)
    assert then.closing.micros == payout.carried_out_micros
    assert payouts.run("ann").payouts == (), "what is below a cent isn't paid"


def test_an_answer_that_was_lost_is_asked_for_under_the_same_key(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.provider.faults = [lost(payouts.provider), lambda _: None, lost(payouts.provider)]
    assert isinstance(payouts.advance(payout).next, Wait)
    for _ in range(3):
        payouts.clock.forward(minutes=10)
        payouts.advance(payout)
    payouts.provider.finish("payout")
    assert payouts.advance(payout).at.state is State.SETTLED
    assert len({key for name, key in payouts.provider.calls if name == "send"}) == 2, "one key a leg"
    assert payouts.provider.paid("acct_ann") == payout.minor_units


def test_past_the_retention_of_keys_it_is_found_and_not_sent_again(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.provider.faults = [lost(payouts.provider)]
    payouts.advance(payout)
    payouts.clock.forward(hours=23, minutes=30)
    assert isinstance(payouts.advance(payout).next, Wait), "no call is begun that may come too late"
    payouts.clock.forward(hours=1)
    calls = len(payouts.provider.calls)
    assert payouts.advance(payout).at.state is State.CONFIRMED
    assert payouts.provider.calls[calls][0] == "find"
    assert len(payouts.provider.objects) == 2


def test_past_the_retention_of_keys_what_never_arrived_is_begun_anew(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.provider.faults = [unanswered]
    payouts.advance(payout)
    payouts.clock.forward(hours=25)
    payouts.advance(payout)
    payouts.clock.forward(hours=1)
    assert payouts.advance(payout).at.state is State.CONFIRMED
    assert f"{payout.id}:transfer:2" in payouts.provider.objects
    assert f"{payout.id}:transfer:1" not in payouts.provider.objects


def test_a_refusal_that_may_pass_is_tried_again_under_another_key(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.provider.faults = [refused("balance_insufficient")]
    assert isinstance(payouts.advance(payout).next, Wait)
    assert payouts.state(payout) is State.SENT
    payouts.clock.forward(minutes=2)
    assert payouts.advance(payout).at.state is State.CONFIRMED


def test_refusals_without_end_are_left_to_a_person(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.provider.faults = [refused("balance_insufficient")] * 100
    for _ in range(20):
        payouts.clock.forward(hours=7)
        found = payouts.advance(payout).next
    assert found == AskPerson(why="refused", code="balance_insufficient")


def test_what_is_refused_for_good_is_owed_again(payouts: Payouts) -> None:
    owed = -payouts.balance(PAYABLE, "ann")
    payout = payouts.one()
    payouts.provider.faults = [refused("account_closed", permanent=True)]
    assert payouts.advance(payout).at.state is State.RETURNED
    assert -payouts.balance(PAYABLE, "ann") == owed
    assert payouts.balance(CASH) == payouts.balance(CLEARING, "ann") == 0
    assert [s.why for s in payouts.run("ann").skipped] == ["account_dead"]


@pytest.mark.parametrize("late", [False, True])
def test_a_leg_that_bounces_is_taken_back_leg_by_leg(payouts: Payouts, late: bool) -> None:
    owed = -payouts.balance(PAYABLE, "ann")
    payout = payouts.one()
    payouts.advance(payout)
    if late:
        payouts.provider.finish("payout")
        assert payouts.advance(payout).at.state is State.SETTLED
        payouts.provider.change("obj_2", status=Status.FAILED, code="no_account")
    else:
        payouts.provider.finish("payout", Status.FAILED, "no_account")
    assert payouts.advance(payout, look_again=True).at.state is State.RETURNED
    assert -payouts.balance(PAYABLE, "ann") == owed
    assert payouts.balance(CASH) == payouts.balance(CLEARING, "ann") == 0
    assert payouts.provider.paid("acct_ann") == 0
    assert payouts.books_balance()


def test_the_lines_of_what_was_returned_are_settled_by_another(payouts: Payouts) -> None:
    first = payouts.one()
    payouts.provider.faults = [refused("declined", permanent=True)]
    payouts.advance(first)
    second = payouts.one()
    assert (second.number, second.lines) == (2, first.lines)
    assert second.id != first.id
    payouts.advance(second)
    assert payouts.provider.paid("acct_ann") == second.minor_units == first.minor_units


@pytest.mark.parametrize(
    "changes", [{"minor_units": 1}, {"currency": "EUR"}, {"account": "acct_bob"}, {"key": "another"}]
)
def test_what_differs_from_the_intent_moves_nothing_and_is_left_to_a_person(
    payouts: Payouts, changes: dict[str, Any]
) -> None:
    payout = payouts.one()
    payouts.advance(payout)
    before = payouts.balance(CASH)
    payouts.provider.change("obj_2", status=Status.DONE, **changes)
    advanced = payouts.advance(payout)
    assert isinstance(advanced.next, AskPerson)
    assert advanced.next.why == "differs"
    assert (advanced.at.state, payouts.balance(CASH)) == (State.CONFIRMED, before)
    assert payouts.standing(payout).history.events[-1].what is What.DIFFERS


def test_an_undo_whose_answer_was_lost_brings_the_cash_back_once(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.advance(payout)
    payouts.provider.finish("payout", Status.FAILED, "declined")
    payouts.provider.faults = [lost(payouts.provider)]
    payouts.advance(payout)
    assert payouts.state(payout) is State.FAILED
    payouts.advance(payout, look_again=True)
    payouts.clock.now += timedelta(minutes=5)
    assert payouts.advance(payout, look_again=True).at.state is State.RETURNED
    assert payouts.balance(CASH) == payouts.balance(CLEARING, "ann") == 0
