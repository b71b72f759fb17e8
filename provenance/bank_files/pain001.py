"""Write a file of credit transfers as pain.001.001.09 (customer credit transfer initiation, ISO 20022).

The order of elements is that of the schema. A file is checked before a byte is written; the same value gives the same
bytes: UTF-8, LF, two spaces an indent, no clock, no random id.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from xml.sax.saxutils import escape  # it writes; nothing is parsed with it

from provenance.bank_files.account import BankAccount
from provenance.bank_files.characters import plain_text
from provenance.bank_files.rules import check_file
from provenance.bank_files.transfer import (
    Batch,
    CreditTransfer,
    Holder,
    Service,
    TransferFile,
    control_sum,
    decimal_text,
)
from provenance.kernel.minor_units import decimals_of

VERSION = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{VERSION}"
NOT_PROVIDED = "NOTPROVIDED"  # what SEPA writes where a bank follows from the IBAN


def render(file: TransferFile) -> bytes:
    """The file as its bank reads it.

    Raises:
        InvalidBankFile: a bank would refuse it; all violations are told.
    """
    check_file(file)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<Document xmlns="{NAMESPACE}">', "  <CstmrCdtTrfInitn>"]
    lines += ("    " + line for line in _group_header(file))
    for batch in file.batches:
        lines += ("    " + line for line in _batch(batch))
    lines += ["  </CstmrCdtTrfInitn>", "</Document>", ""]
    return "\n".join(lines).encode()


def _group_header(file: TransferFile) -> Iterator[str]:
    yield "<GrpHdr>"
    yield _leaf(1, "MsgId", file.message_id)
    yield _leaf(1, "CreDtTm", f"{file.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z")
    yield _leaf(1, "NbOfTxs", str(len(file.transfers)))
    yield _leaf(1, "CtrlSum", control_sum(file.transfers))
    yield f"  <InitgPty><Nm>{escape(plain_text(file.initiator))}</Nm></InitgPty>"
    yield "</GrpHdr>"


def _batch(batch: Batch) -> Iterator[str]:
    sepa = batch.service is Service.SEPA
    yield "<PmtInf>"
    yield _leaf(1, "PmtInfId", batch.id)
    yield _leaf(1, "PmtMtd", "TRF")
    yield _leaf(1, "NbOfTxs", str(len(batch.transfers)))
    yield _leaf(1, "CtrlSum", control_sum(batch.transfers))
    if sepa:
        yield "  <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>"
    yield f"  <ReqdExctnDt><Dt>{batch.execution_date.isoformat()}</Dt></ReqdExctnDt>"
    yield from _holder(batch.debtor, "Dbtr")
    yield f"  <DbtrAcct>{_account(batch.debtor.account)}</DbtrAcct>"
    yield f"  <DbtrAgt>{_bank(batch.debtor.account)}</DbtrAgt>"
    yield _leaf(1, "ChrgBr", "SLEV" if sepa else "SHAR")
    for transfer in batch.transfers:
        yield from ("  " + line for line in _transfer(transfer))
    yield "</PmtInf>"


def _transfer(transfer: CreditTransfer) -> Iterator[str]:
    amount, account = transfer.amount, transfer.creditor.account
    yield "<CdtTrfTxInf>"
    yield f"  <PmtId><EndToEndId>{escape(transfer.end_to_end_id)}</EndToEndId></PmtId>"
    told = decimal_text(amount.minor_units, decimals_of(amount.currency))
    yield f'  <Amt><InstdAmt Ccy="{amount.currency}">{told}</InstdAmt></Amt>'
    if account.bic is not None:
        yield f"  <CdtrAgt>{_bank(account)}</CdtrAgt>"
    yield from _holder(transfer.creditor, "Cdtr")
    yield f"  <CdtrAcct>{_account(account)}</CdtrAcct>"
    if note := plain_text(transfer.note):
        yield f"  <RmtInf><Ustrd>{escape(note)}</Ustrd></RmtInf>"
    yield "</CdtTrfTxInf>"


def _holder(holder: Holder, tag: str) -> Iterator[str]:
    address = ""
    if holder.town is not None and holder.country is not None:
        town = escape(plain_text(holder.town))
        address = f"<PstlAdr><TwnNm>{town}</TwnNm><Ctry>{holder.country}</Ctry></PstlAdr>"
    yield f"  <{tag}><Nm>{escape(plain_text(holder.name))}</Nm>{address}</{tag}>"


def _account(account: BankAccount) -> str:
    if account.iban is not None:
        return f"<Id><IBAN>{account.iban}</IBAN></Id>"
    return f"<Id><Othr><Id>{escape(account.other_id or '')}</Id></Othr></Id>"


def _bank(account: BankAccount) -> str:
    if account.bic is None:
        return f"<FinInstnId><Othr><Id>{NOT_PROVIDED}</Id></Othr></FinInstnId>"
    return f"<FinInstnId><BICFI>{account.bic}</BICFI></FinInstnId>"


def _leaf(depth: int, tag: str, text: str) -> str:
    return f"{'  ' * depth}<{tag}>{escape(text)}</{tag}>"
