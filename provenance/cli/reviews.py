"""Commands on uses that are held for review: what waits, oldest first, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli.options import Json
from provenance.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from provenance.royalties.review import Review
    from provenance.services.records import AwaitingReview, Recorded

LIST_MAX = 100_000
_DAY_SECONDS, _HOUR_SECONDS, _MINUTE_SECONDS = 86_400, 3_600, 60

reviews = typer.Typer(
    help="List uses that are held for review, oldest first, and resolve them.", invoke_without_command=True
)


@reviews.callback()
def list_reviews(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")] = 50,
    *,
    due: Annotated[
        bool, typer.Option("--due", help="Only those whose time is over: `resolve-due` resolves them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List what is held because its attribution isn't sure enough for its licence, oldest first, with its age.

    Example: provenance reviews --limit 20
    """
    if ctx.invoked_subcommand:
        return
    from provenance.cli.listing import first_of
    from provenance.cli.render import console, print_json
    from provenance.cli.session import opened
    from provenance.services.review_views import hold_view
    from provenance.services.reviews import due_holds

    with opened() as system, system.database.begin() as work:
        now = system.clock()
        found: Sequence[Recorded[AwaitingReview]]
        if due:
            found = due_holds(work, system.hold_policy, now=now, limit=limit)
            more = len(found) == limit
        else:
            found, more = first_of(work.reviews.awaiting, limit)
    if as_json:
        print_json({"reviews": [hold_view(r, now=now) for r in found], "more": more})
        return
    show(found, now=now)
    if more:
        console().print("There are more: raise --limit.")


@reviews.command("resolve")
def resolve_review(
    generation: Annotated[str, typer.Argument(metavar="GENERATION", help="An id from `provenance reviews`.")],
    work: Annotated[str, typer.Argument(metavar="WORK", help="The work's id, from the same line.")],
    reason: Annotated[str, typer.Option(help="Why, in a line; it is recorded and shown to the work's claimants.")],
    party: Annotated[str, typer.Option("--as", metavar="PARTY", help="Who decides.")] = "library",
    *,
    release: Annotated[bool, typer.Option("--release", help="Pay it to those who had a claim at the use.")] = False,
    decline: Annotated[bool, typer.Option("--decline", help="Treat the share as nobody's.")] = False,
    as_json: Json = False,
) -> None:
    """Resolve one hold, for good, in a transaction of its own. The same again changes nothing.

    Example: provenance reviews resolve gen_0123456789ab work_0123456789ab --release --reason "A free retelling"
    """
    from provenance.cli.failures import note
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.royalties.review import Resolution
    from provenance.services.review_views import review_view
    from provenance.services.reviews import resolve_hold

    if release == decline:
        raise InvalidInput("A hold is either released or declined.", mend="Give --release or --decline.")
    resolution = Resolution.RELEASE if release else Resolution.DECLINE
    with opened() as system:
        resolved = resolve_hold(
            system.database, generation, work, resolution, decided_by=party, reason=reason, at=system.clock()
        )
    if resolved.replayed:
        note("This hold was resolved so before; nothing was changed.")
    if as_json:
        print_json(review_view(resolved.recorded))
        return
    show_resolved(resolved.recorded.fact)


@reviews.command("resolve-due")
def resolve_due_reviews(
    party: Annotated[str, typer.Option("--as", metavar="PARTY", help="Who decides.")] = "library",
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")] = 1_000,
    *,
    as_json: Json = False,
) -> None:
    """Resolve holds that nobody looked at in time, as PROVENANCE_REVIEW_DAYS_MAX and PROVENANCE_REVIEW_RESOLUTION say.

    Run it daily. What is in dispute waits for the dispute's end.

    Example: provenance reviews resolve-due --as library
    """
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.review_views import review_view
    from provenance.services.reviews import resolve_due

    with opened() as system:
        resolved, disputed = resolve_due(
            system.database, system.hold_policy, decided_by=party, now=system.clock(), limit=limit
        )
    if as_json:
        print_json({"reviews": [review_view(r.recorded) for r in resolved], "in_dispute": disputed})
        return
    for done in resolved:
        show_resolved(done.recorded.fact)
    waiting = f" {disputed} wait for the end of a dispute." if disputed else ""
    typer.echo(f"{len(resolved)} resolved by time.{waiting}")


def show(found: Sequence[Recorded[AwaitingReview]], *, now: datetime) -> None:
    """Print what is held, in this order."""
    from provenance.cli.render import amount, confidence, console, table

    rows = [
        (
            _age(r, now),
            amount(r.fact.held.micros, r.fact.held.currency),
            confidence(r.fact.confidence_ppm),
            _asked(r.fact.threshold_ppm),
            r.fact.title,
            r.fact.generation,
            r.fact.work,
        )
        for r in found
    ]
    columns = (">age", ">held", ">sure", ">asked", "title", "=generation", "=work")
    console().print(table("Held for review", columns, rows) if rows else "Nothing awaits a review.")


def show_resolved(review: Review) -> None:
    """Print what became of one hold."""
    parts = "; ".join(f"{a.party} {a.money}" for a in review.released) or "nothing is owed for it"
    typer.echo(f"{review.held} of {review.work}: {review.resolution.value}. {parts}.")


def _age(recorded: Recorded[AwaitingReview], now: datetime) -> str:
    seconds = max(0, int((now - recorded.recorded_at).total_seconds()))
    if seconds >= _DAY_SECONDS:
        return f"{seconds // _DAY_SECONDS} d"
    return f"{seconds // _HOUR_SECONDS} h" if seconds >= _HOUR_SECONDS else f"{seconds // _MINUTE_SECONDS} min"


def _asked(threshold_ppm: int) -> str:
    from provenance.kernel.parts import WHOLE_PPM

    return f"{threshold_ppm / WHOLE_PPM:g}" if threshold_ppm <= WHOLE_PPM else "> 1"
