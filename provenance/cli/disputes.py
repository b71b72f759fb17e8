"""Commands on disputes: raise one, take its steps, let silence answer, and see where its money is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.options import Json
from provenance.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.services.dispute_detail import DisputeDetail

LIST_MAX = 10_000

disputes = typer.Typer(help="List disputes, raise them, and take their steps.", invoke_without_command=True)

Reason = Annotated[str, typer.Option(help="Why, in a line; it is recorded and shown to the other side.")]
By = Annotated[str, typer.Option("--as", metavar="PARTY", help="Who says so.")]


class Said(StrEnum):
    """What a party can say. Silence is nobody's word: see `lapse`."""

    CONCEDE = "concede"
    REJECT = "reject"
    APPEAL = "appeal"
    INSIST = "insist"
    WITHDRAW = "withdraw"
    DECIDE = "decide"


@disputes.callback()
def list_disputes(
    ctx: typer.Context,
    party: Annotated[
        str, typer.Option(metavar="PARTY", help="Only those that it raised, or that are about its part.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")] = 50,
    *,
    as_json: Json = False,
) -> None:
    """List disputes in the order in which they were raised.

    Example: provenance disputes --party oona-tresker
    """
    if ctx.invoked_subcommand:
        return
    from functools import partial

    from provenance.cli.listing import first_of
    from provenance.cli.render import console, print_json
    from provenance.cli.session import opened
    from provenance.services.dispute_detail import detail
    from provenance.services.dispute_views import dispute_view

    with opened() as system, system.database.begin() as work:
        found, more = first_of(partial(work.disputes.page, party=party or None), limit)
        details = [detail(work, recorded.fact.id) for recorded in found]
    if as_json:
        print_json({"disputes": [dispute_view(d) for d in details], "more": more})
        return
    show(details)
    if more:
        console().print("There are more: raise --limit.")


@disputes.command("raise")
def raise_dispute(
    work: Annotated[str, typer.Argument(metavar="WORK", help="The work's id.")],
    reason: Reason,
    party: By,
    part: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTY=BASIS_POINTS", help="A part of a claim that is disputed; once for each party."),
    ] = None,
    generation: Annotated[str, typer.Option(metavar="GENERATION", help="Dispute that this one used the work.")] = "",
    in_favour_of: Annotated[
        str, typer.Option(metavar="PARTY", help="Who gets what is returned; without it, the unattributed pool does.")
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Dispute parts of the claims on a work, or that a generation used it. The same again changes nothing.

    Example: provenance disputes raise work_0123456789ab --as bob --in-favour-of bob --part ann=5000 --reason "Mine"
    """
    from provenance.cli.failures import note
    from provenance.cli.session import opened
    from provenance.services.disputes import Raising, dispute_claims, dispute_use

    if bool(part) == bool(generation):
        raise InvalidInput(
            "A dispute is about claims or about one generation.", mend="Give --part or --generation.", field="part"
        )
    with opened() as system:
        raising = Raising(
            disputant=party, in_favour_of=in_favour_of or None, reason=reason, clocks=system.dispute_clocks
        )
        if generation:
            raised = dispute_use(system.database, generation, work, raising, at=system.clock())
        else:
            raised = dispute_claims(system.database, work, _parts(part or []), raising, at=system.clock())
    if raised.replayed:
        note("This was disputed before; nothing was changed.")
    show_one(raised.recorded.fact.id, as_json=as_json)


@disputes.command("step")
def take_step_of_dispute(
    dispute: Annotated[str, typer.Argument(metavar="DISPUTE", help="An id from `provenance disputes`.")],
    action: Annotated[Said, typer.Argument(help="What is said.")],
    reason: Reason,
    party: By,
    returned: Annotated[
        int | None,
        typer.Option(min=0, max=10_000, help="With decide: basis points that are returned; 0 releases all."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Take the next step of a dispute. What closes it settles what it holds, at once.

    Example: provenance disputes step dispute_0123456789ab reject --as ann --reason "I wrote all of it"
    """
    from provenance.cli.session import opened
    from provenance.royalties.dispute import Action
    from provenance.services.disputes import take_step

    with opened() as system:
        take_step(
            system.database,
            dispute,
            Action(action.value),
            by=party,
            reason=reason,
            at=system.clock(),
            returned_basis_points=returned,
        )
    show_one(dispute, as_json=as_json)


@disputes.command("lapse")
def lapse_disputes(*, as_json: Json = False) -> None:
    """Let silence answer in disputes whose time is over. Run it daily.

    Example: provenance disputes lapse
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.disputes import lapse_due

    with opened() as system:
        steps = lapse_due(system.database, now=system.clock())
    if as_json:
        print_json({"lapsed": [step.dispute for step in steps]})
        return
    for step in steps:
        typer.echo(f"{step.dispute}: nobody answered; {_outcome(step.returned_basis_points)}.")
    typer.echo(f"{len(steps)} answered by silence.")


def show_one(dispute: str, *, as_json: bool) -> None:
    """Print a dispute as it stands now."""
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.dispute_detail import detail
    from provenance.services.dispute_views import dispute_view

    with opened() as system, system.database.begin() as work:
        found = detail(work, dispute)
    if as_json:
        print_json(dispute_view(found))
    else:
        show([found])


def show(found: Sequence[DisputeDetail]) -> None:
    """Print disputes, in this order."""
    from provenance.cli.render import console, table
    from provenance.services.dispute_views import dispute_view

    rows = []
    for detail in found:
        view = dispute_view(detail)
        money = "; ".join(f"{m['held']} of {m['disputed']} {m['currency']}" for m in view["money"]) or "nothing"
        stage = view["stage"]
        if view["returned_basis_points"] is not None:
            stage = _outcome(view["returned_basis_points"])
        about = view["generation"] or ", ".join(f"{p['party']} {p['basis_points']}" for p in view["parts"])
        rows.append((view["id"], stage, (view["due_at"] or "")[:10], view["disputant"], about, money, view["work"]))
    columns = ("=dispute", "stage", "until", "by", "about", "held", "=work")
    console().print(table("Disputes", columns, rows) if rows else "Nothing is disputed.")


def _outcome(returned: int | None) -> str:
    if returned is None:
        return "open"
    return {0: "released", 10_000: "returned"}.get(returned, f"split, {returned} returned")


def _parts(stated: Sequence[str]) -> dict[str, int]:
    parts: dict[str, int] = {}
    for text in stated:
        party, _, basis_points = text.partition("=")
        if party in parts or not basis_points.isdecimal() or not basis_points.isascii():
            raise InvalidInput(
                f"{text[:80]!r} names no part, or a party twice.", mend="Write --part ann=5000.", field="part"
            )
        parts[party] = int(basis_points)
    return parts
