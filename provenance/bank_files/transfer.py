"""What a file of credit transfers says: who pays whom how much, when, in batches that a bank can take. Values alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from provenance.bank_files.account import SEPA_COUNTRIES, BankAccount
from provenance.kernel.canonical import Json, digest
from provenance.kernel.minor_units import decimals_of

REFERENCE_CHARS_MAX = 35
ID_HEX = 32
SEPA_CURRENCY = "EUR"


class Service(StrEnum):
    """How a bank carries a batch: by the rules of SEPA, or as any other transfer through correspondent banks."""

    SEPA = "sepa"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Whole minor units of a currency: cents of EUR, yen of JPY."""

    currency: str
    minor_units: int

    def __str__(self) -> str:
        return f"{decimal_text(self.minor_units, decimals_of(self.currency))} {self.currency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds an account: the name as the bank has it, and where it needs one the town and country of an address."""

    name: str
    account: BankAccount
    town: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTransfer:
    """One payment. ``end_to_end_id`` names it from here to the payee and back; ``note`` is what the payee reads."""

    end_to_end_id: str
    creditor: Holder
    amount: Amount
    note: str = ""

    @property
    def service(self) -> Service:
        """SEPA for euros to an IBAN of a country that takes part."""
        iban = self.creditor.account.iban
        in_sepa = self.amount.currency == SEPA_CURRENCY and iban is not None and iban[:2] in SEPA_COUNTRIES
        return Service.SEPA if in_sepa else Service.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Transfers from one account, of one service, in one currency, on one day (a ``PmtInf`` of pain.001)."""

    id: str
    debtor: Holder
    service: Service
    currency: str
    execution_date: date
    transfers: tuple[CreditTransfer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFile:
    """One message to a bank. ``created_at`` is aware, and is written in UTC; the same value has the same bytes."""

    message_id: str
    created_at: datetime
    initiator: str
    batches: tuple[Batch, ...]

    @property
    def transfers(self) -> tuple[CreditTransfer, ...]:
        """Those of all batches, in the order of the file."""
        return tuple(t for batch in self.batches for t in batch.transfers)


def end_to_end_id(facts: Json) -> str:
    """An id of a payment that follows from what it pays: the same payment has the same id in every file.

    34 characters of the bank's alphabet: ``PO`` and 128 bits of the facts' digest.
    """
    return f"PO{digest(facts)[:ID_HEX].upper()}"


def transfer_file(
    transfers: Iterable[CreditTransfer], *, debtor: Holder, initiator: str, execution_date: date, created_at: datetime
) -> TransferFile:
    """A file of these transfers, one batch for each service and currency, by their ids and not by their order.

    The ids of the message and the batches follow from the transfers' and the day: the same payments make the same file.
    """
    ordered = sorted(transfers, key=lambda t: (t.service, t.amount.currency, t.end_to_end_id))
    groups: dict[tuple[Service, str], list[CreditTransfer]] = {}
    for transfer in ordered:
        groups.setdefault((transfer.service, transfer.amount.currency), []).append(transfer)
    day = execution_date.isoformat()
    name = digest({"day": day, "transfers": [t.end_to_end_id for t in ordered]})[:24].upper()
    batches = (
        Batch(
            id=f"B{name}-{number}",
            debtor=debtor,
            service=service,
            currency=currency,
            execution_date=execution_date,
            transfers=tuple(of_batch),
        )
        for number, ((service, currency), of_batch) in enumerate(groups.items(), start=1)
    )
    return TransferFile(message_id=f"M{name}", created_at=created_at, initiator=initiator, batches=tuple(batches))


def decimal_text(minor_units: int, decimals: int) -> str:
    """Whole minor units as a decimal of the main unit, exactly: ``1050`` with 2 is ``10.50``; with 0 ``1050``."""
    sign, digits = ("-" if minor_units < 0 else ""), str(abs(minor_units)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"


def control_sum(transfers: Iterable[CreditTransfer]) -> str:
    """The sum of all amounts irrespective of currency, as ``CtrlSum`` asks; exact, without zeros that say nothing."""
    amounts = [(t.amount.minor_units, decimals_of(t.amount.currency)) for t in transfers]
    decimals = max((places for _, places in amounts), default=0)
    return decimal_text(sum(units * 10 ** (decimals - places) for units, places in amounts), decimals)
