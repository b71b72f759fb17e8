"""Messages as banks send them, written by hand from the message definitions."""

from collections.abc import Iterable

PAIN002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
CAMT054 = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


def status(end_to_end_id: str, code: str, *, reason: str = "", amount: str = "", detail: str = "") -> str:
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>{detail}</AddtlInf></StsRsnInf>" if reason else ""
    asked = f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt></OrgnlTxRef>' if amount else ""
    return (
        f"<TxInfAndSts><StsId>S1</StsId><OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId>"
        f"<TxSts>{code}</TxSts>{why}<AcctSvcrRef>BANK-1</AcctSvcrRef>{asked}</TxInfAndSts>"
    )


def batch(batch_id: str, *statuses: str, code: str = "", reason: str = "") -> str:
    whole = f"<PmtInfSts>{code}</PmtInfSts>" if code else ""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    inner = f"<OrgnlPmtInfId>{batch_id}</OrgnlPmtInfId>{whole}{why}{''.join(statuses)}"
    return f"<OrgnlPmtInfAndSts>{inner}</OrgnlPmtInfAndSts>"


def pain002(
    message_id: str, *batches: str, group: str = "", reason: str = "", namespace: str = PAIN002, before: str = ""
) -> bytes:
    whole = f"<GrpSts>{group}</GrpSts>" if group else ""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<Document xmlns="{namespace}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>REPORT-1</MsgId><CreDtTm>2026-11-30T08:00:00Z</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"{whole}{why}</OrgnlGrpInfAndSts>{''.join(batches)}</CstmrPmtStsRpt></Document>"
    ).encode()


def details(end_to_end_id: str, amount: str = "10.50", *, currency: str = "EUR", reason: str = "") -> str:
    returned = (
        f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>by the payee's bank</AddtlInf></RtrInf>" if reason else ""
    )
    own = f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else ""
    return f"<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>{own}{returned}</TxDtls>"


def entry(
    *parts: str,
    direction: str = "DBIT",
    code: str = "<Cd>BOOK</Cd>",
    amount: str = "10.50",
    reversed_: str = "",
    family: str = "",
) -> str:
    reversal = f"<RvslInd>{reversed_}</RvslInd>" if reversed_ else ""
    kind = (
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{family}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        if family
        else ""
    )
    within = f"<NtryDtls>{''.join(parts)}</NtryDtls>" if parts else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{reversal}<Sts>{code}</Sts>'
        f"<BookgDt><Dt>2026-11-30</Dt></BookgDt><AcctSvcrRef>REF-9</AcctSvcrRef>{kind}{within}</Ntry>"
    )


def camt054(entries: Iterable[str], *, namespace: str = CAMT054) -> bytes:
    return (
        f'<?xml version="1.0"?><Document xmlns="{namespace}"><BkToCstmrDbtCdtNtfctn>'
        "<GrpHdr><MsgId>NOTE-1</MsgId><CreDtTm>2026-11-30T18:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id>"
        f"{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()
