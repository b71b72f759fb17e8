"""Posting together: each transaction once, each caller its own answer, checkpoints when they are due."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, NotFound, OutOfTime, StorageLocked
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Entry, Transaction
from provenance.services.group_commit import GroupCommit
from provenance.services.ports import UnitOfWork

AT = datetime(2026, 12, 21, 8, tzinfo=UTC)
POOL = Account(kind=AccountKind.UNATTRIBUTED_POOL, currency="CHF")


def transaction(key: str, micros: int = 5, party: str = "ann") -> Transaction:
    owed = Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency="CHF")
    return Transaction(
        business_key=key,
        cause="test",
        entries=(Entry(account=POOL, micros=micros), Entry(account=owed, micros=-micros)),
        effective_at=AT,
    )


def pool(database: SqlDatabase) -> int:
    with database.begin() as work:
        return work.books.balance(POOL)


class Held:
    """A database whose first unit of work waits until it is let go, and that counts those that write."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database, self.go, self.begun = database, Event(), 0

    def begin(self, *, write: bool = False) -> Any:
        self.begun += 1
        if self.begun == 1:
            self.go.wait(10)
        return self._database.begin(write=write)


def together(held: Held, group: GroupCommit, posts: list[tuple[Transaction, ...]]) -> list[Exception | None]:
    """Post each in a thread of its own; all but the first stand in the queue before anything is recorded."""

    def post(transactions: tuple[Transaction, ...]) -> Exception | None:
        try:
            group.post(*transactions)
        except Exception as error:  # noqa: BLE001  it is what the caller got
            return error
        return None

    with ThreadPoolExecutor(len(posts)) as threads:
        answers = [threads.submit(post, posts[0])]
        while not held.begun:
            pass
        answers += [threads.submit(post, p) for p in posts[1:]]
        while len(group._waiting) < len(posts) - 1:
            pass
        held.go.set()
        return [a.result() for a in answers]


def test_what_comes_meanwhile_is_one_unit_of_work(database: SqlDatabase, recorded: Any) -> None:
    held = Held(database)
    answers = together(held, GroupCommit(held, lambda: AT), [(transaction(f"k{n}"),) for n in range(9)])
    assert answers == [None] * 9
    assert held.begun == 2
    assert pool(database) == 45


def test_each_caller_gets_its_own_error_and_no_other(database: SqlDatabase, recorded: Any) -> None:
    held = Held(database)
    bad = {
        3: (replace(transaction("k3"), corrects="txn_none"),),
        5: (transaction("k0", micros=6),),
        6: (transaction("k6", party="nobody"),),
        7: (transaction("fine"), transaction("k0", micros=7)),
    }
    posts = [bad.get(n, (transaction(f"k{n}"),)) for n in range(9)]
    answers = together(held, GroupCommit(held, lambda: AT), posts)
    assert [type(a) for a in answers] == [
        {3: NotFound, 5: Conflict, 6: NotFound, 7: Conflict}.get(n, type(None)) for n in range(9)
    ]
    assert pool(database) == 25, "the one that came with a bad one isn't recorded either"


def test_all_are_told_where_the_database_can_not_be_written(database: SqlDatabase, recorded: Any) -> None:
    class Locked(Held):
        def begin(self, *, write: bool = False) -> Any:
            super().begin(write=write)
            raise StorageLocked("no")

    held = Locked(database)
    answers = together(held, GroupCommit(held, lambda: AT), [(transaction(f"k{n}"),) for n in range(4)])
    assert {type(a) for a in answers} == {StorageLocked}
    assert pool(database) == 0


def test_each_request_has_one_effect_however_often_it_is_sent_at_once(database: SqlDatabase, recorded: Any) -> None:
    group = GroupCommit(database, lambda: AT)
    with database.begin() as work:
        size = work.log.size()
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(group.post, [transaction(f"k{n // 5}") for n in range(200)]))
    with database.begin() as work:
        assert work.log.size() == size + 40
    assert pool(database) == 200


