"""What is wrong with a file of credit transfers: every violation, each with a stable code, its place and its mend.

The rules are those of the schema pain.001.001.09 (lengths, patterns, digits), of SEPA's guidelines for customers
(EPC132-08: characters, amounts, identifiers) and of cross-border transfers (CBPR+: a bank's BIC, a town and a country).
A file without a violation is one that a schema validator takes. Whether an account exists is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC

from provenance.bank_files.holder_rules import NAME_CHARS_MAX, of_holder, of_id, of_text
from provenance.bank_files.transfer import (
    REFERENCE_CHARS_MAX,
    SEPA_CURRENCY,
    Batch,
    CreditTransfer,
    Service,
    TransferFile,
    control_sum,
)
from provenance.bank_files.violation import Rule, Violation, violation
from provenance.kernel.errors import InvalidBankFile
from provenance.kernel.money import CURRENCIES

TRANSFERS_MAX = 50_000
NOTE_CHARS_MAX = 140
SEPA_MINOR_UNITS_MAX = 99_999_999_999  # 999,999,999.99
DIGITS_MAX = 18  # of an amount and of a control sum, in all
VIOLATIONS_TOLD_MAX = 100


def check_file(file: TransferFile) -> None:
    """Refuse a file that a bank would refuse.

    Raises:
        InvalidBankFile: ``data["violations"]`` lists them, up to `VIOLATIONS_TOLD_MAX`.
    """
    found = []
    for found_one in violations(file):
        found.append(found_one)
        if len(found) == VIOLATIONS_TOLD_MAX:
            break
    if found:
        told = [{"rule": v.rule.value, "where": v.where, "message": v.message, "mend": v.mend} for v in found]
        more = f" ({len(found)} violations in all)" if len(found) > 1 else ""
        raise InvalidBankFile(f"No bank would take this file. {found[0]}{more}", violations=told)


def violations(file: TransferFile) -> Iterator[Violation]:
    """Everything that is wrong with a file, in its order; nothing where a bank's validator would take it."""
    yield from of_id(file.message_id, "the message id")
    yield from of_text(file.initiator, "the initiator", chars_max=NAME_CHARS_MAX, needed=True)
    if file.created_at.tzinfo is None:
        yield violation(Rule.TIME_WITHOUT_ZONE, "the file", "Its time has no zone.", "Pass an aware time.")
    count = sum(len(batch.transfers) for batch in file.batches)
    if not file.batches:
        yield violation(Rule.FILE_EMPTY, "the file", "It pays nobody.", "Write no file where nothing is due.")
    if count > TRANSFERS_MAX:
        yield violation(
            Rule.FILE_TOO_LARGE, "the file", f"It holds {count:,} transfers, over {TRANSFERS_MAX:,}.", "Write several."
        )
        return
    yield from _of_duplicates("batch id", (batch.id for batch in file.batches))
    yield from _of_duplicates("end-to-end id", (t.end_to_end_id for t in file.transfers))
    for batch in file.batches:
        yield from _of_batch(batch, file)
    if (
        not any(t.amount.currency not in CURRENCIES for t in file.transfers)
        and _digits(control_sum(file.transfers)) > DIGITS_MAX
    ):
        yield violation(
            Rule.SUM_TOO_LARGE, "the file", f"Its control sum has over {DIGITS_MAX} digits.", "Write several files."
        )


def _of_batch(batch: Batch, file: TransferFile) -> Iterator[Violation]:
    where = f"batch {batch.id[:REFERENCE_CHARS_MAX]}"
    yield from of_id(batch.id, f"the id of {where}")
    yield from of_holder(batch.debtor, f"{where}, debtor", needs_bic=batch.service is Service.OTHER, address=False)
    if batch.currency not in CURRENCIES:
        yield violation(
            Rule.CURRENCY_UNKNOWN, where, f"{batch.currency[:8]!r} is no currency.", "Use a code of ISO 4217."
        )
    if not batch.transfers:
        yield violation(Rule.BATCH_EMPTY, where, "It holds no transfer.", "Leave it out.")
    if file.created_at.tzinfo is not None and batch.execution_date < file.created_at.astimezone(UTC).date():
        yield violation(
            Rule.DATE_BEFORE_CREATION,
            where,
            f"It is to be executed on {batch.execution_date}, before the file is made (by its UTC day).",
            "Choose the day of the file or a later one.",
        )
    for transfer in batch.transfers:
        yield from _of_transfer(transfer, batch)


def _of_transfer(transfer: CreditTransfer, batch: Batch) -> Iterator[Violation]:
    where = f"transfer {transfer.end_to_end_id[:REFERENCE_CHARS_MAX]}"
    other = batch.service is Service.OTHER
    yield from of_id(transfer.end_to_end_id, f"the end-to-end id of {where}")
    yield from of_holder(transfer.creditor, f"{where}, creditor", needs_bic=other, address=other)
    yield from of_text(transfer.note, f"{where}, note", chars_max=NOTE_CHARS_MAX, needed=False)
    yield from _of_amount(transfer, where)
    if transfer.amount.currency != batch.currency:
        yield violation(
            Rule.CURRENCY_MIXED,
            where,
            f"It is in {transfer.amount.currency[:8]}, its batch in {batch.currency[:8]}.",
            "Make a batch of each currency.",
        )
    if not other and transfer.service is not Service.SEPA:
        yield violation(
            Rule.SERVICE_UNFIT,
            where,
            f"SEPA carries {SEPA_CURRENCY} to an IBAN of its countries alone.",
            "Put it into a batch of the other service.",
        )


def _of_amount(transfer: CreditTransfer, where: str) -> Iterator[Violation]:
    units, currency = transfer.amount.minor_units, transfer.amount.currency
    if currency not in CURRENCIES:
        yield violation(Rule.CURRENCY_UNKNOWN, where, f"{currency[:8]!r} is no currency.", "Use a code of ISO 4217.")
    if units <= 0:
        yield violation(
            Rule.AMOUNT_NOT_POSITIVE,
            where,
            "Its amount is zero or less.",
            "Pay one minor unit or more, or leave it out.",
        )
    sepa = transfer.service is Service.SEPA
    if len(str(abs(units))) > DIGITS_MAX or (sepa and units > SEPA_MINOR_UNITS_MAX):
        limit = "999,999,999.99 EUR" if sepa else f"{DIGITS_MAX} digits"
        yield violation(Rule.AMOUNT_TOO_LARGE, where, f"Its amount is above {limit}.", "Pay it in several transfers.")


def _of_duplicates(what: str, ids: Iterator[str]) -> Iterator[Violation]:
    for value, count in Counter(ids).items():
        if count > 1:
            yield violation(
                Rule.ID_DUPLICATE,
                f"{what} {value[:REFERENCE_CHARS_MAX]}",
                f"It stands {count} times in the file.",
                "Each names one thing; the same payment must not be asked for twice.",
            )


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)
