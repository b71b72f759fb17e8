"""Commands on payouts by bank files: where a party's account is, a file for the bank, and what the bank answers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provenance.cli.failures import note
from provenance.cli.options import Json
from provenance.cli.payee import PartyArgument

if TYPE_CHECKING:
    from provenance.adapters.bank_file.provider import BankFiles
    from provenance.bootstrap import System


def state_bank_account(
    party: PartyArgument,
    name: Annotated[str, typer.Option(help="Who holds the account, as its bank has it.")],
    iban: Annotated[str, typer.Option(help="Its IBAN; spaces are fine.")] = "",
    account: Annotated[str, typer.Option(help="Its number, where it has no IBAN; then --bic is needed.")] = "",
    bic: Annotated[str, typer.Option(help="Its bank; needed outside SEPA.")] = "",
    town: Annotated[str, typer.Option(help="Where the holder lives; needed outside SEPA, with --country.")] = "",
    country: Annotated[str, typer.Option(metavar="COUNTRY", help="Such as DE.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """State the bank account that a party is paid to by bank files; another one counts from now on.

    Example: provenance payee bank oona-tresker --name "Oona Tresker" --iban "NL91 ABNA 0417 1643 00"
    """
    from provenance.adapters.bank_file.provider import NAME
    from provenance.bank_files.account import BankAccount
    from provenance.bank_files.account_text import account_text
    from provenance.bank_files.transfer import Holder
    from provenance.cli import payout_text
    from provenance.cli.session import opened
    from provenance.services.payees import state_account

    where = BankAccount(iban=iban or None, other_id=account or None, bic=bic or None)
    line = account_text(Holder(name=name, account=where, town=town or None, country=country or None))
    with opened() as system:
        found = state_account(system.database, party, NAME, line, at=system.clock())
    payout_text.show_payee(found, as_json=as_json)


def write_bank_file(
    on: Annotated[
        str, typer.Option(metavar="DAY", help="The day that the bank pays on; today where none is given.")
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Write what waits for the bank into one file (pain.001): give the bank a copy, and leave the file where it is.

    A payment stands in one file, however often this is run.

    Example: provenance payouts file --on 2026-12-01
    """
    from provenance.adapters.bank_file.filing import write_file
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.statements.period import parse_time

    with opened() as system:
        bank = _bank(system)
        now = system.clock()
        day: date = parse_time(on, field="on").date() if on else now.date()
        filed = write_file(bank.folder, bank.payer, execution_date=day, now=now)
    if as_json:
        told: dict[str, Any] = {"file": None, "message_id": None, "payments": 0}
        if filed is not None:
            told = {"file": str(filed.path), "message_id": filed.message_id, "payments": len(filed.amounts)}
        print_json(told)
    elif filed is None:
        typer.echo("Nothing waits for the bank.")
    else:
        typer.echo(str(filed.path))
        note(f"{len(filed.amounts)} payments, as message {filed.message_id}, to be paid on {day}.")


def import_bank_message(
    file: Annotated[typer.FileBinaryRead, typer.Argument(metavar="FILE", help="What the bank sent; - for stdin.")],
    *,
    as_json: Json = False,
) -> None:
    """Take in what the bank says of payments (pain.002, camt.054), and move the payouts on that it is about.

    All of a file is taken in, or nothing; the same again changes nothing.

    Example: provenance payouts import from-the-bank.xml
    """
    from provenance.adapters.bank_file.importing import take_in
    from provenance.bank_files.markup import BYTES_MAX
    from provenance.bank_files.reasons import explained
    from provenance.cli import payout_text
    from provenance.cli.render import print_json
    from provenance.cli.session import opened
    from provenance.services.payout_advance import advance
    from provenance.services.payout_explain import mend_of
    from provenance.services.payout_views import advanced_view

    with opened() as system:
        bank = _bank(system)
        imported = take_in(bank, file.read(BYTES_MAX + 1))
        providers = system.payments.providers
        moved = [advance(system.database, providers, p, system.clock, look_again=True) for p in imported.payouts]
    if as_json:
        print_json(
            {
                "message": imported.message,
                "again": imported.again,
                "others": imported.others,
                "booked_twice": list(imported.booked_twice),
                "outcomes": [
                    {"end_to_end_id": o.end_to_end_id, "kind": o.kind.value, "reason": o.reason}
                    for o in imported.outcomes
                ],
                "payouts": [advanced_view(a, mend_of(a.next)) for a in moved],
            }
        )
        return
    payout_text.show_advanced(moved, [])
    for outcome in imported.outcomes:
        if outcome.reason is not None:
            note(f"{outcome.end_to_end_id}: {' '.join(explained(outcome.reason))}")
    for twice in imported.booked_twice:
        note(f"{twice} was booked more than once: ask the bank for the second one back.")
    if imported.others:
        note(f"{imported.others} entries are about other business than ours.")


def _bank(system: System) -> BankFiles:
    from provenance.kernel.errors import Unavailable

    if system.bank is None:
        raise Unavailable(
            "No account that bank files pay from is set.", mend="Set PROVENANCE_PAYER_NAME and PROVENANCE_PAYER_IBAN."
        )
    return system.bank
