"""What a status report says of payments, of batches, and of whole messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.bank_files.outcome import OutcomeKind
from provenance.bank_files.pain001 import render
from provenance.bank_files.pain001_reading import SentFile, read_sent
from provenance.bank_files.pain002 import StatusReport, decided
from provenance.bank_files.reading import read_bank_message
from provenance.bank_files.reasons import explained
from provenance.bank_files.transfer import Amount
from provenance.kernel.errors import ContradictoryBankMessage, UnknownCurrency, UnreadableBankMessage

from .message_values import batch, pain002, status
from .transfer_values import a_file, to_john, transfer

FILE = a_file(transfer("A"), transfer("B"), to_john("C"))
SENT = read_sent(render(FILE))
OTHER, SEPA = (b.id for b in FILE.batches)


def report(data: bytes) -> StatusReport:
    message = read_bank_message(data)
    assert isinstance(message, StatusReport)
    return message


def kinds(data: bytes, sent: SentFile = SENT) -> dict[str, str]:
    return {o.end_to_end_id: o.kind.value for o in decided(report(data), sent)}


@pytest.mark.parametrize(
    ("code", "kind"),
    [("RJCT", "failed"), ("CANC", "failed"), ("ACSC", "confirmed"), ("ACCC", "confirmed"), ("ACSP", "accepted"),
     ("PDNG", "accepted"), ("XYZW", "accepted")],
)  # fmt: skip
def test_a_status_ends_a_payment_or_does_not(code: str, kind: str) -> None:
    assert kinds(pain002(FILE.message_id, batch(SEPA, status("A", code)))) == {"A": kind}


def test_a_refusal_says_why() -> None:
    told = status("A", "RJCT", reason="AC04", amount="10.50", detail="Account closed")
    (outcome,) = decided(report(pain002(FILE.message_id, batch(SEPA, told))), SENT)
    assert outcome.kind is OutcomeKind.FAILED
    assert (outcome.reason, outcome.detail, outcome.bank_reference) == ("AC04", "Account closed", "BANK-1")
    assert outcome.amount == Amount(currency="EUR", minor_units=1050)
    assert "closed" in explained(outcome.reason)[0]
    assert all(explained(code) for code in (None, "ZZ99"))


def test_a_refused_message_fails_every_payment_with_its_reason() -> None:
    outcomes = decided(report(pain002(FILE.message_id, group="RJCT", reason="FF01")), SENT)
    assert {(o.end_to_end_id, o.kind.value, o.reason) for o in outcomes} == {(name, "failed", "FF01") for name in "ABC"}


def test_what_is_said_of_a_payment_holds_before_its_batch_and_that_before_the_message() -> None:
    data = pain002(FILE.message_id, batch(SEPA, status("A", "ACSC"), code="RJCT", reason="AM04"), group="ACSP")
    assert kinds(data) == {"A": "confirmed", "B": "failed", "C": "accepted"}


def test_of_a_batch_that_is_partly_taken_only_what_is_named_is_known() -> None:
    data = pain002(FILE.message_id, batch(SEPA, status("A", "RJCT", reason="AC01"), code="PART"), group="ACCP")
    assert kinds(data) == {"A": "failed", "C": "accepted"}
    assert kinds(pain002(FILE.message_id, batch(SEPA, status("B", "RJCT", reason="AC01")), group="PART")) == {
        "B": "failed"
    }


def test_a_report_that_says_nothing_says_nothing() -> None:
    assert kinds(pain002(FILE.message_id)) == {}
    nameless = status("NOTPROVIDED", "RJCT")
    assert kinds(pain002(FILE.message_id, batch(SEPA, nameless))) == {}


@pytest.mark.parametrize(
    "data",
    [
        pain002("ANOTHER", group="RJCT"),
        pain002(FILE.message_id, batch(SEPA, status("STRANGER", "RJCT"))),
        pain002(FILE.message_id, batch("STRANGE-BATCH", code="RJCT")),
        pain002(FILE.message_id, batch(SEPA, status("A", "RJCT", amount="10.51"))),
        pain002(FILE.message_id, batch(OTHER, status("C", "ACSC", amount="2500.00"))),
        pain002(FILE.message_id, batch(SEPA, status("A", "RJCT"), status("A", "ACSC"))),
        pain002(FILE.message_id, batch(SEPA, code="RJCT"), batch(SEPA, code="ACSC")),
    ],
    ids="message stranger batch amount currency twice batch-twice".split(),
)
def test_a_report_that_contradicts_itself_or_what_was_sent_is_refused_whole(data: bytes) -> None:
    with pytest.raises(ContradictoryBankMessage):
        decided(report(data), SENT)


def test_the_same_status_twice_is_one() -> None:
    assert kinds(pain002(FILE.message_id, batch(SEPA, status("A", "RJCT"), status("A", "RJCT")))) == {"A": "failed"}


@pytest.mark.parametrize("amount", ["-1.00", "1e3", "10,50", "10.501", "NaN", "1" * 19, "٣", "+1"])
def test_what_is_no_amount_refuses_the_file(amount: str) -> None:
    with pytest.raises(UnreadableBankMessage):
        read_bank_message(pain002(FILE.message_id, batch(SEPA, status("A", "RJCT", amount=amount))))


def test_zeros_beyond_a_currencys_decimals_say_nothing() -> None:
    assert kinds(pain002(FILE.message_id, batch(SEPA, status("A", "RJCT", amount="10.500")))) == {"A": "failed"}


def test_an_amount_in_no_currency_refuses_the_file() -> None:
    data = pain002(FILE.message_id, batch(SEPA, status("A", "RJCT", amount="1").replace('"EUR"', '"XBT"')))
    with pytest.raises(UnknownCurrency):
        read_bank_message(data)


@pytest.mark.parametrize("version", ["03", "10", "14"])
def test_every_version_is_read_alike(version: str) -> None:
    namespace = f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"
    data = pain002(FILE.message_id, batch(SEPA, status("A", "RJCT")), namespace=namespace)
    assert kinds(data) == {"A": "failed"}


@given(
    st.dictionaries(st.sampled_from("ABC"), st.sampled_from("RJCT ACSC ACSP".split())),
    st.sampled_from(["", "RJCT", "ACCP", "PART"]),
)
def test_every_payment_has_at_most_one_outcome_and_its_own_where_one_is_told(told: dict[str, str], group: str) -> None:
    sepa = [status(name, code) for name, code in told.items() if name != "C"]
    other = [status(name, code) for name, code in told.items() if name == "C"]
    outcomes = decided(report(pain002(FILE.message_id, batch(SEPA, *sepa), batch(OTHER, *other), group=group)), SENT)
    names = [o.end_to_end_id for o in outcomes]
    assert len(names) == len(set(names))
    assert told.keys() <= set(names)
    assert set(names) == (set("ABC") if group in ("RJCT", "ACCP") else told.keys())
