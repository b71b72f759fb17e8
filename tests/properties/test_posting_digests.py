"""What bulk posting records of a transaction is, bit for bit, what the general form says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Entry, Transaction
from provenance.services.facts import leaf
from provenance.services.posting_digests import posting

texts = st.text(min_size=1, max_size=12)
moments = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    micros = draw(st.integers(1, 2**62))
    owed = Account(kind=AccountKind.PARTY_PAYABLE, party=draw(st.sampled_from(["ann", "a-b.c_d"])), currency="USD")
    pool = Account(kind=AccountKind.UNATTRIBUTED_POOL, currency="USD")
    return Transaction(
        business_key=draw(texts),
        cause=draw(texts),
        entries=(Entry(account=owed, micros=-micros), Entry(account=pool, micros=micros)),
        effective_at=draw(moments),
        corrects=draw(st.none() | texts),
    )


@given(transactions(), moments)
def test_the_short_way_gives_the_bytes_of_the_long_one(transaction: Transaction, at: datetime) -> None:
    found, long = posting(transaction, at), leaf(transaction, at)
    assert (found.id, found.payload_digest) == (transaction.id, transaction.payload_digest)
    assert (found.id, found.fact_sha256) == (long.fact, long.fact_sha256)
    assert found.accounts == tuple(e.account.id for e in transaction.entries)


@pytest.mark.parametrize("field", ["business_key", "cause", "corrects"])
def test_half_of_a_surrogate_pair_is_refused_here_too(field: str) -> None:
    pool = Account(kind=AccountKind.UNATTRIBUTED_POOL, currency="USD")
    held = Account(kind=AccountKind.HELD, currency="USD")
    values = {"business_key": "k", "cause": "test", "corrects": None, field: "\ud800"}
    transaction = Transaction(
        entries=(Entry(account=held, micros=-1), Entry(account=pool, micros=1)),
        effective_at=datetime(2026, 11, 21, tzinfo=UTC),
        **values,  # type: ignore[arg-type]  # one of them is replaced by its name
    )
    with pytest.raises(TypeError):
        posting(transaction, datetime(2026, 11, 21, tzinfo=UTC))
