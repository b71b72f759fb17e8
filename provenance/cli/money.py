"""Commands on money: what a party earned and from what, and the trial balance of the books."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from provenance.cli.failures import FAILED
from provenance.cli.options import Effective, Json, Known, Since, Until

USES_MAX = 1_000


def report(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")],
    since: Since = "",
    until: Until = "",
    uses: Annotated[int, typer.Option(min=0, max=USES_MAX, help="How many of the last uses to show.")] = 10,
    *,
    as_json: Json = False,
) -> None:
    """Show what a party earned: in total, by work, by month, and its last uses.

    Example: provenance report oona-tresker --since 2026-11-01 --until 2026-12-01
    """
    from provenance.cli import earnings
    from provenance.cli.render import print_json
    from provenance.cli.session import opened, period
    from provenance.services.views import report_view

    with opened() as system:
        found = earnings.load(system.database, party, period(system, since, until), uses_max=uses)
    if as_json:
        print_json(report_view(found))
    else:
        earnings.show(found)


def uses(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")],
    generation: Annotated[str, typer.Argument(metavar="GENERATION", help="An id from `provenance report`.")],
    *,
    as_json: Json = False,
) -> None:
    """Show what one generation did with a party's works: the words on both sides of each match.

    Example: provenance uses oona-tresker gen_0123456789abcdef01234567
    """
    from provenance.cli import earnings
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.report import use_details
    from provenance.services.views import use_detail_view

    with opened() as system:
        details = use_details(system.database, party, generation)
    if as_json:
        print_json({"generation": generation, "party": party, "uses": [use_detail_view(d, party) for d in details]})
        return
    for detail in details:
        earnings.show_use(detail, party)


def trial_balance(effective: Effective = "", known: Known = "", *, as_json: Json = False) -> None:
    """Show every account's balance; debits equal credits in each currency. Exits with 1 if they don't.

    With --effective, of what had happened before then; with --known, as the books were then. Either alone leaves the
    other at now.

    Example: provenance trial-balance --effective 2026-11-01 --known 2026-11-15
    """
    from provenance.cli import earnings
    from provenance.cli.render import print_json
    from provenance.cli.session import opened, period
    from provenance.ledger.balance import trial_balance as fold
    from provenance.services.views import trial_balance_view

    with opened() as system, system.database.begin() as work:
        if effective or known:
            moment = timedelta(microseconds=1)  # the end of a period is left out, as everywhere
            sums = work.books.balances_as_known(
                effective=period(system, "", effective).until - moment, known=period(system, "", known).until - moment
            )
        else:
            sums = work.books.balances()
        balance = fold(sums)
    if as_json:
        print_json(trial_balance_view(balance))
    else:
        earnings.show_balance(balance)
    if not balance.balanced:
        raise typer.Exit(FAILED)
