"""Transactions balance per currency or can't be made; what is posted is reversed, never changed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from provenance.kernel.errors import CorrectionOfCorrection, Unbalanced
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import ENTRIES_MAX, Entry, Transaction, entries_of, reversal, totals

AT = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
OWED = Account(kind=AccountKind.SERVICE_RECEIVABLE, party="studio", currency="USD")
REVENUE = Account(kind=AccountKind.GENERATION_REVENUE, currency="USD")
HELD = Account(kind=AccountKind.HELD, currency="USD")
HELD_EURO = Account(kind=AccountKind.HELD, currency="EUR")


def payable(party: str, currency: str = "USD") -> Account:
    return Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=currency)


def transaction(*legs: tuple[Account, int], **changes: Any) -> Transaction:
    entries = tuple(Entry(account=account, micros=micros) for account, micros in legs)
    fields: dict[str, Any] = {"business_key": "accrual:gen_1", "cause": "accrual", "effective_at": AT}
    return Transaction(entries=entries, **(fields | changes))


@pytest.mark.parametrize("micros", [1, -1, 10**18])
def test_an_entry_is_a_debit_above_zero_and_a_credit_below(micros: int) -> None:
    assert Entry(account=OWED, micros=micros).micros == micros


@pytest.mark.parametrize("micros", [0, 1.0, 0.5, True, "1"], ids=repr)
def test_an_entry_is_an_integer_and_not_zero(micros: Any) -> None:
    with pytest.raises(AssertionError):
        Entry(account=OWED, micros=micros)


def test_entries_that_add_up_to_zero_make_a_transaction() -> None:
    made = transaction((OWED, 40_000), (payable("ann"), -6_000), (REVENUE, -34_000))
    assert [e.micros for e in made.entries] == [40_000, -6_000, -34_000]
    assert made.corrects is None


def test_entries_that_leave_something_over_are_refused_with_the_excess() -> None:
    with pytest.raises(Unbalanced, match="'USD': 1}") as refused:
        transaction((OWED, 40_000), (REVENUE, -39_999))
    assert refused.value.data == {"excess": {"USD": 1}}


def test_each_currency_must_balance_on_its_own() -> None:
    with pytest.raises(Unbalanced) as refused:
        transaction((OWED, 5), (HELD_EURO, -5))
    assert refused.value.data == {"excess": {"USD": 5, "EUR": -5}}


def test_a_balanced_currency_is_not_named_in_the_excess() -> None:
    with pytest.raises(Unbalanced) as refused:
        transaction((OWED, 5), (REVENUE, -5), (HELD_EURO, -7))
    assert refused.value.data == {"excess": {"EUR": -7}}


@pytest.mark.parametrize("legs", [[], [(OWED, 1)]], ids=len)
def test_fewer_than_two_entries_are_refused(legs: list[tuple[Account, int]]) -> None:
    with pytest.raises(Unbalanced, match=f"has 2 to 10000 entries, not {len(legs)}"):
        transaction(*legs)


def test_ten_thousand_entries_are_taken_and_one_more_is_not() -> None:
    legs = [(payable(f"p{n}"), -1) for n in range(ENTRIES_MAX - 1)]
    assert len(transaction((OWED, 9_999), *legs).entries) == 10_000
    with pytest.raises(Unbalanced, match="not 10001"):
        transaction((OWED, 10_000), *legs, (REVENUE, -1))


def test_an_account_that_occurs_twice_is_refused() -> None:
    with pytest.raises(Unbalanced, match="occurs twice"):
        transaction((OWED, 2), (REVENUE, -1), (REVENUE, -1))


@pytest.mark.parametrize(
    "at", [AT.replace(tzinfo=None), AT.astimezone(timezone(timedelta(hours=1))), AT.replace(tzinfo=timezone.max)]
)
def test_a_time_that_is_not_utc_is_refused(at: datetime) -> None:
    with pytest.raises(AssertionError, match="UTC"):
        transaction((OWED, 1), (REVENUE, -1), effective_at=at)


def test_the_id_follows_from_the_business_key_alone() -> None:
    one = transaction((OWED, 1), (REVENUE, -1))
    other = transaction((OWED, 2), (HELD, -2), cause="other", effective_at=AT + timedelta(days=1))
    assert one.id == other.id == "txn_3a637c7302cf9b8c202952fe"
    assert transaction((OWED, 1), (REVENUE, -1), business_key="accrual:gen_2").id != one.id


def test_the_payload_digest_is_that_of_all_that_is_recorded() -> None:
    written = (
        b'{"business_key":"accrual:gen_1","cause":"accrual","corrects":null,'
        b'"effective_at":"2026-05-01T12:30:00+00:00","entries":['
        b'{"account":"service_receivable/studio/USD","micros":"9007199254740993"},'
        b'{"account":"generation_revenue/USD","micros":"-9007199254740993"}]}'
    )
    made = transaction((OWED, 2**53 + 1), (REVENUE, -(2**53) - 1))
    assert made.payload_digest == hashlib.sha256(written).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        transaction((OWED, 6), (REVENUE, -6)),
        transaction((OWED, 5), (HELD, -5)),
        transaction((OWED, 5), (REVENUE, -5), business_key="accrual:gen_2"),
        transaction((OWED, 5), (REVENUE, -5), cause="reversal"),
        transaction((OWED, 5), (REVENUE, -5), corrects="txn_1"),
        transaction((OWED, 5), (REVENUE, -5), effective_at=AT + timedelta(microseconds=1)),
    ],
    ids=["amount", "account", "key", "cause", "corrects", "time"],
)
def test_another_payload_has_another_digest(other: Transaction) -> None:
    assert other.payload_digest != transaction((OWED, 5), (REVENUE, -5)).payload_digest


def test_totals_are_by_currency() -> None:
    legs = [(OWED, 5), (REVENUE, -2), (HELD_EURO, -7)]
    assert totals(Entry(account=a, micros=m) for a, m in legs) == {"USD": 3, "EUR": -7}
    assert totals([]) == {}


def test_legs_of_one_account_become_one_entry_and_zeros_none() -> None:
    legs = [(payable("bob"), -3), (OWED, 5), (payable("bob"), -2), (HELD, -4), (HELD, 4), (REVENUE, 0)]
    assert [(e.account, e.micros) for e in entries_of(legs)] == [(payable("bob"), -5), (OWED, 5)]


def test_entries_are_sorted_by_the_accounts_id() -> None:
    legs = [(OWED, 1), (payable("bob", "EUR"), 2), (payable("ann"), 3), (HELD, 4), (payable("ann", "EUR"), 5)]
    assert [e.account.id for e in entries_of(legs)] == [
        "held/USD",
        "party_payable/ann/EUR",
        "party_payable/ann/USD",
        "party_payable/bob/EUR",
        "service_receivable/studio/USD",
    ]


def test_no_legs_make_no_entries() -> None:
    assert entries_of([]) == ()


def test_a_reversal_mirrors_each_entry_and_names_what_it_undoes() -> None:
    made = transaction((OWED, 40_000), (payable("ann"), -6_000), (REVENUE, -34_000))
    undone = reversal(made, effective_at=AT + timedelta(days=3))
    assert [(e.account, e.micros) for e in undone.entries] == [
        (OWED, -40_000),
        (payable("ann"), 6_000),
        (REVENUE, 34_000),
    ]
    assert (undone.business_key, undone.cause) == ("reversal:accrual:gen_1", "reversal")
    assert (undone.corrects, undone.effective_at) == (made.id, AT + timedelta(days=3))


def test_a_correction_is_not_corrected() -> None:
    made = transaction((OWED, 5), (REVENUE, -5))
    undo = reversal(made, effective_at=AT)
    with pytest.raises(CorrectionOfCorrection, match="new transaction") as caught:
        reversal(undo, effective_at=AT)
    assert caught.value.code == "correction_of_correction"
    assert caught.value.data == {"transaction": undo.id, "corrects": made.id}
