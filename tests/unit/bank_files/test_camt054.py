"""What a notification of bookings says of payments."""

import pytest

from provenance.bank_files.camt054 import Notification
from provenance.bank_files.reading import read_bank_message
from provenance.bank_files.transfer import Amount
from provenance.kernel.errors import UnreadableBankMessage

from .message_values import camt054, details, entry


def read(*entries: str, namespace: str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08") -> Notification:
    message = read_bank_message(camt054(entries, namespace=namespace))
    assert isinstance(message, Notification)
    return message


def kinds(*entries: str) -> list[tuple[str, str]]:
    return [(o.end_to_end_id, o.kind.value) for o in read(*entries).outcomes]


def test_a_booked_debit_confirms_with_its_amount_day_and_reference() -> None:
    (outcome,) = read(entry(details("A"))).outcomes
    assert (outcome.end_to_end_id, outcome.kind.value) == ("A", "confirmed")
    assert outcome.amount == Amount(currency="EUR", minor_units=1050)
    assert (str(outcome.on), outcome.bank_reference, outcome.reason) == ("2026-11-30", "REF-9", None)


def test_a_batch_that_was_booked_as_one_confirms_each_payment_by_its_own_amount() -> None:
    told = read(entry(details("A", "1.00"), details("B", "2.00"), amount="3.00")).outcomes
    assert [(o.end_to_end_id, o.amount and o.amount.minor_units) for o in told] == [("A", 100), ("B", 200)]


def test_an_entry_of_one_payment_lends_it_its_amount() -> None:
    (outcome,) = read(entry(details("A", ""), amount="7.00")).outcomes
    assert outcome.amount == Amount(currency="EUR", minor_units=700)


def test_payments_of_a_batch_without_amounts_of_their_own_are_not_guessed_at() -> None:
    batched = "<Btch><NbOfTxs>2</NbOfTxs></Btch>"
    with pytest.raises(UnreadableBankMessage):
        read(entry(batched, details("A", ""), details("B", ""), amount="3.00"))
    with pytest.raises(UnreadableBankMessage):
        read(entry(details("A", ""), details("B", ""), amount="3.00"))


@pytest.mark.parametrize(
    "returned",
    [
        entry(details("A", reason="AC04"), direction="CRDT"),
        entry(details("A"), direction="CRDT", reversed_="true"),
        entry(details("A"), direction="CRDT", family="RRTN"),
    ],
    ids=["reason", "reversal", "code"],
)
def test_money_that_came_back_is_a_return(returned: str) -> None:
    assert kinds(returned) == [("A", "returned")]


def test_a_return_says_why_and_how_much_came_back() -> None:
    (outcome,) = read(entry(details("A", "9.75", reason="AC04"), direction="CRDT", amount="9.75")).outcomes
    assert (outcome.reason, outcome.detail) == ("AC04", "by the payee's bank")
    assert outcome.amount == Amount(currency="EUR", minor_units=975)


def test_other_bookings_are_counted_and_never_guessed_at() -> None:
    note = read(
        entry(details("X"), direction="CRDT"),
        entry(details("NOTPROVIDED")),
        entry(),
        entry(details("A"), reversed_="true"),
        entry(details("A"), code="<Cd>INFO</Cd>"),
    )
    assert note.outcomes == ()
    assert note.others == 5


def test_what_is_not_booked_yet_ends_nothing() -> None:
    assert kinds(entry(details("A"), code="<Cd>PDNG</Cd>")) == [("A", "accepted")]


def test_older_versions_write_the_status_as_text() -> None:
    older = read(entry(details("A"), code="BOOK"), namespace="urn:iso:std:iso:20022:tech:xsd:camt.054.001.04")
    assert [o.kind.value for o in older.outcomes] == ["confirmed"]


def test_a_payment_that_was_booked_twice_is_told_twice() -> None:
    assert kinds(entry(details("A")), entry(details("A"))) == [("A", "confirmed")] * 2


@pytest.mark.parametrize(
    "bad",
    [
        entry(details("A")).replace("2026-11-30", "2026-13-40"),
        entry(details("A" * 36)),
        entry(details("A", "x")),
        details("A"),
    ],
    ids=["day", "id", "amount", "stray"],
)
def test_a_value_that_is_none_refuses_the_whole_file(bad: str) -> None:
    with pytest.raises(UnreadableBankMessage):
        read(entry(details("GOOD")), bad)
