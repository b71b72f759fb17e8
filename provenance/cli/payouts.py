"""Commands on payouts: plan them, approve, move on, cancel, let go on, and explain each down to its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.options import Json

if TYPE_CHECKING:
    from provenance.payouts.event import State

LIST_MAX = 10_000

payouts = typer.Typer(help="Pay what closed statements say is payable.", no_args_is_help=True)

PayoutArgument = Annotated[str, typer.Argument(metavar="PAYOUT", help="An id from `provenance payouts list`.")]
By = Annotated[str, typer.Option("--as", metavar="PARTY", help="Who decides it.")]
Party = Annotated[str, typer.Option("--party", metavar="PARTY", help="Of this party alone.")]
Reason = Annotated[str, typer.Option(help="Why, in a line; it is recorded.")]


@payouts.command("preview")
def preview_payouts(party: Party = "", by: By = "library", *, as_json: Json = False) -> None:
    """Show what a run would pay now, and who isn't paid and why. Records nothing.

    Example: provenance payouts preview
    """
    from provenance.cli import payout_text
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payout_plan import preview
    from provenance.services.payout_views import planned_view

    with opened() as system:
        payments = system.payments
        found = preview(system.database, payments.way, payments.limits, by=by, party=party or None)
    if as_json:
        print_json(planned_view(found))
    else:
        payout_text.show_planned(found, "What a run would pay now")


@payouts.command("run")
def run_payouts(party: Party = "", by: By = "library", *, as_json: Json = False) -> None:
    """Plan payouts of all that is payable, approved by who runs it; nothing is sent yet: see `advance`.

    What needs a second person waits for `approve`, the rest is taken off what is owed at once. Nothing is paid twice.

    Example: provenance payouts run --as the-operator
    """
    from provenance.cli import payout_text
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payout_plan import run
    from provenance.services.payout_views import planned_view

    with opened() as system:
        payments = system.payments
        at = system.clock()
        found = run(system.database, payments.way, payments.limits, by=by, at=at, party=party or None)
    if as_json:
        print_json(planned_view(found))
    else:
        payout_text.show_planned(found, "Planned")


@payouts.command("list")
def list_payouts(
    party: Party = "",
    state: Annotated[str, typer.Option(metavar="STATE", help="Only those in this state, such as sent.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")] = 50,
    *,
    as_json: Json = False,
) -> None:
    """List payouts in the order in which they were planned.

    Example: provenance payouts list --state sent
    """
    from functools import partial

    from provenance.cli import payout_text
    from provenance.cli.listing import first_of
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payout_views import payout_line_view

    wanted = _state(state)
    with opened() as system, system.database.begin() as work:
        found, more = first_of(partial(work.payouts.page, party=party or None, state=wanted), limit)
    if as_json:
        print_json({"payouts": [payout_line_view(r.fact) for r in found], "more": more})
    else:
        payout_text.show_list([r.fact for r in found], more=more)


@payouts.command("show")
def show_payout(payout: PayoutArgument, *, as_json: Json = False) -> None:
    """Show a payout and all that happened to it.

    Example: provenance payouts show payout_0123456789ab
    """
    from provenance.cli import payout_text
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payout_standing import standing
    from provenance.services.payout_views import standing_view

    with opened() as system, system.database.begin() as work:
        found = standing(work, payout)
    if as_json:
        print_json(standing_view(found))
    else:
        payout_text.show(found)


@payouts.command("explain")
def explain_payout(payout: PayoutArgument, *, as_json: Json = False) -> None:
    """Explain a payout: which lines of which statements it settles, what it waits for, and what to do about it.

    Example: provenance payouts explain payout_0123456789ab
    """
    from provenance.cli import payout_text
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payout_explain import explain
    from provenance.services.payout_views import explained_view

    with opened() as system:
        found = explain(system.database, system.payments.providers, payout, system.clock)
    if as_json:
        print_json(explained_view(found))
    else:
        payout_text.show_explained(found)


@payouts.command("approve")
def approve_payout(payout: PayoutArgument, by: By, *, as_json: Json = False) -> None:
    """Approve a payout; with the last approval that it needs, it is taken off what is owed. Twice by one is once.

    Example: provenance payouts approve payout_0123456789ab --as the-second-operator
    """
    from provenance.cli.session import opened
    from provenance.services.payout_decisions import approve

    with opened() as system:
        approve(system.database, payout, by=by, at=system.clock())
    show_payout(payout, as_json=as_json)


@payouts.command("cancel")
def cancel_payout(payout: PayoutArgument, by: By, reason: Reason, *, as_json: Json = False) -> None:
    """Cancel a payout of which nothing is out, or take back what is. Its history stays, and its lines are due again.

    Example: provenance payouts cancel payout_0123456789ab --as the-operator --reason "Wrong account"
    """
    from provenance.cli.session import opened
    from provenance.services.payout_decisions import cancel

    with opened() as system:
        cancel(system.database, payout, by=by, reason=reason, at=system.clock())
    show_payout(payout, as_json=as_json)


@payouts.command("retry")
def retry_payout(
    by: By,
    reason: Reason,
    payout: Annotated[
        str, typer.Argument(metavar="PAYOUT", help="One payout; without, all that were refused too often.")
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Let a payout go on now: after you have looked, or before its time. It looks at everything with the provider anew.

    What was asked without an answer is asked again under the same key; nothing is ever sent a second time.

    Example: provenance payouts retry payout_0123456789ab --as the-operator --reason "Funded the balance"
    """
    from provenance.cli import payout_text
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payout_advance import advance
    from provenance.services.payout_decisions import refused_too_often, retry
    from provenance.services.payout_explain import mend_of
    from provenance.services.payout_views import advanced_view

    with opened() as system:
        payments, database, clock = system.payments, system.database, system.clock
        found = []
        for name in [payout] if payout else refused_too_often(database, now=clock()):
            retry(database, name, by=by, reason=reason, at=clock())
            found.append(advance(database, payments.providers, name, clock, look_again=True))
    if payout:
        show_payout(payout, as_json=as_json)
    elif as_json:
        print_json({"payouts": [advanced_view(a, mend_of(a.next)) for a in found]})
    else:
        payout_text.show_advanced(found, ())


