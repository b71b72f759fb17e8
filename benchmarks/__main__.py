"""Run every benchmark, print one table, and leave the figures and a plot in a folder: ``python -m benchmarks``.

Each runs in a process of its own, so that none warms up or crowds out another. Arguments are handed on to the one that
is named, as in ``python -m benchmarks latency --segments 10000``; without a name all run as they are.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.plot import plot
from benchmarks.shared import show

NAMES = ("attribution", "gaming", "ingest", "index", "exact", "living", "latency", "ledger", "reconciliation", "log")
RESULTS = Path("var") / "bench"


def main(argv: Sequence[str]) -> int:
    """Run the named one, or all that are there. 1 where one failed."""
    chosen = argv[:1] or [name for name in NAMES if find_spec(f"benchmarks.{name}")]
    found = {name: _run(name, argv[1:]) for name in chosen}
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name, figures in found.items():
        if isinstance(figures, dict):
            (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    rows = {f"{name} {path}": [value] for name, figures in found.items() for path, value in flat(figures)}
    show("Benchmarks", ["figure"], rows)
    _plot(found.get("latency"))
    print(f"The figures are in {RESULTS}/.")
    return int("failed" in found.values())


def _run(name: str, argv: Sequence[str]) -> dict[str, Any] | str:
    """The figures of one benchmark, or in a word why there are none."""
    print(f"== {name} ==", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", *argv]
    ran = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if ran.returncode:
        return "failed"
    try:
        figures: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        return ran.stdout.strip() or "no figures"
    return figures


def flat(figures: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Single figures with the names that lead to them; rows of a plot are left out."""
    if isinstance(figures, Mapping):
        for name, value in figures.items():
            yield from flat(value, f"{path} {name}".strip())
    elif not isinstance(figures, list):
        yield path, figures


def _plot(latency: object) -> None:
    if not isinstance(latency, dict):
        return
    try:
        plot(latency["rows"], RESULTS / "cost_over_size.png")
    except ImportError:
        print('There is no plot without matplotlib: pip install -e ".[bench]".')


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
