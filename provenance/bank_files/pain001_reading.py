"""Read back a pain.001 that was sent: which payments it asked for, in which batches. For files of our own making."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provenance.bank_files.markup import Element, read_records
from provenance.bank_files.outcome import read_amount, read_id
from provenance.bank_files.pain001 import NAMESPACE
from provenance.bank_files.transfer import Amount
from provenance.kernel.errors import UnreadableBankMessage

_RECORDS = frozenset({"CdtTrfTxInf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """What a file asked for: amounts by end-to-end id, and the end-to-end ids of each batch, in the file's order."""

    message_id: str
    amounts: Mapping[str, Amount]
    batches: Mapping[str, tuple[str, ...]]


def read_sent(data: bytes) -> SentFile:
    """What a file of ours asked for.

    Raises:
        UnreadableBankMessage: it is no pain.001 of the version that is written here, or is damaged.
        TooLarge: it is above the bounds of what is read.
    """
    amounts: dict[str, Amount] = {}
    batches: dict[str, list[str]] = {}

    def take(around: list[Element], element: Element) -> None:
        batch_id = read_id(around[-1].words("PmtInfId"))
        end_to_end_id = read_id(element.words("PmtId", "EndToEndId"))
        amount = read_amount(element.first("Amt", "InstdAmt"))
        if batch_id is None or end_to_end_id is None or amount is None or end_to_end_id in amounts:
            raise _damaged()
        amounts[end_to_end_id] = amount
        batches.setdefault(batch_id, []).append(end_to_end_id)

    namespace, root = read_records(data, records=_RECORDS, take=take)
    header = root.first("CstmrCdtTrfInitn", "GrpHdr")
    message_id = read_id(header.words("MsgId")) if header else None
    if namespace != NAMESPACE or header is None or message_id is None or header.words("NbOfTxs") != str(len(amounts)):
        raise _damaged()
    return SentFile(message_id=message_id, amounts=amounts, batches={k: tuple(v) for k, v in batches.items()})


def _damaged() -> UnreadableBankMessage:
    return UnreadableBankMessage(
        "The file isn't one that was written here, or was changed since.", mend="Restore it from a backup."
    )