def test_many_writers_on_few_accounts_lose_nothing(
    database: SqlDatabase, recorded: Any, open_database: Callable[..., SqlDatabase], url: str
) -> None:
    groups = [GroupCommit(d, lambda: AT) for d in (database, open_database(url))]
    with ThreadPoolExecutor(16) as threads:
        list(
            threads.map(lambda n: groups[n % 2].post(transaction(f"k{n}", party=("ann", "bob")[n % 3 % 2])), range(96))
        )
    assert pool(database) == 96 * 5


def test_checkpoints_are_taken_when_they_are_due(database: SqlDatabase, recorded: Any, raw: Any) -> None:
    group = GroupCommit(database, lambda: AT, entries_between_checkpoints=2_400)
    group.post(*[transaction(f"k{n}") for n in range(1_150)])
    assert raw("SELECT count(*) FROM ledger_checkpoint WHERE account LIKE '%/CHF'") == [(0,)]
    group.post(*[transaction(f"more{n}") for n in range(50)])
    found = raw("SELECT entries, micros FROM ledger_checkpoint WHERE account = 'unattributed_pool/CHF'")
    assert found == [(1_000, 5_000)]
    assert pool(database) == 6_000


def test_what_is_authorised_on_a_balance_waits_for_the_other(
    database: SqlDatabase, recorded: Any, open_database: Callable[..., SqlDatabase], url: str
) -> None:
    """Eight payouts of 30 from 100: three go through, whoever asks first."""
    with database.begin(write=True) as work:
        work.books.post(transaction("in", 100), AT)
        work.commit()
    other = open_database(url)

    def pay(number: int) -> int:
        with (other if number % 2 else database).begin(write=True) as work:
            accounts = [e.account for e in transaction("out").entries]
            found = work.books.locked_balances(accounts[:: 1 if number % 4 < 2 else -1])
            if found[POOL] < 30:
                return 0
            work.books.post(transaction(f"out{number}", -30), AT)
            work.commit()
            return 1

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(pay, range(8))) == 3
    assert pool(database) == 10


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_an_accrual_waits_for_no_lock_on_an_account(database: SqlDatabase, recorded: Any, raw: Any) -> None:
    group = GroupCommit(database, lambda: AT)
    group.post(transaction("opens the accounts"))
    raw.connection.execute("BEGIN")
    raw.connection.execute("SELECT 1 FROM ledger_account ORDER BY id FOR NO KEY UPDATE")
    group.post(transaction("k"))
    raw.connection.execute("ROLLBACK")


def test_steps_are_recorded_together_each_with_its_own_answer_or_error(database: SqlDatabase, recorded: Any) -> None:
    held = Held(database)
    group = GroupCommit(held, lambda: AT)
    runs: Counter[int] = Counter()

    def step(number: int, work: UnitOfWork) -> int:
        runs[number] += 1
        work.books.post(transaction(f"k{number}"), AT)
        if number == 2:
            raise OutOfTime("no", mend="no")
        return number

    def record(number: int) -> object:
        try:
            return group.record(partial(step, number))
        except OutOfTime as error:
            return error.code

    with ThreadPoolExecutor(5) as threads:
        answers = [threads.submit(record, 0)]
        while not held.begun:
            pass
        answers += [threads.submit(record, n) for n in range(1, 4)]
        answers.append(threads.submit(lambda: group.post(transaction("k4"))))
        while len(group._waiting) < 4:
            pass
        held.go.set()
        assert [a.result() for a in answers] == [0, 1, OutOfTime.code, 3, None]
    assert runs[0] == 1
    assert pool(database) == 20, "what the failing step posted is undone, and nothing else"


def test_what_a_unit_of_work_posted_is_counted_by_account(database: SqlDatabase, recorded: Any) -> None:
    with database.begin(write=True) as work:
        work.books.post_many([transaction("k1"), transaction("k2"), transaction("k1")], AT)
        assert work.books.posted[POOL] == 2
        assert work.books.posted.total() == 4
