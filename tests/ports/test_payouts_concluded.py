"""Payouts that the provider can't be asked of any more are ended by a second person, after a week."""

import pytest

from provenance.kernel.errors import Conflict, Forbidden
from provenance.payouts.event import State
from provenance.services.payout_conclude import conclude
from provenance.stripe_double.core.account_state import deauthorize

from .test_payouts_on_stripe import CASH, CLEARING, OnStripe, on_stripe  # noqa: F401  a fixture among them


@pytest.mark.parametrize("arrived", [True, False])
def test_a_payout_whose_account_has_left_is_ended_by_a_second_person_after_a_week(
    on_stripe: OnStripe,  # noqa: F811
    arrived: bool,
) -> None:
    account = on_stripe.open("ann")
    payout = on_stripe.one()
    assert on_stripe.advance(payout).at.state is State.CONFIRMED
    deauthorize(on_stripe.double.world, account)

    def end(by: str) -> State:
        return conclude(
            on_stripe.database, payout.id, arrived=arrived, by=by, reason="The bank says so.", at=on_stripe.clock()
        ).at.state

    with pytest.raises(Conflict):
        end("bob")
    on_stripe.double.advance(8 * 86_400)
    assert on_stripe.advance(payout).at.state is State.CONFIRMED, "it can't be looked at any more"
    with pytest.raises(Forbidden):
        end("press")
    assert end("bob") is (State.SETTLED if arrived else State.FAILED)
    if arrived:
        assert end("bob") is State.SETTLED, "the same again does nothing"
        assert on_stripe.story.balance(CLEARING, "ann") == 0
    else:
        assert on_stripe.advance(payout).at.state is State.RETURNED, "the transfer is taken back, and owed again"
        assert on_stripe.story.balance(CASH) == 0
    assert on_stripe.story.books_balance()
