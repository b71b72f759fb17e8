"""Balances: the fold of all entries, whatever checkpoints there are, in whatever order they came, at any two times."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.balance import balances, trial_balance
from provenance.ledger.transaction import Entry, Transaction

AT = datetime(2026, 12, 1, tzinfo=UTC)
ACCOUNTS = [
    *(Account(kind=AccountKind.PARTY_PAYABLE, party=p, currency="CHF") for p in ("ann", "bob", "press")),
    Account(kind=AccountKind.UNATTRIBUTED_POOL, currency="CHF"),
]


def transactions(seed: int, count: int) -> list[tuple[Transaction, datetime]]:
    """With when each is recorded, which is in order; what they record happened earlier, sometimes much, or will."""
    random = Random(seed)
    found = []
    for number in range(count):
        one, other = random.sample(ACCOUNTS, 2)
        micros = random.choice((1, 7, 10**6, -3))
        at = AT + timedelta(minutes=number // 2)
        found.append(
            (
                Transaction(
                    business_key=f"{seed}-{number}",
                    cause="test",
                    entries=(Entry(account=one, micros=micros), Entry(account=other, micros=-micros)),
                    effective_at=at + timedelta(minutes=random.choice((0, 0, 0, -40, 3))),
                ),
                at,
            )
        )
    return found


def record(database: SqlDatabase, posted: Sequence[tuple[Transaction, datetime]], every: int) -> None:
    """Post them, with checkpoints after each ``every`` entries of an account, taken now and then."""
    for first in range(0, len(posted), 25):
        with database.begin(write=True) as work:
            for transaction, at in posted[first : first + 25]:
                work.books.post(transaction, at)
            work.books.take_checkpoints(ACCOUNTS, entries=every)
            work.commit()


def folded(posted: Sequence[tuple[Transaction, datetime]], effective: datetime, known: datetime) -> dict[Account, int]:
    kept = [t for t, at in posted if at <= known and t.effective_at <= effective]
    return balances(e for t in kept for e in t.entries)


@pytest.mark.parametrize("every", [1, 4, 11, 1_000])
def test_every_balance_is_the_fold_of_its_entries(database: SqlDatabase, recorded: Any, every: int) -> None:
    posted = transactions(every, 120)
    record(database, posted, every)
    whole = folded(posted, datetime.max.replace(tzinfo=UTC), AT + timedelta(days=9))
    random = Random(every)
    with database.begin() as work:
        for account in ACCOUNTS:
            assert work.books.balance(account) == whole[account] == work.books.balances()[account]
        for _ in range(25):
            known, effective = (AT + timedelta(minutes=random.randrange(-5, 70)) for _ in range(2))
            expected = folded(posted, effective, known)
            found = work.books.balances_as_known(effective=effective, known=max(known, AT))
            if known >= AT:
                assert {a: m for a, m in found.items() if a in ACCOUNTS} == expected
                assert trial_balance(found).balanced
            for account in ACCOUNTS:
                one = work.books.balance_as_known(account, effective=effective, known=known)
                assert one == expected.get(account, 0)


def test_the_order_of_what_is_posted_changes_no_balance(database: SqlDatabase, recorded: Any) -> None:
    posted = [t for t, _ in transactions(5, 60)]
    expected = balances(e for t in posted for e in t.entries)
    Random(1).shuffle(posted)
    record(database, [(t, AT) for t in posted], 3)
    with database.begin() as work:
        assert {a: work.books.balance(a) for a in ACCOUNTS} == expected


def test_books_nobody_knew_anything_of_are_empty(database: SqlDatabase, recorded: Any) -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    with database.begin() as work:
        assert work.books.balances_as_known(effective=AT, known=long_ago) == {}
        assert work.books.balance_as_known(ACCOUNTS[0], effective=AT, known=AT) == 0


def test_what_is_known_is_what_stood_before_in_the_log_also_where_a_clock_was_turned_back(
    database: SqlDatabase, recorded: Any
) -> None:
    (first, _), (second, _), (third, _) = transactions(7, 3)
    times = (AT + timedelta(hours=2), AT + timedelta(hours=1), AT + timedelta(hours=3))
    with database.begin(write=True) as work:
        for transaction, at in zip((first, second, third), times, strict=True):
            work.books.post(transaction, at)
        work.commit()
    far = datetime.max.replace(tzinfo=UTC)
    with database.begin() as work:
        found = work.books.balances_as_known(effective=far, known=AT + timedelta(hours=1))
    assert {a: m for a, m in found.items() if a in ACCOUNTS} == balances([*first.entries, *second.entries])


def test_a_batch_says_how_many_were_new_and_takes_each_once(database: SqlDatabase, recorded: Any) -> None:
    posted = [t for t, _ in transactions(9, 20)]
    with database.begin(write=True) as work:
        assert work.books.post_many(posted[:10], AT) == 10
        assert work.books.post_many([*posted, *posted], AT) == 10
        assert work.books.post_many(posted, AT + timedelta(days=1)) == 0
        assert work.books.post_many([], AT) == 0
        work.commit()
    with database.begin() as work:
        found = [work.books.get(t.id) for t in posted]
        assert [f.fact for f in found if f] == posted
        seqs = [f.seq for f in found if f]
        assert seqs == list(range(seqs[0], seqs[0] + 20))
        logged = dict(work.log.leaves())
        assert [logged[s].fact for s in seqs] == [t.id for t in posted]


@pytest.mark.parametrize(
    "key", ["tab\there", "back\\slash", "line\nfeed", "return\rhere", "\\N", "水 'quoted' \"", "None"]
)
def test_a_key_comes_back_as_it_went_in_whatever_it_holds(database: SqlDatabase, recorded: Any, key: str) -> None:
    """Many at once, so that they go through COPY where there is one."""
    (one, _), (other, _), *more = transactions(3, 12)
    odd = Transaction(business_key=key, cause=key, entries=one.entries, effective_at=AT)
    undo = Transaction(business_key="u", cause="x", entries=other.entries, effective_at=AT, corrects=odd.id)
    with database.begin(write=True) as work:
        work.books.post_many([odd, undo, *(t for t, _ in more)], AT)
        work.commit()
    with database.begin() as work:
        for transaction in (odd, undo):
            found = work.books.get(transaction.id)
            assert found is not None
            assert found.fact == transaction
