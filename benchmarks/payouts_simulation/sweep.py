"""One story told as often as there are points at which the process can die: each time it dies at another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.payouts_simulation.crashes import Crashes
from benchmarks.payouts_simulation.run import Played, play


def sweep(seed: int, template: Path) -> Iterator[Played]:
    """First the story without a death, then with a death at each point that it passes.

    The points are commits and calls of the provider, each before and after; those of a second process among them.
    """
    whole = play(seed, template, crashes=Crashes(Random(seed)))
    yield whole
    for point in range(whole.points):
        yield play(seed, template, crashes=Crashes(Random(seed), at=frozenset({point})))
