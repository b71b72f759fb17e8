"""The nightly run: ``python -m benchmarks.payouts_simulation --seeds 10000``; with ``--bugs`` it hunts planted ones.

Says what didn't hold, by seed, as soon as it is found; any seed can be played again alone: ``--first SEED --seeds 1``.
Exits with 1 where something didn't hold, or where less than 95 % of the planted bugs were found.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.payouts_simulation.planted import all_bugs
from benchmarks.payouts_simulation.run import Played, play
from benchmarks.payouts_simulation.stage import make_template
from benchmarks.payouts_simulation.sweep import STORIES, sweep

SEEDS = 10_000
BUG_SEEDS_MAX = 100
FOUND_MIN = 0.95
BATCH = 20
MEMORY = Path("/dev/shm")


def main(argv: Sequence[str]) -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.payouts_simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes")
    parser.add_argument("--sweep", action="store_true", help="tell stories, with a death at each of their points")
    parser.add_argument("--bugs", action="store_true", help="plant bugs, and find each with as few seeds as it takes")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        template = make_template(Path(folder))
        began = time.monotonic()
        figures = _hunt(template) if options.bugs else _sweeps(template) if options.sweep else _seeds(options, template)
    figures["seconds"] = round(time.monotonic() - began, 1)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name}: {value}")
    return int(bool(figures["broken"]))


def _seeds(options: argparse.Namespace, template: Path) -> dict[str, Any]:
    seeds = range(options.first, options.first + options.seeds)
    deaths, ended, struck = (Counter[str]() for _ in range(3))
    broken, done = [], 0
    for played in _played(seeds, options.jobs, template):
        done += 1
        deaths += played.deaths
        ended += played.ended
        struck += played.struck
        if played.broken:
            broken.append(played.seed)
            print(f"seed {played.seed}: {'; '.join(played.broken)}", file=sys.stderr, flush=True)
        if done % 500 == 0:
            print(f"{done} of {len(seeds)} seeds, {len(broken)} broken", file=sys.stderr, flush=True)
    return {
        "seeds": done,
        "broken": broken,
        "payouts": ended.total(),
        "ended": dict(ended),
        "deaths": deaths.total(),
        "died": dict(deaths),
        "faults": struck.total(),
        "struck": dict(struck),
    }


def _played(seeds: range, jobs: int, template: Path) -> Iterator[Played]:
    if jobs <= 1:
        yield from (play(seed, template) for seed in seeds)
        return
    batches = [seeds[at : at + BATCH] for at in range(0, len(seeds), BATCH)]
    with ProcessPoolExecutor(jobs) as pool:
        for batch in pool.map(_play_batch, batches, [template] * len(batches)):
            yield from batch


def _play_batch(seeds: range, template: Path) -> list[Played]:
    return [play(seed, template) for seed in seeds]


def _sweeps(template: Path) -> dict[str, Any]:
    """Each story, with how many deaths it was told."""
    told = {name: list(sweep(story, template)) for name, story in STORIES.items()}
    broken = [
        f"{name}, point {at - 1}: {p.broken}" for name, all_ in told.items() for at, p in enumerate(all_) if p.broken
    ]
    return {"stories": {name: len(all_) - 1 for name, all_ in told.items()}, "broken": broken}


def _hunt(template: Path) -> dict[str, Any]:
    """Each bug with the first seed that finds it."""
    found: dict[str, str] = {}
    missed = []
    for bug in all_bugs():
        with bug.plant():
            hit = next((p for seed in range(BUG_SEEDS_MAX) if (p := play(seed, template)).broken), None)
        if hit is None:
            missed.append(bug.name)
        else:
            found[bug.name] = f"seed {hit.seed}: {hit.broken[0][:160]}"
        print(f"{bug.name}: {found.get(bug.name, 'NOT FOUND')}", file=sys.stderr, flush=True)
    total = len(found) + len(missed)
    enough = len(found) >= FOUND_MIN * total
    return {"bugs": total, "found": len(found), "missed": missed, "broken": [] if enough else missed, "by": found}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
