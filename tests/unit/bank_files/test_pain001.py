"""A file of credit transfers, to the byte; and what comes back from it."""

import re
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.bank_files.account import IBAN_CHARS, BankAccount, iban_check_digits
from provenance.bank_files.pain001 import render
from provenance.bank_files.pain001_reading import read_sent
from provenance.bank_files.transfer import Amount, CreditTransfer, Holder, control_sum, decimal_text, end_to_end_id
from provenance.kernel.errors import InvalidBankFile, UnreadableBankMessage

from .transfer_values import MADE_AT, a_file, to_john, transfer

EXPECTED = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>{message}</MsgId>
      <CreDtTm>2026-11-27T09:30:00Z</CreDtTm>
      <NbOfTxs>2</NbOfTxs>
      <CtrlSum>2510.50</CtrlSum>
      <InitgPty><Nm>Provenance Ledger GmbH</Nm></InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>{first}</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <NbOfTxs>1</NbOfTxs>
      <CtrlSum>2500.00</CtrlSum>
      <ReqdExctnDt><Dt>2026-11-30</Dt></ReqdExctnDt>
      <Dbtr><Nm>Provenance Ledger GmbH</Nm></Dbtr>
      <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>
      <DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt>
      <ChrgBr>SHAR</ChrgBr>
      <CdtTrfTxInf>
        <PmtId><EndToEndId>PO2</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="USD">2500.00</InstdAmt></Amt>
        <CdtrAgt><FinInstnId><BICFI>CHASUS33XXX</BICFI></FinInstnId></CdtrAgt>
        <Cdtr><Nm>John Roe</Nm><PstlAdr><TwnNm>New York</TwnNm><Ctry>US</Ctry></PstlAdr></Cdtr>
        <CdtrAcct><Id><Othr><Id>123456789012</Id></Othr></Id></CdtrAcct>
      </CdtTrfTxInf>
    </PmtInf>
    <PmtInf>
      <PmtInfId>{second}</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <NbOfTxs>1</NbOfTxs>
      <CtrlSum>10.50</CtrlSum>
      <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>
      <ReqdExctnDt><Dt>2026-11-30</Dt></ReqdExctnDt>
      <Dbtr><Nm>Provenance Ledger GmbH</Nm></Dbtr>
      <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>
      <DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt>
      <ChrgBr>SLEV</ChrgBr>
      <CdtTrfTxInf>
        <PmtId><EndToEndId>PO1</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="EUR">10.50</InstdAmt></Amt>
        <Cdtr><Nm>Anne Muller</Nm></Cdtr>
        <CdtrAcct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id></CdtrAcct>
        <RmtInf><Ustrd>Royalties</Ustrd></RmtInf>
      </CdtTrfTxInf>
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>
"""


def test_a_file_is_written_as_the_schema_orders_it() -> None:
    file = a_file(transfer(), to_john())
    first, second = (batch.id for batch in file.batches)
    assert render(file).decode() == EXPECTED.format(message=file.message_id, first=first, second=second)


def test_the_same_payments_make_the_same_file_in_whichever_order_and_zone() -> None:
    there = a_file(transfer("A"), transfer("B"), to_john("C"))
    back = replace(a_file(to_john("C"), transfer("B"), transfer("A")))
    elsewhere = replace(back, created_at=MADE_AT.astimezone(timezone(timedelta(hours=9))))
    assert render(there) == render(back) == render(elsewhere)


def test_the_ids_of_other_payments_differ() -> None:
    assert a_file(transfer("A")).message_id != a_file(transfer("B")).message_id
    assert end_to_end_id({"payout": "a"}) != end_to_end_id({"payout": "b"})
    assert re.fullmatch(r"PO[0-9A-F]{32}", end_to_end_id({"payout": "a"}))


def test_what_could_break_out_of_the_markup_does_not() -> None:
    mean = Holder(name="<Anne> & 'Co'", account=transfer().creditor.account)
    text = render(a_file(transfer(creditor=mean, note="]]>&<"))).decode()
    assert "<Nm>(Anne) + 'Co'</Nm>" in text
    assert "<Ustrd>)))+(</Ustrd>" in text.replace("]]", "))")


def test_nothing_is_written_of_a_file_that_a_bank_would_refuse() -> None:
    with pytest.raises(InvalidBankFile) as refused:
        render(a_file(transfer(amount=Amount(currency="EUR", minor_units=0))))
    assert [v["rule"] for v in refused.value.data["violations"]] == ["amount_not_positive"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [(1050, 2, "10.50"), (5, 2, "0.05"), (1000, 0, "1000"), (1, 3, "0.001"), (-5, 2, "-0.05"), (0, 2, "0.00")],
)
def test_minor_units_are_written_as_their_currency_has_them(units: int, decimals: int, text: str) -> None:
    assert decimal_text(units, decimals) == text


def test_a_control_sum_adds_up_across_currencies_exactly() -> None:
    amounts = [Amount(currency=c, minor_units=u) for c, u in (("EUR", 105), ("JPY", 7), ("KWD", 1))]
    assert control_sum([transfer(str(i), amount=a) for i, a in enumerate(amounts)]) == "8.051"


def test_a_file_that_was_changed_is_not_read_back() -> None:
    data = render(a_file(transfer("A"), transfer("B")))
    for changed in (data.replace(b"<NbOfTxs>2</NbOfTxs>", b"<NbOfTxs>3</NbOfTxs>", 1), data[:-40], b"", b"<a/>"):
        with pytest.raises(UnreadableBankMessage):
            read_sent(changed)


IBANS = st.sampled_from(sorted(IBAN_CHARS)).flatmap(
    lambda c: st.text("0123456789", min_size=IBAN_CHARS[c] - 4, max_size=IBAN_CHARS[c] - 4).map(
        lambda rest: c + iban_check_digits(c, rest) + rest
    )
)
NAMES = st.text(st.sampled_from("abc ÄßØé<>&\"'"), min_size=1, max_size=30).filter(lambda n: bool(n.strip()))


@st.composite
def transfers(draw: st.DrawFn) -> CreditTransfer:
    iban = draw(IBANS)
    holder = Holder(
        name=draw(NAMES),
        account=BankAccount(iban=iban, bic=f"ABCD{iban[:2]}22"),
        town="Somewhere",
        country=iban[:2],
    )
    currency = draw(st.sampled_from(["EUR", "USD", "JPY", "KWD"]))
    amount = Amount(currency=currency, minor_units=draw(st.integers(1, 99_999_999_999)))
    return CreditTransfer(
        end_to_end_id=end_to_end_id(draw(st.integers(0, 10**9))), creditor=holder, amount=amount, note=draw(NAMES)
    )


@given(st.lists(transfers(), min_size=1, max_size=12, unique_by=lambda t: t.end_to_end_id))
def test_what_is_written_reads_back_as_it_was(payments: list[CreditTransfer]) -> None:
    file = a_file(*payments)
    sent = read_sent(render(file))
    assert sent.message_id == file.message_id
    assert sent.amounts == {t.end_to_end_id: t.amount for t in payments}
    assert sent.batches == {b.id: tuple(t.end_to_end_id for t in b.transfers) for b in file.batches}
    assert all(len({t.amount.currency for t in b.transfers}) == 1 for b in file.batches)
