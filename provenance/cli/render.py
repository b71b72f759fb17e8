"""Tables, amounts and JSON on the terminal, in one form for all commands.

Cells are `rich.text.Text`, never strings: a string would be read for markup, and a title may hold some.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from provenance.cli.visible import visible
from provenance.kernel.money import format_micros
from provenance.kernel.parts import WHOLE_PPB, WHOLE_PPM

PIPE_COLUMNS = 120  # width of tables where no terminal says how wide it is

_JUSTIFY: Mapping[str, Literal["left", "right"]] = {">": "right"}


def console(*, stderr: bool = False) -> Console:
    """A console on the stream as it is now. Rich leaves colours out by itself: no terminal, NO_COLOR."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_COLUMNS
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def print_json(value: Any) -> None:
    """JSON in ASCII, so that nothing in it can steer a terminal."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
    sys.stdout.flush()


def cell(value: object, style: str = "") -> Text:
    """A cell that shows ``value`` and nothing but it."""
    return value if isinstance(value, Text) else Text(visible(str(value)), style=style)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table. A column named ``>amount`` is aligned to the right; one named ``=id`` is never folded.

    Where a terminal is too narrow, all others are folded, and never cut: half an amount would be a wrong one.
    """
    made = Table(title=cell(title, "bold") if title else None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        header, justify = cell(name.lstrip(">=")), _JUSTIFY.get(name[:1], "left")
        whole = name.startswith("=")
        made.add_column(header, justify=justify, no_wrap=whole, overflow="ellipsis" if whole else "fold")
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def fields(pairs: Iterable[tuple[str, object]]) -> Table:
    """Names with their values, one a line."""
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        made.add_row(cell(name, "bold"), cell(value))
    return made


def percent(ppb: int) -> str:
    """Parts per billion as per cent: ``25.3 %``."""
    return f"{100 * ppb / WHOLE_PPB:.1f} %"


def confidence(ppm: int) -> str:
    """Millionths of a probability as ``0.97``; never rounded up to certainty."""
    return f"{min(ppm, WHOLE_PPM - 1) * 100 // WHOLE_PPM / 100:.2f}"


def amount(micros: int, currency: str) -> str:
    """``0.040000 USD``."""
    return f"{format_micros(micros)} {currency}"


def print_text(out: Console, text: Text) -> None:
    """A text in its own lines; only a terminal has them folded between words."""
    out.print(text, soft_wrap=not out.is_terminal)
