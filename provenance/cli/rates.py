"""Commands on exchange rates: record one, list them, exchange what is owed at one."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli.options import Json

LIST_MAX = 100_000

rates = typer.Typer(
    help="Record exchange rates, list them, and exchange what is owed at one.", invoke_without_command=True
)


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


@rates.command("exchange")
def exchange_owed(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Whose money.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="How much of what the party is owed.")],
    currency: Annotated[str, typer.Option("--from", metavar="CURRENCY", help="The currency of the amount.")],
    into: Annotated[str, typer.Option("--to", metavar="CURRENCY", help="What it becomes.")],
    reference: Annotated[str, typer.Option(help="Your own name for it: under one name it is done once.")],
    on: Annotated[str, typer.Option(metavar="DAY", help="Whose rate is taken; today's unless said.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Exchange what a party is owed into another currency, at the latest rate up to a day.

    Example: provenance rates exchange oona-tresker 250 --from USD --to EUR --reference 2026-11
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.kernel.money import parse_price
    from provenance.services.exchange import exchange_owed as exchanged_of
    from provenance.statements.period import parse_time

    with opened() as system:
        at = system.clock()
        day = parse_time(on, field="on").date() if on else at.date()
        found = exchanged_of(
            system.database,
            party,
            parse_price(amount, currency),
            into,
            reference=reference,
            on=day,
            days_old_max=system.settings.rate_days_max,
            at=at,
        )
    made, rate = found.converted, found.converted.rate
    if as_json:
        given, got = ({"currency": m.currency, "micros": str(m.micros)} for m in (made.given, made.got))
        print_json({"party": party, "given": given, "got": got, "rate": rate.id, "transaction": found.transaction})
        return
    typer.echo(
        f"{made.given} became {made.got}: {rate.numerator}/{rate.denominator} of {rate.on}, {found.transaction}."
    )
