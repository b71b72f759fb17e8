"""Where the benchmarks' data lies, and how a figure is printed. The data is not part of the project."""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

DATA = Path(__file__).resolve().parent.parent.parent / "shared"


def arguments(doc: str | None, argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments that every benchmark takes."""
    return parser(doc).parse_args(argv)


def parser(doc: str | None) -> argparse.ArgumentParser:
    """A parser of them, for a benchmark that takes more."""
    known = argparse.ArgumentParser(description=doc)
    known.add_argument("--data", type=Path, default=DATA, help="folder with bench/ and corpus/")
    known.add_argument("--json", action="store_true", help="print the figures as JSON")
    known.add_argument("--limit", type=int, default=0, help="use only the first N outputs or books (0: all)")
    return known


def missing(path: Path) -> bool:
    """Say so where the data isn't there."""
    if not path.exists():
        print(f"skipped: there is no {path.name} under {path.parent}; name its folder with --data")
    return not path.exists()


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def show(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[object]]) -> None:
    """Print a table: one row a name."""
    table = Table("", *columns, title=title)
    for name, values in rows.items():
        table.add_row(name, *(f"{v:.4f}" if isinstance(v, float) else str(v) for v in values))
    Console().print(table)
