"""One story told as often as there are points at which its processes can die: each time one dies at another point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from benchmarks.payouts_simulation import actions
from benchmarks.payouts_simulation.crashes import Crashes
from benchmarks.payouts_simulation.run import Action, Played, play
from benchmarks.payouts_simulation.stage import Stage
from provenance.services import payout_plan

SEED = 3


def _plan_one(stage: Stage) -> None:
    payout_plan.run(stage.database, stage.provider.way, stage.limits, by="press", at=stage.clock(), party="bob")


def _days(stage: Stage) -> None:
    stage.double.advance(8 * 86_400)


def _bank_refuses(stage: Stage) -> None:
    stage.double.inject("payout_fails", failure_code="could_not_process")


def _answer_lost(stage: Stage) -> None:
    stage.double.inject("timeout_after", path="/v1/transfers")


_TO_THE_BANK: tuple[Action, ...] = (_plan_one, actions.work, _days, actions.hear_all, actions.work)
STORIES: dict[str, tuple[Action, ...]] = {
    "it is paid": _TO_THE_BANK,
    "the bank refuses": (_bank_refuses, *_TO_THE_BANK, actions.work),
    "the answer of the transfer is lost": (_answer_lost, *_TO_THE_BANK, _days, actions.work),
    "an operator cancels": (_plan_one, actions.cancel, actions.work),
}


def sweep(story: Sequence[Action], template: Path) -> Iterator[Played]:
    """First the story without a death, then with a death at each point that it passes.

    The points are commits and calls of the provider, each before and after.
    """
    whole = play(SEED, template, crashes=Crashes(Random(SEED)), story=story)
    yield whole
    for point in range(whole.points):
        yield play(SEED, template, crashes=Crashes(Random(SEED), at=frozenset({point})), story=story)
