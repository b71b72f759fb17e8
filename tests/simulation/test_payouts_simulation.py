"""Payouts from many seeds, and one story that dies at every point it has. The nightly run plays ten thousand seeds."""

import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from benchmarks.payouts_simulation.crashes import Crashes
from benchmarks.payouts_simulation.run import play
from benchmarks.payouts_simulation.stage import make_template
from benchmarks.payouts_simulation.sweep import STORIES, sweep
from provenance.stripe_double.core.faults import FaultKind

SEEDS = int(os.environ.get("PAYOUTS_SEEDS", "100"))
POINTS_MIN = 4
TOLD = ("the bank refuses", "an operator cancels")  # the nightly run tells the others too


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("payouts"))


def test_no_seed_pays_twice_strands_funds_or_bends_the_books(template: Path) -> None:
    broken = {}
    deaths, struck, ended = (Counter[str]() for _ in range(3))
    for seed in range(SEEDS):
        played = play(seed, template)
        deaths += played.deaths
        struck += played.struck
        ended += played.ended
        if played.broken:
            broken[seed] = played.broken
    assert not broken, "play one again: python -m benchmarks.payouts_simulation --first SEED --seeds 1"
    # It went wrong in every way there is, the process died on both sides of every kind of call, and money arrived.
    assert struck.keys() == set(FaultKind)
    assert {f"{side} {call}" for side in ("before", "after") for call in ("commit", "send", "look")} <= deaths.keys()
    assert ended["settled"] > SEEDS
    assert ended["returned"] > SEEDS // 4


@pytest.mark.parametrize("story", TOLD)
def test_a_story_survives_a_death_at_each_of_its_points(template: Path, story: str) -> None:
    whole, *told = sweep(STORIES[story], template)
    assert not whole.broken
    assert len(told) == whole.points >= POINTS_MIN
    assert not [(point, played.broken) for point, played in enumerate(told) if played.broken]
    assert all(played.deaths.total() == 1 for played in told)


def test_a_seed_plays_the_same_each_time(template: Path) -> None:
    first, second = (play(5, template) for _ in range(2))
    assert first == second
    assert first != play(5, template, crashes=Crashes(Random(1), rate=0.3))