@payouts.command("write-off")
def write_off_payout(payout: PayoutArgument, by: By, reason: Reason, *, as_json: Json = False) -> None:
    """Give up what a failed payout has out and the provider won't give back: our loss, and the party is owed again.

    It takes another person than who planned it.

    Example: provenance payouts write-off payout_0123456789ab --as the-second --reason "The account was emptied"
    """
    from provenance.cli.session import opened
    from provenance.services.payout_advance import advance
    from provenance.services.payout_decisions import write_off

    with opened() as system:
        write_off(system.database, payout, by=by, reason=reason, at=system.clock())
        advance(system.database, system.payments.providers, payout, system.clock)
    show_payout(payout, as_json=as_json)


@payouts.command("conclude")
def conclude_payout(
    payout: PayoutArgument,
    by: By,
    reason: Reason,
    *,
    arrived: Annotated[bool, typer.Option("--arrived/--lost", help="What became of it, by the provider or the bank.")],
    as_json: Json = False,
) -> None:
    """Say what became of a payout that the provider can't be asked of any more: its account left, a week ago or more.

    It takes another person than who planned it. What is lost is taken back, or can be written off.

    Example: provenance payouts conclude payout_0123456789ab --arrived --as the-second --reason "By the bank"
    """
    from provenance.cli.session import opened
    from provenance.services.payout_conclude import conclude

    with opened() as system:
        conclude(system.database, payout, arrived=arrived, by=by, reason=reason, at=system.clock())
    show_payout(payout, as_json=as_json)


@payouts.command("advance")
def advance_payouts(
    payout: Annotated[str, typer.Argument(metavar="PAYOUT", help="One payout; without, all that aren't over.")] = "",
    *,
    look_again: Annotated[
        bool,
        typer.Option(
            "--look-again", help="Fetch what was done before, too; of all: what was settled in the last 14 days. Daily."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Move payouts on: send what is approved, see what has arrived, take back what failed. Run it every few minutes.

    Without a payout, what providers have reported is looked at first. It can be stopped at any point and run again.

    Example: provenance payouts advance
    """
    from provenance.cli import payout_text
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payout_advance import advance, advance_all, watch
    from provenance.services.payout_explain import mend_of
    from provenance.services.payout_reports import process
    from provenance.services.payout_views import advanced_view, processed_view

    with opened() as system:
        payments, database, clock = system.payments, system.database, system.clock
        processed = [] if payout else [*process(database, payments.providers, payments.onboarding, clock)]
        if payout:
            found = [advance(database, payments.providers, payout, clock, look_again=look_again)]
        else:
            found = [*advance_all(database, payments.providers, clock)]
            found += [*watch(database, payments.providers, clock)] if look_again else []
    if as_json:
        print_json(
            {
                "reports": [processed_view(done) for done in processed],
                "payouts": [advanced_view(a, mend_of(a.next)) for a in found],
            }
        )
    else:
        payout_text.show_advanced(found, processed)


def _state(text: str) -> State | None:
    from provenance.kernel.errors import InvalidInput
    from provenance.payouts.event import State

    if not text:
        return None
    try:
        return State(text)
    except ValueError as error:
        states = ", ".join(State)
        raise InvalidInput(f"{text[:40]!r} is no state.", mend=f"There are: {states}.", field="state") from error
