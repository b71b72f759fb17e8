"""The double in one function: ``handle(world, request, now)``; and ``advance``, which moves the world's time.

Time moves forward when it is told to, and what falls due on the way happens in its order. No IO, no clock, no random
source: the same seed, requests and times make the same answers, to the byte.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

from provenance.stripe_double.core import answer, balances, funding, payouts
from provenance.stripe_double.core.request import Answer, Request
from provenance.stripe_double.core.world import World

_ACTIONS: dict[str, Callable[[World, str], None]] = {
    balances.RELEASE: balances.release,
    balances.PAY_OUT: payouts.pay_automatically,
    payouts.SUBMIT: payouts.submit,
    payouts.ARRIVE: payouts.arrive,
    payouts.FAIL: payouts.fail,
    funding.SUCCEED: funding.succeed,
    answer.EXECUTE: answer.execute_waiting,
}


def advance(world: World, now: int) -> None:
    """Move the time to ``now`` (Unix seconds), never back, and let happen what is due by then.

    It ends: nothing that happens puts more on the list than it takes off, but an automatic payout's own stages.
    """
    while world.due and world.due[0][0] <= now:
        at, _order, action, id_ = heapq.heappop(world.due)
        world.now = max(world.now, at)
        _ACTIONS[action](world, id_)
    world.now = max(world.now, now)


def handle(world: World, request: Request, now: int) -> Answer:
    """Answer a request at a time: first what is due by then happens."""
    advance(world, now)
    return answer.answer(world, request)
