"""Commands on exchange rates: record one, list them."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli.options import Json

LIST_MAX = 100_000

rates = typer.Typer(help="Record exchange rates, and list them.", invoke_without_command=True)


@rates.callback()
def list_rates(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")] = 50,
    *,
    as_json: Json = False,
) -> None:
    """List exchange rates in the order of recording.

    Example: provenance rates
    """
    if ctx.invoked_subcommand:
        return
    from provenance.cli.listing import first_of
    from provenance.cli.render import console, print_json, table
    from provenance.cli.session import opened

    with opened() as system, system.database.begin() as work:
        found, more = first_of(work.rates.page, limit)
    if as_json:
        print_json({"rates": [{"id": r.fact.id, **r.fact.form} for r in found], "more": more})
        return
    rows = [
        (r.fact.on, f"1 {r.fact.base}", f"{r.fact.numerator}/{r.fact.denominator} {r.fact.quote}", r.fact.source)
        for r in found
    ]
    console().print(table("Exchange rates", ("=day", "=unit", "=is", "source"), rows) if rows else "None is recorded.")
    if more:
        console().print("There are more: raise --limit.")


@rates.command("add")
def add_rate(
    base: Annotated[str, typer.Argument(metavar="BASE", help="One unit of this currency …")],
    quote: Annotated[str, typer.Argument(metavar="QUOTE", help="… is so many units of that one:")],
    ratio: Annotated[str, typer.Argument(metavar="RATE", help="1.0842, or 10842/10000.")],
    source: Annotated[str, typer.Option(help="Who published it.")],
    on: Annotated[str, typer.Option(metavar="DAY", help="The day that it is of.")],
    *,
    as_json: Json = False,
) -> None:
    """Record the exchange rate of a day. The same again changes nothing; of one day, the last one holds.

    Example: provenance rates add EUR USD 1.0842 --on 2026-11-20 --source ECB
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.kernel.fx import Rate
    from provenance.services.rates import parse_ratio, record_rate
    from provenance.statements.period import parse_time

    numerator, denominator = parse_ratio(ratio)
    day = parse_time(on, field="on").date()
    rate = Rate(base=base, quote=quote, numerator=numerator, denominator=denominator, on=day, source=source)
    with opened() as system:
        record_rate(system.database, rate, at=system.clock())
    if as_json:
        print_json({"id": rate.id, **rate.form})
        return
    typer.echo(f"1 {rate.base} = {rate.numerator}/{rate.denominator} {rate.quote} on {rate.on}, by {rate.source}.")
