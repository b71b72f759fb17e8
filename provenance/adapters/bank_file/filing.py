"""Make a file of the orders that wait. Killed at any point and run again, no order stands in two files.

A file's name follows from its payments and its day. It is written first; then its orders are moved on, and then it is
marked as complete. Before another file is made, files without that mark have their orders moved on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from provenance.adapters.bank_file.folder import COMPLETE, FILED, FILES, ORDERS, BankFolder
from provenance.adapters.bank_file.orders import Order
from provenance.bank_files.pain001 import render
from provenance.bank_files.pain001_reading import SentFile, read_sent
from provenance.bank_files.rules import TRANSFERS_MAX
from provenance.bank_files.transfer import Amount, Holder, transfer_file
from provenance.kernel.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A file for the bank: its message id, where it lies, and what it pays."""

    message_id: str
    path: Path
    amounts: tuple[Amount, ...]


def write_file(folder: BankFolder, payer: Holder, *, execution_date: date, now: datetime) -> Filed | None:
    """A file of all orders that wait, at most `TRANSFERS_MAX` of them; None where none waits.

    Raises:
        AlreadyRunning: another process writes one.
        InvalidBankFile: a bank would refuse it, as where the day is over.
        StorageFailed, StorageFull
    """
    with folder.locked():
        finish(folder)
        orders = list(islice(_waiting(folder), TRANSFERS_MAX))
        if not orders:
            return None
        file = transfer_file(
            (order.transfer() for order in orders),
            debtor=payer,
            initiator=payer.name,
            execution_date=execution_date,
            created_at=now,
        )
        name = f"{file.message_id}.xml"
        folder.write_file(FILES, name, render(file))
        finish(folder)
    return Filed(
        message_id=file.message_id, path=folder.path(FILES, name), amounts=tuple(t.amount for t in file.transfers)
    )


def _waiting(folder: BankFolder) -> Iterator[Order]:
    for name in folder.names(ORDERS):
        if folder.read(FILED, name) is not None:
            # Two sent the same at once, and the slower one wrote it down again after it had been filed.
            folder.drop(ORDERS, name)
        elif (record := folder.read(ORDERS, name)) is not None:
            yield Order.from_record(record)


def finish(folder: BankFolder) -> None:
    """Move on the orders of files that aren't complete. Hold the lock."""
    done = set(folder.names(COMPLETE))
    for name in folder.names(FILES):
        message_id = name.removesuffix(".xml")
        if message_id in done:
            continue
        for order in sent_file(folder, message_id).amounts:
            folder.move(order, source=ORDERS, target=FILED)
        folder.write_file(COMPLETE, message_id, b"")


def sent_file(folder: BankFolder, message_id: str) -> SentFile:
    """What a file of ours asked for. Raises `NotFound`, and `UnreadableBankMessage` where it was changed."""
    known = f"{message_id}.xml" in set(folder.names(FILES))
    data = folder.read_file(FILES, f"{message_id}.xml") if known else None
    if data is None:
        raise NotFound(
            f"No file {message_id} was written here.", mend="Import it where the file was written.", file=message_id
        )
    return read_sent(data)
