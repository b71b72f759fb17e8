"""Cost over size: what an output costs in milliseconds as the library grows, ours and the peer's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

LINES = {"p50_ms": "ours, median", "p99_ms": "ours, 99th percentile", "peer_p50_ms": "the peer, median"}


def plot(rows: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw it as a PNG. Raises `ImportError` where matplotlib isn't installed (extra ``bench``)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, label in LINES.items():
        points = [(row["segments"], row[name]) for row in rows if name in row]
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", label=label)
    axes.set(xscale="log", ylim=(0, None), xlabel="segments in the library", ylabel="ms an output of 450 tokens")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
