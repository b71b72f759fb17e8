"""Commands on audit bundles: write one, check one. A stranger checks it with the script that lies in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.options import Json, Since, Until

audit = typer.Typer(help="Bundles that prove themselves to a stranger.", no_args_is_help=True)


@audit.command("export")
def export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.zip", help="The file to write.")],
    since: Since = "",
    until: Until = "",
    *,
    as_json: Json = False,
) -> None:
    """Seal the log, and write what `provenance export` does with checkpoint, tiles, journal, keys and a verifier.

    Whoever gets it needs Python and nothing else: unzip FILE.zip 'verif*', then python3 verify.py FILE.zip --key VKEY

    Example: provenance audit export --since 2026-11-01 --until 2026-12-01 -o november.zip
    """
    from provenance.adapters.zip_archive import writing_zip
    from provenance.cli import exports
    from provenance.cli.progress import count_bar
    from provenance.cli.render import print_json
    from provenance.cli.session import opened, period

    with opened() as system:
        asked = period(system, since, until)
        with count_bar("Exporting", None) as bar, writing_zip(output) as archive:
            exported, sealed = system.log.export_bundle(archive, asked, bar.advance)
        key = system.log.verifier().text
    if as_json:
        told = {"size": sealed.size, "root": sealed.root.hex(), "key": key}
        print_json({"file": str(output), **exports.view(exported), "checkpoint": told})
    else:
        exports.show(exported, output)
        typer.echo(f"The key that checks it, to be handed over by another way: {key}")


@audit.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A bundle of `provenance audit export`.")],
    key: Annotated[
        str, typer.Option("--key", metavar="VKEY", help="The log's key, as you had it from elsewhere.")
    ] = "",
    old: Annotated[
        list[str] | None, typer.Option("--old", metavar="FILE", help="A checkpoint you kept; several.")
    ] = None,
    cores: Annotated[int, typer.Option(min=1, max=1_024, help="Processes that check.")] = os.cpu_count() or 1,
    *,
    as_json: Json = False,
) -> None:
    """Check a bundle, as the script in it does. Exits with 1 where something was altered.

    Example: provenance audit verify november.zip --key example.org/log+1234abcd+AX… --old 2026-11-01.checkpoint
    """
    import sys

    from provenance.adapters.verifier.main import main

    told = [str(file), "--cores", str(cores), *(["--key", key] if key else []), *(["--json"] if as_json else [])]
    for name in old or ():
        told += ["--old", name]
    if code := main(told, sys.stdout):
        raise typer.Exit(code)


@audit.command("evidence")
def evidence(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Whose statement it shows.")],
    period: Annotated[str, typer.Option("--period", metavar="PERIOD", help="A closed month or quarter.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.zip", help="The file to write.")],
    *,
    witnessed: Annotated[bool, typer.Option("--witnessed", help="Under the newest cosigned checkpoint.")] = False,
    as_json: Json = False,
) -> None:
    """Write a file for a creator: its statement is sealed, and one of those the period was closed with. Nobody else's.

    It is checked as a bundle is: by the script in it, or by `provenance audit verify`.

    Example: provenance audit evidence oona-tresker --period 2026-11 -o oona.zip
    """
    from provenance.adapters.zip_archive import writing_zip
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.statements.accounting_period import parse_accounting_period

    asked = parse_accounting_period(period)
    with opened() as system, writing_zip(output) as archive:
        count = system.log.export_evidence(archive, party, asked, witnessed=witnessed)
    if as_json:
        print_json({"file": str(output), "party": party, "period": asked.name, "statements": count})
    else:
        typer.echo(f"{count} statements of {party} for {asked.name} are in {output}.")
