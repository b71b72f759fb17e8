"""Read a payment status report (pain.002): what the bank took, and what it refused, and why.

A report speaks of single payments, of batches, or of a whole message. `decided` brings it down to payments: what is
said of a payment holds before what is said of its batch, and that before what is said of the message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provenance.bank_files.markup import Element
from provenance.bank_files.outcome import (
    Outcome,
    OutcomeKind,
    outcome_of,
    read_amount,
    read_detail,
    read_id,
    read_reason,
)
from provenance.bank_files.pain001_reading import SentFile
from provenance.kernel.errors import ContradictoryBankMessage, UnreadableBankMessage

RECORDS = frozenset({"TxInfAndSts"})
# ISO 20022, external code sets for payment status. What isn't here ends nothing.
_KINDS = {
    **dict.fromkeys("RJCT CANC".split(), OutcomeKind.FAILED),
    **dict.fromkeys("ACSC ACCC".split(), OutcomeKind.CONFIRMED),
    **dict.fromkeys("ACCP ACTC ACSP ACWC ACFC ACWP ACPD PDNG RCVD PATC PRES".split(), OutcomeKind.ACCEPTED),
}
PARTLY = "PART"  # some of them: each is told, or nothing is known of it


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStatus:
    """What is said of a batch or a message as a whole.

    ``kind`` is None where nothing is said, or ``partly`` that it holds of some payments and not of others.
    """

    kind: OutcomeKind | None
    partly: bool = False
    reason: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """A report about one message of ours: of the whole, of batches by their ids, and of single payments."""

    id: str
    original_message_id: str
    group: GroupStatus
    batches: Mapping[str, GroupStatus]
    outcomes: tuple[Outcome, ...]


def status_report(root: Element, outcomes: Mapping[str, Outcome]) -> StatusReport:
    """The report of a document whose records have been taken.

    Raises:
        UnreadableBankMessage: it doesn't say which message it is about.
        ContradictoryBankMessage: it says two things of one batch.
    """
    body = root.first("CstmrPmtStsRpt")
    original = body.first("OrgnlGrpInfAndSts") if body else None
    message_id = read_id(original.words("OrgnlMsgId")) if original else None
    report_id = read_id(body.words("GrpHdr", "MsgId")) if body else None
    if body is None or original is None or message_id is None or report_id is None:
        raise UnreadableBankMessage(
            "The report doesn't say which message it is about.", mend="Ask the bank for a report with OrgnlMsgId."
        )
    batches: dict[str, GroupStatus] = {}
    for element in body.all("OrgnlPmtInfAndSts"):
        batch_id = read_id(element.words("OrgnlPmtInfId"))
        status = _group(element, "PmtInfSts")
        if batch_id is not None and batches.setdefault(batch_id, status) != status:
            raise ContradictoryBankMessage(
                f"The report says two things of the batch {batch_id}.", mend="Ask the bank which of them holds."
            )
    return StatusReport(
        id=report_id,
        original_message_id=message_id,
        group=_group(original, "GrpSts"),
        batches=batches,
        outcomes=tuple(outcomes.values()),
    )


def payment_status(element: Element) -> Outcome | None:
    """What a ``TxInfAndSts`` says; None where it names no payment, or nothing of its status.

    Raises:
        UnreadableBankMessage: an id or an amount that is none.
    """
    end_to_end_id, status = read_id(element.words("OrgnlEndToEndId")), element.words("TxSts")
    if end_to_end_id is None or status is None:
        return None
    why = element.first("StsRsnInf")
    return Outcome(
        end_to_end_id=end_to_end_id,
        kind=_KINDS.get(status, OutcomeKind.ACCEPTED),
        amount=read_amount(element.first("OrgnlTxRef", "Amt", "InstdAmt")),
        reason=read_reason(why.first("Rsn")) if why else None,
        detail=read_detail(element.all("StsRsnInf", "AddtlInf")),
        bank_reference=read_id(element.words("AcctSvcrRef")),
    )


def decided(report: StatusReport, sent: SentFile) -> tuple[Outcome, ...]:
    """What the report says of each payment of the file that it is about, in the file's order.

    Of payments about which it is silent there is nothing.

    Raises:
        ContradictoryBankMessage: it is about another message, names a payment or a batch that the file doesn't hold, or
            an amount that differs from the one that was asked for.
    """
    if report.original_message_id != sent.message_id:
        raise ContradictoryBankMessage(
            f"The report is about {report.original_message_id}, not about {sent.message_id}.",
            mend="Import it with the file that it answers.",
        )
    told = outcome_of(report.outcomes)
    strangers = sorted((told.keys() - sent.amounts.keys()) | (report.batches.keys() - sent.batches.keys()))
    if strangers:
        raise ContradictoryBankMessage(
            f"The report names {strangers[0]}, which {sent.message_id} doesn't hold.",
            mend="Ask the bank; nothing of it was imported.",
            strangers=strangers[:10],
        )
    for outcome in told.values():
        if outcome.amount is not None and outcome.amount != sent.amounts[outcome.end_to_end_id]:
            raise ContradictoryBankMessage(
                f"The report says {outcome.amount} of {outcome.end_to_end_id}; asked for were"
                f" {sent.amounts[outcome.end_to_end_id]}.",
                mend="Ask the bank; nothing of it was imported.",
                end_to_end_id=outcome.end_to_end_id,
            )
    return tuple(_decided(report, sent, told))


def _decided(report: StatusReport, sent: SentFile, told: Mapping[str, Outcome]) -> Iterator[Outcome]:
    for batch_id, end_to_end_ids in sent.batches.items():
        of_batch = report.batches.get(batch_id)
        whole = of_batch if of_batch is not None and (of_batch.kind or of_batch.partly) else report.group
        for end_to_end_id in end_to_end_ids:
            if end_to_end_id in told:
                yield told[end_to_end_id]
            elif whole.kind is not None:
                yield Outcome(
                    end_to_end_id=end_to_end_id,
                    kind=whole.kind,
                    amount=sent.amounts[end_to_end_id],
                    reason=whole.reason,
                    detail=whole.detail,
                )


def _group(element: Element, tag: str) -> GroupStatus:
    status = element.words(tag)
    why = element.first("StsRsnInf")
    kind = None if status is None or status == PARTLY else _KINDS.get(status, OutcomeKind.ACCEPTED)
    return GroupStatus(
        kind=kind,
        partly=status == PARTLY,
        reason=read_reason(why.first("Rsn")) if why else None,
        detail=read_detail(element.all("StsRsnInf", "AddtlInf")),
    )
