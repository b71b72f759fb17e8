"""Commands on payees: open a party's account, send it to the provider's pages, and see what is missing."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli.options import Json

payee = typer.Typer(help="Where parties are paid to.", no_args_is_help=True)

PartyArgument = Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")]


@payee.command("open")
def open_payee(
    party: PartyArgument,
    country: Annotated[str, typer.Option(metavar="COUNTRY", help="Where its bank account is, such as DE.")],
    email: Annotated[str, typer.Option(help="For the provider's mails to it.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Open an account with the payment provider for a party, unless it has one. Then send it to `link`.

    Example: provenance payee open oona-tresker --country NL
    """
    from provenance.cli import payout_text
    from provenance.cli.session import opened
    from provenance.services.payees import open_account

    with opened() as system:
        found = open_account(
            system.database,
            system.payments.opens_accounts,
            party,
            country=country,
            email=email or None,
            clock=system.clock,
        )
    payout_text.show_payee(found, as_json=as_json)


@payee.command("link")
def link_payee(party: PartyArgument, *, as_json: Json = False) -> None:
    """A page of the provider's, where the party says who it is and where its bank is. It works once, for minutes.

    Example: provenance payee link oona-tresker
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payees import link

    with opened() as system:
        found = link(system.database, system.payments.opens_accounts, party)
    if as_json:
        print_json({"url": found.url, "expires_at": found.expires_at.isoformat()})
    else:
        typer.echo(found.url)


@payee.command("refresh")
def refresh_payee(
    party: Annotated[
        str, typer.Argument(metavar="PARTY", help="The party's id; without, all that have an account.")
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Ask the provider how far a party's account is, and keep that.

    Example: provenance payee refresh oona-tresker
    """
    from provenance.cli import payout_text
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payees import payee, refresh, refresh_all

    with opened() as system:
        onboarding = system.payments.opens_accounts
        if not party:
            asked = sum(1 for _ in refresh_all(system.database, onboarding, system.clock))
            print_json({"refreshed": asked}) if as_json else typer.echo(f"{asked} accounts were looked at.")
            return
        refresh(system.database, onboarding, party, system.clock)
        found = payee(system.database, party, onboarding.provider)
    payout_text.show_payee(found, as_json=as_json)


@payee.command("show")
def show_payee(party: PartyArgument, *, as_json: Json = False) -> None:
    """Show a party's account, and what the provider still asks for.

    Example: provenance payee show oona-tresker
    """
    from provenance.cli import payout_text
    from provenance.cli.session import opened
    from provenance.services.payees import payee

    with opened() as system:
        found = payee(system.database, party, system.payments.way.provider)
    payout_text.show_payee(found, as_json=as_json)
