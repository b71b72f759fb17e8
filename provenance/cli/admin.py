"""Commands for the operator: the database, parties and API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from provenance.cli.failures import note
from provenance.cli.options import Json
from provenance.sources.party import Scope

LIST_MAX = 100_000

parties = typer.Typer(help="Register and list parties: whoever registers, earns, sends outputs or audits.")
keys = typer.Typer(help="Issue, list and revoke keys of the API.")

Limit = Annotated[int, typer.Option(min=1, max=LIST_MAX, help="How many at most.")]


def migrate() -> None:
    """Create the database, or bring an older one up to this program's schema. Make a backup before.

    Example: provenance migrate
    """
    from provenance.cli.session import opened

    with opened(schema=False) as system, system.writing():
        system.database.migrate()
        system.database.check_schema()
    typer.echo("The database has this program's schema.")


@parties.command("add")
def add_party(
    party: Annotated[str, typer.Argument(metavar="ID", help="A slug: a-z, 0-9, '.', '_', '-'.")],
    name: Annotated[str, typer.Option(help="The name that reports show.")],
) -> None:
    """Register a party. The same again does nothing.

    Example: provenance parties add lumen-studio --name "Lumen Studio"
    """
    from provenance.cli.session import opened
    from provenance.services.register import register_party
    from provenance.sources.party import Party

    with opened() as system:
        register_party(system.database, Party(id=party, name=name), at=system.clock())
    typer.echo(f"{party} is registered.")


@parties.command("list")
def list_parties(*, limit: Limit = 200, as_json: Json = False) -> None:
    """List parties, in the order of registration.

    Example: provenance parties list
    """
    from provenance.cli.listing import first_of
    from provenance.cli.render import console, print_json, table
    from provenance.cli.session import opened

    with opened() as system, system.database.begin() as work:
        found, more = first_of(work.parties.page, limit)
    if as_json:
        print_json({"parties": [{"id": r.fact.id, "name": r.fact.name} for r in found], "more": more})
        return
    rows = [(r.fact.id, r.fact.name, _minute(r.recorded_at)) for r in found]
    console().print(table("Parties", ("id", "name", "since (UTC)"), rows))
    if more:
        console().print("There are more: raise --limit.")


@keys.command("issue")
def issue_key(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Whose key it is.")],
    scopes: Annotated[list[Scope], typer.Option("--scope", help="What it may do; give it once for each.")],
) -> None:
    """Issue an API key. The token is printed once, alone on standard output, and is stored nowhere.

    Example: provenance keys issue lumen-studio --scope service > key.txt
    """
    from provenance.adapters.clock import random_key_id, random_secret
    from provenance.cli.session import opened
    from provenance.services import register

    with opened() as system:
        key, token = register.issue_key(
            system.database, party, set(scopes), key_id=random_key_id(), secret=random_secret(), at=system.clock()
        )
    note(f"Key {key.id} of {party} for: {', '.join(sorted(key.scopes))}. Keep the token; it is not shown again.")
    typer.echo(token)


@keys.command("list")
def list_keys(*, limit: Limit = 200, as_json: Json = False) -> None:
    """List keys, in the order of issue; never their secrets.

    Example: provenance keys list
    """
    from provenance.cli.listing import first_of, key_view
    from provenance.cli.render import console, print_json, table
    from provenance.cli.session import opened

    with opened() as system, system.database.begin() as work:
        found, more = first_of(work.keys.page, limit)
    if as_json:
        print_json({"keys": [key_view(r.fact) for r in found], "more": more})
        return
    rows = [
        (k.id, k.party, ", ".join(sorted(k.scopes)), _minute(k.created_at), _minute(k.revoked_at))
        for k in (r.fact for r in found)
    ]
    console().print(table("Keys", ("id", "party", "scopes", "issued (UTC)", "revoked (UTC)"), rows))
    if more:
        console().print("There are more: raise --limit.")


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="ID", help="A key's id, from `provenance keys list`.")],
) -> None:
    """Revoke a key, at once and for ever.

    Example: provenance keys revoke 0a1b2c3d4e5f
    """
    from provenance.cli.session import opened
    from provenance.services import register

    with opened() as system:
        register.revoke_key(system.database, key, at=system.clock())
    typer.echo(f"Key {key} is revoked.")


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
