"""Entries fold into balances, and balances into a trial balance."""

from __future__ import annotations

from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.balance import balances, trial_balance
from provenance.ledger.transaction import Entry

OWED = Account(kind=AccountKind.SERVICE_RECEIVABLE, party="studio", currency="USD")
REVENUE = Account(kind=AccountKind.GENERATION_REVENUE, currency="USD")
ANN = Account(kind=AccountKind.PARTY_PAYABLE, party="ann", currency="USD")
ANN_EURO = Account(kind=AccountKind.PARTY_PAYABLE, party="ann", currency="EUR")
OWED_EURO = Account(kind=AccountKind.SERVICE_RECEIVABLE, party="studio", currency="EUR")


def entries(*legs: tuple[Account, int]) -> list[Entry]:
    return [Entry(account=account, micros=micros) for account, micros in legs]


def test_an_accounts_entries_add_up() -> None:
    assert balances(entries((OWED, 40), (ANN, -10), (REVENUE, -30), (OWED, 2), (ANN, -2))) == {
        OWED: 42,
        ANN: -12,
        REVENUE: -30,
    }


def test_accounts_of_one_party_in_two_currencies_stay_apart() -> None:
    assert balances(entries((ANN, -10), (ANN_EURO, -5))) == {ANN: -10, ANN_EURO: -5}


def test_an_account_that_came_back_to_zero_is_still_told() -> None:
    assert balances(entries((ANN, -10), (ANN, 10))) == {ANN: 0}


def test_no_entries_have_no_balances() -> None:
    assert balances([]) == {}
    assert balances(iter(entries((ANN, -1)))) == {ANN: -1}


def test_balances_invent_no_account() -> None:
    found = balances(entries((ANN, -10)))
    assert found.get(OWED) is None
    assert type(found) is dict


def test_debits_and_credits_stand_in_their_own_columns() -> None:
    lines = trial_balance({OWED: 42, REVENUE: -42}).lines
    assert [(x.account, x.debit_micros, x.credit_micros) for x in lines] == [(REVENUE, 0, 42), (OWED, 42, 0)]


def test_an_account_at_zero_stands_in_neither_column() -> None:
    (line,) = trial_balance({OWED: 0}).lines
    assert (line.debit_micros, line.credit_micros) == (0, 0)


def test_lines_are_sorted_by_currency_and_then_by_id() -> None:
    sums = {OWED: 3, ANN: -1, REVENUE: -2, OWED_EURO: 5, ANN_EURO: -5}
    assert [x.account.id for x in trial_balance(sums).lines] == [
        "party_payable/ann/EUR",
        "service_receivable/studio/EUR",
        "generation_revenue/USD",
        "party_payable/ann/USD",
        "service_receivable/studio/USD",
    ]


def test_books_are_balanced_where_each_currency_is() -> None:
    found = trial_balance({OWED: 3, ANN: -1, REVENUE: -2, OWED_EURO: 5, ANN_EURO: -5})
    assert found.balanced
    assert found.differences == {"USD": 0, "EUR": 0}


def test_an_excess_in_one_currency_does_not_hide_in_another() -> None:
    found = trial_balance({OWED: 3, ANN_EURO: -3})
    assert not found.balanced
    assert found.differences == {"USD": 3, "EUR": -3}


def test_differences_invent_no_currency() -> None:
    assert type(trial_balance({OWED: 3}).differences) is dict


def test_empty_books_are_balanced() -> None:
    assert trial_balance({}).balanced
    assert trial_balance({}).lines == ()
