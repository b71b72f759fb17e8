"""Transactions: any legs that are made to balance do; a reversal nets to zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provenance.kernel.errors import Unbalanced
from provenance.ledger.accounts import OF_A_PARTY, Account, AccountKind
from provenance.ledger.balance import balances, trial_balance
from provenance.ledger.transaction import Entry, Transaction, entries_of, reversal, totals

AT = datetime(2026, 5, 1, tzinfo=UTC)

Leg = tuple[Account, int]


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """An account of any kind, in one of three currencies, of one of three parties."""
    kind = draw(st.sampled_from(AccountKind))
    party = draw(st.sampled_from(["ann", "bob", "studio"])) if kind in OF_A_PARTY else None
    return Account(kind=kind, party=party, currency=draw(st.sampled_from(["EUR", "JPY", "USD"])))


legs_of_any_sum = st.lists(st.tuples(accounts(), st.integers(-(10**15), 10**15)), max_size=20)


def balanced(legs: list[Leg]) -> list[Leg]:
    """The legs, and for each currency the one that settles it."""
    sums: dict[str, int] = {}
    for account, micros in legs:
        sums[account.currency] = sums.get(account.currency, 0) + micros
    return [*legs, *((Account(kind=AccountKind.HELD, currency=c), -s) for c, s in sums.items())]


def transaction(entries: tuple[Entry, ...]) -> Transaction:
    return Transaction(business_key="k", cause="test", entries=entries, effective_at=AT)


@given(legs_of_any_sum)
def test_entries_hold_what_the_legs_hold_with_each_account_once(legs: list[Leg]) -> None:
    entries = entries_of(legs)
    for account in {account for account, _ in legs}:
        assert sum(m for a, m in legs if a == account) == sum(e.micros for e in entries if e.account == account)
    ids = [e.account.id for e in entries]
    assert ids == sorted(set(ids))


@given(legs_of_any_sum, st.randoms(use_true_random=False))
def test_the_order_of_the_legs_changes_no_entry(legs: list[Leg], dice: Random) -> None:
    assert entries_of(dice.sample(legs, len(legs))) == entries_of(legs)


@given(legs_of_any_sum)
def test_a_transaction_is_refused_exactly_where_a_currency_is_left_over(legs: list[Leg]) -> None:
    entries = entries_of(legs)
    assume(len(entries) >= 2)
    excess = {currency: micros for currency, micros in totals(entries).items() if micros}
    if not excess:
        assert transaction(entries).entries == entries
        return
    with pytest.raises(Unbalanced) as refused:
        transaction(entries)
    assert refused.value.data == {"excess": excess}


@given(legs_of_any_sum)
def test_a_reversal_nets_every_account_to_zero(legs: list[Leg]) -> None:
    entries = entries_of(balanced(legs))
    assume(entries)
    posted = transaction(entries)
    undone = reversal(posted, effective_at=AT + timedelta(days=1))
    assert set(balances([*posted.entries, *undone.entries]).values()) == {0}
    assert undone.corrects == posted.id != undone.id


@given(st.lists(legs_of_any_sum, max_size=5))
def test_books_of_balanced_transactions_balance(batches: list[list[Leg]]) -> None:
    posted = [transaction(e) for e in (entries_of(balanced(legs)) for legs in batches) if e]
    found = trial_balance(balances(e for t in posted for e in t.entries))
    assert found.balanced
    for currency in found.differences:
        mine = [line for line in found.lines if line.account.currency == currency]
        assert sum(line.debit_micros for line in mine) == sum(line.credit_micros for line in mine)


@given(st.dictionaries(accounts(), st.integers(-(10**15), 10**15), max_size=12))
def test_a_trial_balance_keeps_every_balance_in_one_column(sums: dict[Account, int]) -> None:
    found = trial_balance(sums)
    assert {line.account: line.debit_micros - line.credit_micros for line in found.lines} == sums
    assert all(min(line.debit_micros, line.credit_micros) == 0 for line in found.lines)


@given(st.sets(accounts()))
def test_accounts_that_differ_have_ids_that_differ(found: set[Account]) -> None:
    assert len({account.id for account in found}) == len(found)
