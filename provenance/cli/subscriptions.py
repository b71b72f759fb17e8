"""Commands on subscription money: state it for a service's period, list what was stated."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli.options import Json

LIST_MAX = 100_000

subscriptions = typer.Typer(
    help="State subscription money, which a close shares out by usage; and list it.", invoke_without_command=True
)


@subscriptions.callback()
def list_subscriptions(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")] = 50,
    *,
    as_json: Json = False,
) -> None:
    """List subscription money in the order of recording.

    Example: provenance subscriptions
    """
    if ctx.invoked_subcommand:
        return
    from provenance.cli.listing import first_of
    from provenance.cli.render import amount, console, print_json, table
    from provenance.cli.session import opened
    from provenance.services.statement_views import subscription_view

    with opened() as system, system.database.begin() as work:
        found, more = first_of(work.subscriptions.page, limit)
    if as_json:
        print_json({"subscriptions": [subscription_view(r) for r in found], "more": more})
        return
    rows = [(r.fact.service, r.fact.period.name, amount(r.fact.money.micros, r.fact.money.currency)) for r in found]
    shown = table("Subscription money", ("service", "=period", ">amount"), rows) if rows else "None is recorded."
    console().print(shown)
    if more:
        console().print("There are more: raise --limit.")


@subscriptions.command("add")
def add_subscription(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The party whose subscriptions they are.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="What it passes on, after its own part.")],
    currency: Annotated[str, typer.Option(help="ISO 4217.")],
    period: Annotated[str, typer.Option(metavar="PERIOD", help="A month such as 2026-11, or a quarter: 2026-Q4.")],
    *,
    as_json: Json = False,
) -> None:
    """State what a service passes on of its subscriptions for a period. The same again changes nothing.

    The close that ends with the period shares it out, by the usage of the service's outputs without a price.

    Example: provenance subscriptions add lumen-studio 1200 --currency USD --period 2026-11
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.kernel.money import parse_money
    from provenance.services.statement_views import subscription_view
    from provenance.services.subscriptions import record_subscription
    from provenance.statements.accounting_period import parse_accounting_period
    from provenance.statements.subscription import Subscription

    money = parse_money(amount, currency)
    stated = Subscription(service=service, period=parse_accounting_period(period), money=money)
    with opened() as system:
        recorded = record_subscription(system.database, stated, at=system.clock())
    if as_json:
        print_json(subscription_view(recorded))
    else:
        typer.echo(f"{stated.service} owes {stated.money} for {stated.period.name}.")
