"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli.failures import AS_JSON


def _remember(ctx: typer.Context, value: bool) -> bool:  # noqa: FBT001  typer calls it so
    """Known from here on, so that an error comes as JSON too."""
    ctx.meta[AS_JSON] = value
    return value


Json = Annotated[
    bool, typer.Option("--json", callback=_remember, is_eager=True, help="Print JSON, for a program to read.")
]
Since = Annotated[str, typer.Option(metavar="DATE", help="From this day or time on (UTC), such as 2026-11-01.")]
Until = Annotated[str, typer.Option(metavar="DATE", help="Up to this day or time (UTC), itself left out.")]
Effective = Annotated[
    str, typer.Option(metavar="DATE", help="Of what was effective before this day or time (UTC), such as 2026-11-01.")
]
Known = Annotated[str, typer.Option(metavar="DATE", help="As the books were before this day or time (UTC).")]
