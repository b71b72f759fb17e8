"""The command that computes decisions again, and compares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.failures import FAILED, note
from provenance.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.bootstrap import System
    from provenance.services.replay import Difference, Replay

PAGE = 100
SHOWN_MAX = 100


def replay(
    generation: Annotated[str, typer.Argument(metavar="[GENERATION]", help="One decision; without, all.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Compute decisions again from the snapshot, encoder and calibration that they name, and compare. Records nothing.

    Exits with 1 where one comes out otherwise, or can't be computed any more; it says why.

    Example: provenance replay gen_0123456789abcdef01234567
    """
    from provenance.cli.render import console, fields, print_json, table
    from provenance.cli.session import opened
    from provenance.services.replay import Outcome

    counts = dict.fromkeys(Outcome, 0)
    shown: list[Replay] = []
    with opened() as system:
        for found in _replays(system, generation):
            counts[found.outcome] += 1
            if (generation or found.outcome is not Outcome.SAME) and len(shown) < SHOWN_MAX:
                shown.append(found)
    if as_json:
        print_json({**{str(k): v for k, v in counts.items()}, "items": [_view(r) for r in shown]})
    else:
        out = console()
        out.print(fields([(outcome.value, f"{count:,}") for outcome, count in counts.items()]))
        rows = [
            (r.generation, d.work or "nobody", d.what, _value(d.recorded), _value(d.replayed)) for r, d in _each(shown)
        ]
        if rows:
            out.print(table("What differs", ("=generation", "work", "what", ">recorded", ">again"), rows))
        for reason in sorted({r.retired for r in shown if r.retired}):
            note(reason)
    if counts[Outcome.DIFFERS] or counts[Outcome.RETIRED]:
        raise typer.Exit(FAILED)


def _replays(system: System, generation: str) -> Iterator[Replay]:
    from provenance.cli.progress import count_bar
    from provenance.services import replay as replays

    database, attributor = system.database, system.attributor_over
    if generation:
        yield replays.replay(database, generation, attributor)
        return
    after: int | None = 0
    with count_bar("Replaying", None) as bar:
        while after is not None:
            with database.begin() as work:
                page = work.generations.page(after=after, limit=PAGE)
            for recorded in page.items:
                yield replays.replay_recorded(database, recorded, attributor)
                bar.advance(1)
            after = page.next_after


def _each(found: list[Replay]) -> Iterator[tuple[Replay, Difference]]:
    return ((replay, difference) for replay in found for difference in replay.differences)


def _value(figure: int | None) -> str:
    return "" if figure is None else f"{figure:,}"


def _view(found: Replay) -> dict[str, Any]:
    return {
        "generation": found.generation,
        "outcome": found.outcome.value,
        "decided_by": {
            "encoder": found.decided_by.encoder,
            "snapshot": found.decided_by.snapshot,
            "calibration": found.decided_by.calibration,
        },
        "differences": [
            {"work": d.work, "what": d.what, "recorded": d.recorded, "replayed": d.replayed} for d in found.differences
        ],
        "retired": found.retired or None,
    }
