"""Books of any size, made inside PostgreSQL with the guards off: leaves, transactions, entries and checkpoints.

Accruals of four entries over two years: what a service owes, the revenue, one of a thousand parties, and one hot pool.
One in a thousand came in up to ten days late. What is measured is posting to such books and asking them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg

PARTIES = 1_000
START = datetime(2024, 12, 1, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
ENTRIES_A_TRANSACTION = 4
_ENTRIES_A_CHECKPOINT = 1_000


def make(url: str, entries: int) -> None:
    """Fill a migrated, empty database with about so many entries."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        count = entries // ENTRIES_A_TRANSACTION
        values = {
            "n": count,
            "parties": PARTIES,
            "start": START,
            "step": (END - START) / max(count, 1),
            "late": timedelta(days=10),
            "checkpoint": _ENTRIES_A_CHECKPOINT,
        }
        for statement in _STATEMENTS:
            connection.execute(statement, values)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def party(number: int) -> str:
    """A party by its number from 0."""
    return f"p{number:04d}"


_BASE = "(%(parties)s + 1)"
_SHA = "md5(g::text) || md5((-g)::text)"
_ID = "'txn_' || left(md5('txn' || g), 24)"
_AT = "%(start)s::timestamptz + g * %(step)s::interval"
_EFFECTIVE = f"{_AT} - CASE WHEN g %% 1000 = 7 THEN %(late)s::interval * (g %% 89 / 89.0) ELSE interval '0' END"
_EACH = "FROM generate_series(1, %(n)s) g"
_PARTY = "'p' || lpad((n - 1)::text, 4, '0')"
_EACH_PARTY = "FROM generate_series(1, %(parties)s) n"
_KEPT = "VALUES ('unattributed_pool/USD', 'unattributed_pool', NULL, 'USD'),"

_STATEMENTS = (
    # Keys of ten million entries are sorted once, and not found one by one.
    "ALTER TABLE ledger_entry DROP CONSTRAINT pk_ledger_entry, DROP CONSTRAINT uq_ledger_entry_account_seq",
    "SET LOCAL maintenance_work_mem = '512MB'",
    "SET LOCAL work_mem = '256MB'",
    f"INSERT INTO leaf SELECT n, 'party', 'made' || n, repeat('0', 64) FROM generate_series(1, {_BASE}) n",
    "INSERT INTO party (seq, id, name, recorded_at)"
    f" SELECT n, {_PARTY}, 'Party', %(start)s::timestamptz {_EACH_PARTY}"
    f" UNION ALL SELECT {_BASE}, 'service', 'Service', %(start)s::timestamptz",
    f"INSERT INTO ledger_account (id, kind, party, currency) {_KEPT}"
    " ('generation_revenue/USD', 'generation_revenue', NULL, 'USD'),"
    " ('service_receivable/service/USD', 'service_receivable', 'service', 'USD')",
    "INSERT INTO ledger_account (id, kind, party, currency)"
    f" SELECT 'party_payable/' || {_PARTY} || '/USD', 'party_payable', {_PARTY}, 'USD' {_EACH_PARTY}",
    f"INSERT INTO leaf SELECT {_BASE} + g, 'transaction', {_ID}, {_SHA} {_EACH}",
    "INSERT INTO ledger_transaction (seq, id, business_key, cause, effective_at, payload_digest, recorded_at)"
    f" SELECT {_BASE} + g, {_ID}, 'accrual:gen_' || left(md5('gen' || g), 24), 'accrual', {_EFFECTIVE}, {_SHA}, {_AT}"
    f" {_EACH}",
    "INSERT INTO ledger_entry (transaction_id, number, account, currency, micros, seq)"
    f" SELECT {_ID}, number, CASE number WHEN 0 THEN 'generation_revenue/USD'"
    " WHEN 1 THEN 'party_payable/p' || lpad((g %% %(parties)s)::text, 4, '0') || '/USD'"
    " WHEN 2 THEN 'service_receivable/service/USD' ELSE 'unattributed_pool/USD' END,"
    f" 'USD', (ARRAY[-6000, -3000, 10000, -1000])[number + 1], {_BASE} + g"
    " FROM generate_series(1, %(n)s) g CROSS JOIN generate_series(0, 3) number",
    "ALTER TABLE ledger_entry ADD CONSTRAINT pk_ledger_entry PRIMARY KEY (transaction_id, number),"
    " ADD CONSTRAINT uq_ledger_entry_account_seq UNIQUE (account, seq)",
    "INSERT INTO ledger_checkpoint"
    " SELECT account, seq, coalesce(lag(seq) OVER same, 0), %(checkpoint)s, moved, sum(moved) OVER same, first, last"
    " FROM (SELECT account, max(seq) AS seq, sum(micros) AS moved,"
    " min(effective_at) AS first, max(effective_at) AS last"
    " FROM (SELECT e.account, e.seq, e.micros, t.effective_at,"
    " (row_number() OVER (PARTITION BY e.account ORDER BY e.seq) - 1) / %(checkpoint)s AS part"
    " FROM ledger_entry e JOIN ledger_transaction t ON t.seq = e.seq) numbered"
    " GROUP BY account, part HAVING count(*) = %(checkpoint)s) parts"
    " WINDOW same AS (PARTITION BY account ORDER BY seq)",
)
