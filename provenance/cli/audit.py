"""Commands for auditors: export everything that was recorded, and check an export with nothing but the export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provenance.cli.failures import FAILED
from provenance.cli.options import Json, Since, Until
from provenance.ledger.journal import JournalFormat


def export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.zip", help="The file to write.")],
    since: Since = "",
    until: Until = "",
    *,
    as_json: Json = False,
) -> None:
    """Write all facts, the log and the books of a period to a zip file, for an auditor.

    The file appears when it is whole, or not at all. The same facts give the same bytes, but for the time of export.

    Example: provenance export --since 2026-11-01 --until 2026-12-01 -o november.zip
    """
    from provenance.cli import exports
    from provenance.cli.render import print_json
    from provenance.cli.session import opened, period

    with opened() as system:
        exported = exports.write(system, output, period(system, since, until))
    if as_json:
        print_json({"file": str(output), **exports.view(exported)})
    else:
        exports.show(exported, output)


def journal(
    form: Annotated[JournalFormat, typer.Option("--format", help="Which program reads it.")] = JournalFormat.HLEDGER,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it here; else to standard output.")
    ] = None,
) -> None:
    """Write the books as a journal of hledger or beancount, with the balance of every account asserted.

    Either program can add everything up again: `hledger check -s -f FILE`, or `bean-check FILE`.

    Example: provenance journal --format beancount -o books.beancount
    """
    from provenance.cli.new_file import replacing
    from provenance.cli.session import opened
    from provenance.services.journal import journal as pieces

    with opened() as system:
        if output is None:
            for piece in pieces(system.database, form, at=system.clock()):
                typer.echo(piece, nl=False)
            return
        with replacing(output) as partial, partial.open("w", encoding="utf-8") as out:
            out.writelines(pieces(system.database, form, at=system.clock()))


def dsr(
    period: Annotated[str, typer.Option("--period", metavar="PERIOD", help="A closed month or quarter.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.tsv", help="The file to write.")],
    sender: Annotated[str, typer.Option("--as", metavar="PARTY", help="Who reports.")] = "library",
    party: Annotated[str, typer.Option(metavar="PARTY", help="Report the shares of this licensor alone.")] = "",
) -> None:
    """Report a closed period's uses to licensors: a DDEX sales report, flat file, UGC profile, with licensor shares.

    Example: provenance dsr --period 2026-11 --as the-operator -o DSR_november.tsv
    """
    from provenance.cli.new_file import replacing
    from provenance.cli.session import opened
    from provenance.services.dsr import dsr as lines
    from provenance.statements.accounting_period import parse_accounting_period

    asked = parse_accounting_period(period)
    with opened() as system:
        found = list(lines(system.database, asked, sender=sender, recipient=party or None))
    with replacing(output) as partial, partial.open("w", encoding="utf-8", newline="") as out:
        out.writelines(found)


def check_export(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A file that `provenance export` wrote.")],
    *,
    as_json: Json = False,
) -> None:
    """Check an export: digests, the log's root, shares, accruals, entries. Exits with 1 on a failure.

    It needs no database. It shows that records are unaltered and that the money follows from the shares, not that an
    attribution is true.

    Example: provenance check-export november.zip
    """
    from provenance.adapters.zip_archive import ZipReader
    from provenance.cli import exports
    from provenance.cli.progress import spinner
    from provenance.cli.render import print_json
    from provenance.services.check_export import check_export as run_checks

    with spinner("Checking"):
        checks = run_checks(ZipReader(file))
    if as_json:
        print_json({"file": str(file), **exports.checks_view(checks)})
    else:
        exports.show_checks(checks)
    if any(check.failed for check in checks):
        raise typer.Exit(FAILED)
