"""Which works share passages with others: what a registration found, and what was ever found."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.options import Json

if TYPE_CHECKING:
    from provenance.bootstrap import System
    from provenance.services.compare import Comparison
    from provenance.sources.work import Work

LIST_MAX = 100_000
LINES_SHOWN_MAX = 20


def overlaps(
    work: Annotated[str, typer.Argument(metavar="[WORK]", help="The id of a work; all works if left out.")] = "",
    party: Annotated[str, typer.Option(help="Only what concerns works of this party, from their side.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")] = 50,
    *,
    as_json: Json = False,
) -> None:
    """List what works share with each other: near copies, quotations, and who had the words on record first.

    Example: provenance overlaps work_0a1b2c3d4e5f60718293a4b5 --json
    """
    from provenance.cli.listing import first_of
    from provenance.cli.render import console, print_json
    from provenance.cli.session import opened
    from provenance.kernel.errors import NotFound
    from provenance.services.overlap_views import overlap_views

    with opened() as system, system.database.begin() as unit:
        if work and unit.works.get(work) is None:
            raise NotFound(f"There is no work {work!r}.", mend="List the works to see their ids.", work=work)
        of_work, of_party = work or None, party or None
        found, more = first_of(partial(unit.overlaps.page, work=of_work, party=of_party), limit)
        views = overlap_views(unit, found, of_work=of_work, party=of_party)
    if as_json:
        print_json({"overlaps": views, "more": more})
        return
    console().print(_table(views))
    if more:
        console().print("There are more: raise --limit.")


def works_of(system: System, comparison: Comparison) -> Mapping[str, Work]:
    """The works that a comparison names."""
    with system.database.begin() as unit:
        return unit.works.many({w for o in comparison.overlaps for w in (o.later.work, o.earlier.work)})


def comparison_lines(comparison: Comparison, works: Mapping[str, Work]) -> list[str]:
    """How many works overlap others, and the first of them, for a person. Nothing where none do."""
    from provenance.cli.visible import visible

    if not comparison.found:
        return []

    def title(work: str) -> str:
        return visible(works[work].title) if work in works else work

    counts = f"{comparison.found:,}, in {comparison.sharing:,} of the new texts"
    lines = [f"Overlaps with earlier works: {counts}; near duplicates: {comparison.near_duplicates:,}."]
    for o in comparison.overlaps[:LINES_SHOWN_MAX]:
        what = "near duplicate" if o.near_duplicate else o.kind.value
        shared = f"{title(o.later.work)}: {o.later.covered_ppm / 10_000:.1f} % is in {title(o.earlier.work)} too"
        lines.append(f"  {shared} ({what}); first: {title(o.first)}")
    if comparison.found > LINES_SHOWN_MAX:
        lines.append(f"  ... and {comparison.found - LINES_SHOWN_MAX:,} more: provenance overlaps")
    return lines


def comparison_view(comparison: Comparison) -> dict[str, Any]:
    """The same for a program."""
    from provenance.kernel.parts import WHOLE_PPM

    return {
        "compared": comparison.compared,
        "found": comparison.found,
        "works": comparison.sharing,
        "near_duplicates": comparison.near_duplicates,
        "overlaps": [
            {
                "id": o.id,
                "kind": o.kind.value,
                "near_duplicate": o.near_duplicate,
                "work": o.later.work,
                "covered": o.later.covered_ppm / WHOLE_PPM,
                "other": o.earlier.work,
                "other_covered": o.earlier.covered_ppm / WHOLE_PPM,
                "first": o.first,
            }
            for o in comparison.overlaps
        ],
    }


def _table(views: list[dict[str, Any]]) -> Any:
    from provenance.cli.render import table

    rows = []
    for view in views:
        mine, other = view["work"], view["other"]
        first = mine if view["first"] == mine["id"] else other
        what = "near duplicate" if view["near_duplicate"] else view["kind"]
        shares = (f"{100 * mine['covered']:.1f} %", f"{100 * other['covered']:.1f} %")
        rows.append((mine["title"], shares[0], other["title"], shares[1], what, first["title"], first["since"][:19]))
    return table("Overlaps", ("work", ">shared", "other work", ">of it", "kind", "first", "since (UTC)"), rows)
