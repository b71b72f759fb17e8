"""Commands on statements: show or write one, look under a line, and say how a party is paid and taxed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.options import Json
from provenance.kernel.errors import InvalidInput

UNDER_MAX = 1_000

PeriodOption = Annotated[
    str, typer.Option("--period", metavar="PERIOD", help="A closed month such as 2026-11, or a quarter: 2026-Q4.")
]
PartyArgument = Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")]
CurrencyOption = Annotated[str, typer.Option(help="ISO 4217; needed where there are statements in several.")]
FromOption = Annotated[str, typer.Option("--from", metavar="DATE", help="From this day on.")]


class StatementFormat(StrEnum):
    """What a statement is written as."""

    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


def statement(
    party: PartyArgument,
    period: PeriodOption,
    currency: CurrencyOption = "",
    form: Annotated[StatementFormat, typer.Option("--format", help="What to write.")] = StatementFormat.PDF,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it here; else show it.")
    ] = None,
    line: Annotated[int, typer.Option(min=0, help="Show what lies under this line instead.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=UNDER_MAX, help="How many facts under a line.")] = 50,
    *,
    as_json: Json = False,
) -> None:
    """Show a party's statement of a closed period, write it to a file, or look under one of its lines.

    The same statement is written as the same bytes, for ever.

    Example: provenance statement oona-tresker --period 2026-11 --format pdf -o november.pdf
    """
    from provenance.cli import statement_text
    from provenance.cli.new_file import write_whole
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.pages.statement_files import render
    from provenance.services.statement_views import next_after, under_line_view
    from provenance.services.statements import find_statement, under_line
    from provenance.statements.accounting_period import parse_accounting_period
    from provenance.statements.form import statement_form

    asked, wanted = parse_accounting_period(period), currency or None
    with opened() as system:
        if line:
            found = under_line(system.database, party, asked, line, currency=wanted, limit=limit)
            if as_json:
                print_json({**under_line_view(found), "more": next_after(found) is not None})
            else:
                statement_text.show_under(found)
            return
        sheet = find_statement(system.database, party, asked, currency=wanted)
    if output is not None:
        write_whole(output, render(sheet, form.value))
    if as_json:
        print_json(statement_form(sheet.statement))
    elif output is None:
        statement_text.show(sheet)


def payout_terms(
    party: PartyArgument,
    currency: Annotated[str, typer.Option(help="ISO 4217.")],
    valid_from: FromOption,
    threshold: Annotated[str, typer.Option(metavar="AMOUNT", help="Nothing is payable below it.")] = "0",
    reserve_basis_points: Annotated[int, typer.Option(help="Held back of what is earned; 1000 is 10 %.")] = 0,
    reserve_periods: Annotated[int, typer.Option(help="For how many periods.")] = 0,
    *,
    as_json: Json = False,
) -> None:
    """Say from when on and how a party is paid in a currency. Recorded for good; later terms replace it from their day.

    Example: provenance payout-terms oona-tresker --currency USD --threshold 25 --from 2026-11-01
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.kernel.money import parse_price
    from provenance.services.statement_views import payout_terms_view
    from provenance.statements.payee import PayoutTerms

    terms = PayoutTerms(
        party=party,
        currency=currency,
        valid_from=_day(valid_from),
        threshold_micros=parse_price(threshold, currency).micros,
        reserve_basis_points=reserve_basis_points,
        reserve_periods=reserve_periods,
    )
    with opened() as system, system.database.begin(write=True) as work:
        work.payees.add_terms(terms, system.clock())
        work.commit()
    if as_json:
        print_json(payout_terms_view(terms))
    else:
        typer.echo(f"Recorded as {terms.id}.")


def tax_profile(
    party: PartyArgument,
    residence: Annotated[str, typer.Option(metavar="COUNTRY", help="Where the party is taxed, such as DE.")],
    payer: Annotated[str, typer.Option(metavar="COUNTRY", help="Where it is paid from, such as US.")],
    basis: Annotated[str, typer.Option(help="The treaty and article, or the rule, in a line.")],
    basis_points: Annotated[int, typer.Option(help="What is withheld; 1500 is 15 %.")],
    valid_from: FromOption,
    *,
    as_json: Json = False,
) -> None:
    """Say what tax is withheld from a party, and why. Recorded for good; a later profile replaces it from its day on.

    Example: provenance tax-profile oona-tresker --residence DE --payer US --basis "Treaty DE-US, article 12"
    --basis-points 0 --from 2026-01-01
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.statement_views import tax_profile_view
    from provenance.statements.payee import TaxProfile

    profile = TaxProfile(
        party=party,
        residence=residence,
        payer=payer,
        basis=basis,
        basis_points=basis_points,
        valid_from=_day(valid_from),
    )
    with opened() as system, system.database.begin(write=True) as work:
        work.payees.add_tax(profile, system.clock())
        work.commit()
    if as_json:
        print_json(tax_profile_view(profile))
    else:
        typer.echo(f"Recorded as {profile.id}.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text[:40]!r} is no day.", mend='Write "2026-11-01".', field="from") from error
