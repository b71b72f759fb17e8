"""Commands on accounting periods: close the next one, for good, and list what was closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.services.records import Recorded
    from provenance.statements.close import PeriodClose
    from provenance.statements.statement import Statement

period = typer.Typer(help="Close accounting periods, and list those that were closed.", no_args_is_help=True)

PeriodName = Annotated[str, typer.Argument(metavar="PERIOD", help="A month such as 2026-11, or a quarter: 2026-Q4.")]


@period.command("close")
def close_period(
    name: PeriodName,
    party: Annotated[str, typer.Option("--as", metavar="PARTY", help="Who closes it.")] = "library",
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Show what it would state, and record nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Close a period, for good: state what each party's came to, and post what the close takes or adds.

    It is refused while uses of the period wait for a review, or one before it is open.

    Example: provenance period close 2026-11 --as the-operator
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.close import close_period as close
    from provenance.services.close import preview_period
    from provenance.services.statement_views import close_view
    from provenance.statements.accounting_period import parse_accounting_period
    from provenance.statements.form import statement_form

    asked = parse_accounting_period(name)
    with opened() as system:
        if preview:
            foretold = preview_period(system.database, asked, policy=system.pool_policy)
            if as_json:
                print_json({"period": asked.name, "statements": [statement_form(s) for s in foretold]})
            else:
                _show_statements(foretold)
            return
        closed = close(system.database, asked, closed_by=party, at=system.clock(), policy=system.pool_policy)
    if as_json:
        print_json(close_view(closed.recorded))
    else:
        _show([closed.recorded])


@period.command("list")
def list_periods(*, as_json: Json = False) -> None:
    """List the closed periods, oldest first.

    Example: provenance period list
    """
    from provenance.cli.render import console, print_json
    from provenance.cli.session import opened
    from provenance.services.statement_views import close_view

    with opened() as system, system.database.begin() as work:
        found = work.statements.closes()
    if as_json:
        print_json({"periods": [close_view(r) for r in found]})
    elif found:
        _show(found)
    else:
        console().print("No period was closed yet.")


def _show(found: Sequence[Recorded[PeriodClose]]) -> None:
    from provenance.cli.render import console, table

    rows = [(r.fact.period.name, r.fact.statements, f"{r.recorded_at:%Y-%m-%d %H:%M}", r.fact.closed_by) for r in found]
    console().print(table("Closed periods", ("period", ">statements", "closed on (UTC)", "by"), rows))


def _show_statements(found: Sequence[Statement]) -> None:
    from provenance.cli.render import amount, console, table

    rows = [
        (
            s.party,
            amount(s.opening.micros, s.currency),
            amount(s.closing.micros, s.currency),
            amount(s.payable_micros, s.currency),
        )
        for s in found
    ]
    console().print(table("What a close would state now", ("party", ">opening", ">closing", ">payable"), rows))
