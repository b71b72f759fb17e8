"""A payer, payees and files of transfers. The IBANs are those of banks' own examples."""

from datetime import UTC, date, datetime
from typing import Any

from provenance.bank_files.account import BankAccount
from provenance.bank_files.transfer import Amount, Batch, CreditTransfer, Holder, TransferFile, transfer_file

MADE_AT = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
DAY = date(2026, 11, 30)
DEBTOR = Holder(name="Provenance Ledger GmbH", account=BankAccount(iban="DE89370400440532013000", bic="COBADEFFXXX"))
ANNE = Holder(name="Anne Müller", account=BankAccount(iban="FR1420041010050500013M02606"))
JOHN = Holder(
    name="John Roe", account=BankAccount(other_id="123456789012", bic="CHASUS33XXX"), town="New York", country="US"
)


def transfer(end_to_end_id: str = "PO1", **changes: Any) -> CreditTransfer:
    values: dict[str, Any] = {"creditor": ANNE, "amount": Amount(currency="EUR", minor_units=1050), "note": "Royalties"}
    return CreditTransfer(end_to_end_id=end_to_end_id, **{**values, **changes})


def to_john(end_to_end_id: str = "PO2", minor_units: int = 250_000) -> CreditTransfer:
    return transfer(end_to_end_id, creditor=JOHN, amount=Amount(currency="USD", minor_units=minor_units), note="")


def a_file(*transfers: CreditTransfer, debtor: Holder = DEBTOR, execution_date: date = DAY) -> TransferFile:
    return transfer_file(
        transfers, debtor=debtor, initiator="Provenance Ledger GmbH", execution_date=execution_date, created_at=MADE_AT
    )


def as_one_batch(file: TransferFile, **changes: Any) -> TransferFile:
    first = file.batches[0]
    values: dict[str, Any] = {
        "id": first.id, "debtor": first.debtor, "service": first.service, "currency": first.currency,
        "execution_date": first.execution_date, "transfers": file.transfers,
    }  # fmt: skip
    return TransferFile(
        message_id=file.message_id,
        created_at=file.created_at,
        initiator=file.initiator,
        batches=(Batch(**{**values, **changes}),),
    )
