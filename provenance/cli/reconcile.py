"""The command that holds payouts, books, providers and statements against one another."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli.failures import FAILED
from provenance.cli.options import Json

SHOWN_MAX = 10_000


def reconcile_payouts(
    limit: Annotated[int, typer.Option(min=1, max=SHOWN_MAX, help="How many breaks to show at most.")] = 200,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what is merely on its way, or rounding.")] = False,
    as_json: Json = False,
) -> None:
    """Hold payouts, books, providers' balances and statements against one another; each break with what to do about it.

    Changes nothing. Exits with 1 where something doesn't fit.

    Example: provenance payouts reconcile
    """
    from collections import Counter
    from itertools import islice

    from provenance.cli.render import console, print_json, table
    from provenance.cli.session import opened
    from provenance.kernel.money import format_micros
    from provenance.services.reconcile_payouts import reconcile

    kinds: Counter[str] = Counter()
    shown = []
    with opened() as system:
        for found in reconcile(system.database, system.payments.movements, now=system.clock()):
            kinds[found.kind.value] += not found.harmless
            if everything or not found.harmless:
                shown.append(found)
                del shown[limit + 1 :]
    breaks = sum(kinds.values())
    if as_json:
        listed = [
            {
                "kind": b.kind.value,
                "subject": b.subject,
                "currency": b.currency,
                "micros": str(b.micros),
                "detail": b.detail,
                "harmless": b.harmless,
                "what_to_do": b.what_to_do,
            }
            for b in shown[:limit]
        ]
        counts = {kind: count for kind, count in sorted(kinds.items()) if count}
        print_json({"breaks": breaks, "kinds": counts, "items": listed, "more": len(shown) > limit})
    elif shown:
        rows = (
            (b.kind.value, b.subject, f"{format_micros(b.micros)} {b.currency}", b.detail, b.what_to_do)
            for b in islice(shown, limit)
        )
        console().print(table(f"{breaks} breaks", ("break", "about", ">by", "detail", "what to do"), rows))
        if len(shown) > limit:
            console().print("There are more: raise --limit.")
    else:
        typer.echo("Everything fits.")
    if breaks:
        raise typer.Exit(FAILED)
