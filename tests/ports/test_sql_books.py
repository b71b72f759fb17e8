"""The books: each transaction is posted once, however many try, and balances are sums of sealed entries."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, NotFound
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.balance import balances, trial_balance
from provenance.ledger.transaction import Entry, Transaction, reversal

AT = datetime(2026, 11, 21, 8, 0, 0, 5, UTC)
BIG = 4_000_000_000_000_000_000  # twice this is more than 64 bits hold


def _transaction(key: str = "k", micros: int = 5, currency: str = "USD", party: str = "ann") -> Transaction:
    owed = Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=currency)
    revenue = Account(kind=AccountKind.GENERATION_REVENUE, currency=currency)
    return Transaction(
        business_key=key,
        cause="test",
        entries=(Entry(account=revenue, micros=micros), Entry(account=owed, micros=-micros)),
        effective_at=AT,
    )


def test_a_transaction_comes_back_as_it_went_in(database: SqlDatabase, recorded: Any) -> None:
    posted = _transaction()
    undo = reversal(posted, effective_at=AT)
    with database.begin(write=True) as work:
        work.books.post(posted, recorded.at)
        work.books.post(undo, recorded.at)
        work.commit()
    with database.begin() as work:
        for transaction in (posted, undo):
            found = work.books.get(transaction.id)
            assert found is not None
            assert (found.fact, found.recorded_at) == (transaction, recorded.at)
            assert found.fact.payload_digest == transaction.payload_digest
        assert work.books.get("txn_none") is None
        page = work.books.page(limit=3)
        assert page.next_after is not None
        rest = work.books.page(limit=3, after=page.next_after)
    story = [recorded.transaction(recorded.generation()), recorded.review(recorded.generation())[1]]
    assert [r.fact for r in (*page.items, *rest.items)] == [*story, posted, undo]


def test_the_same_key_with_another_payload_is_a_conflict(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        work.books.post(_transaction(micros=5), AT)
        work.books.post(_transaction(micros=5), AT)
        with pytest.raises(Conflict, match="business key"):
            work.books.post(_transaction(micros=6), AT)


def test_what_is_posted_must_name_what_exists(database: SqlDatabase, recorded: Any) -> None:
    for lost in (replace(_transaction(), corrects="txn_none"), _transaction(party="nobody")):
        with database.begin(write=True) as work, pytest.raises(NotFound):
            work.books.post(lost, AT)


def test_balances_are_the_sums_of_all_entries(database: SqlDatabase, recorded: Any) -> None:
    posted = [
        recorded.transaction(recorded.generation()),
        _transaction("a", 7),
        _transaction("b", -7),
        _transaction("c", 1, "EUR", "bob"),
        _transaction("d", BIG, "JPY"),
    ]
    with database.begin(write=True) as work:
        for transaction in posted:
            work.books.post(transaction, AT)
        work.commit()
    posted.append(recorded.review(recorded.generation())[1])
    with database.begin() as work:
        found = work.books.balances()
    expected = balances(e for t in posted for e in t.entries)
    assert dict(found) == expected
    assert {type(micros) for micros in found.values()} == {int}
    assert trial_balance(found).balanced


@pytest.mark.parametrize("writers", [8])
def test_one_effect_of_many_posts_at_once(database: SqlDatabase, recorded: Any, writers: int) -> None:
    def post(_: int) -> None:
        with database.begin(write=True) as work:
            work.books.post(_transaction("once"), AT)
            work.commit()

    with database.begin() as work:
        size = work.log.size()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(post, range(writers)))
    with database.begin() as work:
        assert work.log.size() == size + 1
        assert work.books.balances()[_transaction().entries[1].account] == -5 + _owed_before(recorded)


def test_leaves_of_many_writers_have_no_gap_and_no_order_but_the_commits(
    database: SqlDatabase, recorded: Any, open_database: Callable[..., SqlDatabase], url: str
) -> None:
    other = open_database(url)
    with database.begin() as work:
        size = work.log.size()

    def post(number: int) -> int:
        with (other if number % 2 else database).begin(write=True) as work:
            work.books.post(_transaction(f"key {number}"), AT)
            if number % 5 == 0:
                return 0  # undone: it leaves no gap
            work.commit()
            return 1

    with ThreadPoolExecutor(8) as pool:
        posted = sum(pool.map(post, range(40)))
    with database.begin() as work:
        assert [number for number, _ in work.log.leaves()] == list(range(1, size + posted + 1))


def _owed_before(recorded: Any) -> int:
    account = _transaction().entries[1].account
    return balances(recorded.transaction(recorded.generation()).entries).get(account, 0)
