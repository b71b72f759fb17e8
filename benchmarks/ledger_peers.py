"""The usual way to keep books, to measure beside ours: a balance row for each account, locked and updated.

(a) a transfer is a transaction: both rows locked in sorted order, two updates, one transfer, two entries with the
balances after them, and one commit; (b) the same for many transfers in one PL/pgSQL function over arrays, one commit a
batch. Both are what pgledger does, without its views and its ids: no log, no digests, no check of sums.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

_TABLES = """
CREATE TABLE peer_account (id text PRIMARY KEY, balance bigint NOT NULL, version bigint NOT NULL);
CREATE TABLE peer_transfer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, business_key text NOT NULL UNIQUE, debit text NOT NULL,
    credit text NOT NULL, micros bigint NOT NULL, effective_at timestamptz NOT NULL, created_at timestamptz NOT NULL
);
CREATE TABLE peer_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, transfer bigint NOT NULL REFERENCES peer_transfer,
    account text NOT NULL REFERENCES peer_account, micros bigint NOT NULL, before bigint NOT NULL,
    after bigint NOT NULL, version bigint NOT NULL
);
CREATE INDEX ON peer_entry (account);
CREATE INDEX ON peer_entry (transfer);
CREATE FUNCTION peer_post(a_key text, a_debit text, a_credit text, a_micros bigint, a_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE one peer_account; other peer_account; made bigint;
BEGIN
    PERFORM 1 FROM peer_account WHERE id IN (a_debit, a_credit) ORDER BY id FOR UPDATE;
    INSERT INTO peer_transfer (business_key, debit, credit, micros, effective_at, created_at)
        VALUES (a_key, a_debit, a_credit, a_micros, a_at, now()) RETURNING id INTO made;
    UPDATE peer_account SET balance = balance + a_micros, version = version + 1 WHERE id = a_debit RETURNING * INTO one;
    UPDATE peer_account SET balance = balance - a_micros, version = version + 1 WHERE id = a_credit
        RETURNING * INTO other;
    INSERT INTO peer_entry (transfer, account, micros, before, after, version) VALUES
        (made, a_debit, a_micros, one.balance - a_micros, one.balance, one.version),
        (made, a_credit, -a_micros, other.balance + a_micros, other.balance, other.version);
END $$;
CREATE FUNCTION peer_post_many(keys text[], debits text[], credits text[], micros bigint[], at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM peer_account WHERE id = ANY (debits || credits) ORDER BY id FOR UPDATE;
    FOR n IN 1 .. cardinality(keys) LOOP
        PERFORM peer_post(keys[n], debits[n], credits[n], micros[n], at);
    END LOOP;
END $$;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What one transaction of ours with two entries does."""

    key: str
    debit: str
    credit: str
    micros: int


class Peer:
    """The usual way, in a database of its own."""

    def __init__(self, url: str, accounts: Sequence[str]) -> None:
        self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._connection.execute(_TABLES)
        with self._connection.cursor() as cursor:
            cursor.executemany("INSERT INTO peer_account VALUES (%s, 0, 0)", [(a,) for a in accounts])

    def one_by_one(self, transfers: Sequence[Transfer], at: Any) -> float:
        """Seconds for all of them, each in a transaction of its own."""
        started = time.perf_counter()
        for t in transfers:
            self._connection.execute(
                "SELECT peer_post(%s, %s, %s, %s, %s)", (t.key, t.debit, t.credit, t.micros, at), prepare=True
            )
        return time.perf_counter() - started

    def in_batches(self, transfers: Sequence[Transfer], at: Any, *, size: int) -> float:
        """Seconds for all of them, ``size`` in a transaction."""
        started = time.perf_counter()
        for first in range(0, len(transfers), size):
            part = transfers[first : first + size]
            columns = [[t.key for t in part], [t.debit for t in part], [t.credit for t in part]]
            self._connection.execute(
                "SELECT peer_post_many(%s, %s, %s, %s, %s)", (*columns, [t.micros for t in part], at), prepare=True
            )
        return time.perf_counter() - started

    def close(self) -> None:
        """Close its connection."""
        self._connection.close()
