"""Attacks on the ledger's tables in raw SQL. Each is refused on both databases, and leaves every row as it was."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from provenance.adapters.sql.tables import metadata

from .test_sql_attacks import ANN, LAST, NOW, POOL, _entry, _leaf, _seal

LEDGER = ("ledger_account", "ledger_entry", "ledger_transaction", "ledger_checkpoint")
ORIGINAL = "(SELECT id FROM ledger_transaction WHERE corrects IS NULL ORDER BY seq LIMIT 1)"
PAIR = (_entry("t", 0, ANN, -5), _entry("t", 1, POOL, 5))
LINE = "account, seq, since_seq, entries, moved_micros, micros, effective_first, effective_last"


def seal(transaction: str = "t", *, corrects: str = "NULL", cause: str = "attack", seq: str = LAST) -> tuple[str, str]:
    columns = "seq, id, business_key, cause, effective_at, corrects, payload_digest, recorded_at"
    values = f"{seq}, '{transaction}', '{transaction}', '{cause}', {NOW}, {corrects}, 'd', {NOW}"
    return _leaf("transaction", transaction), f"INSERT INTO ledger_transaction ({columns}) VALUES ({values})"


def checkpoint(**other: str) -> str:
    """After the posting of `PAIR`, of the pool: each column right, unless another is asked for."""
    before = f"FROM ledger_checkpoint WHERE account = '{POOL}' ORDER BY seq DESC LIMIT 1"
    right = {
        "account": f"'{POOL}'",
        "seq": "(SELECT max(seq) FROM ledger_transaction)",
        "since_seq": f"coalesce((SELECT seq {before}), 0)",
        "entries": "1",
        "moved_micros": "5",
        "micros": f"coalesce((SELECT micros {before}), 0) + 5",
        "effective_first": NOW,
        "effective_last": NOW,
    }
    return f"INSERT INTO ledger_checkpoint ({LINE}) VALUES ({', '.join((right | other)[c] for c in right)})"


@pytest.fixture
def untouched(recorded: Any, raw: Any) -> Iterator[None]:
    def rows() -> list[list[Any]]:
        return [sorted(raw(f"SELECT * FROM {table}"), key=repr) for table in LEDGER]

    before = rows()
    assert all(before)
    yield
    assert rows() == before


CHANGES = [f"UPDATE {t} SET {c.name} = {c.name}" for t in LEDGER for c in metadata.tables[t].columns] + [
    f"DELETE FROM {t}" for t in LEDGER
]


@pytest.mark.parametrize("attack", CHANGES)
def test_no_column_is_changed_and_no_row_removed(untouched: None, raw: Any, attack: str) -> None:
    assert "append-only" in raw.refused(attack)


@pytest.mark.parametrize("dialect", ["postgresql"])
@pytest.mark.parametrize("table", LEDGER)
def test_no_table_is_emptied(untouched: None, raw: Any, table: str) -> None:
    assert "append-only" in raw.refused(f"TRUNCATE {table} CASCADE")


POSTINGS: dict[str, tuple[tuple[str, ...], str]] = {
    "no entries": (seal(), "unbalanced"),
    "one entry": ((PAIR[0], *seal()), "unbalanced"),
    "a unit too many": ((PAIR[0], _entry("t", 1, POOL, 6), *seal()), "unbalanced"),
    "two currencies that cancel out": (
        (PAIR[0], _entry("t", 1, "party_payable/bob/EUR", 5, "EUR"), *seal()),
        "unbalanced",
    ),
    "a currency that isn't the account's": ((_entry("t", 0, ANN, -5, "EUR"), PAIR[1], *seal()), "constraint"),
    "an account that isn't open": ((_entry("t", 0, "held/CHF", -5, "CHF"), PAIR[1], *seal()), "constraint"),
    "an entry of zero": ((*PAIR, _entry("t", 2, "held/USD", 0), *seal()), "constraint"),
    "an account twice": (
        (*PAIR, _entry("t", 2, POOL, 5), _entry("t", 3, "held/USD", -5), *seal()),
        "uq_ledger_entry|UNIQUE",
    ),
    "an entry of no account": ((_entry("t", 0, ANN, -5).replace(f"'{ANN}'", "NULL"), PAIR[1], *seal()), "(?i)not.null"),
    "an entry after the seal": ((*PAIR, *seal(), _entry("t", 2, "held/USD", 1)), "sealed"),
    "a pair after the seal": (
        (*PAIR, *seal(), _entry("t", 2, "held/USD", 1), _entry("t", 3, "generation_revenue/USD", -1)),
        "sealed",
    ),
    "an entry of a recorded one's number": (
        (_entry("t", 0, "held/USD", -5, seq=LAST), PAIR[1], *seal()),
        "sealed|number",
    ),
    "an entry of an earlier number": (
        (_entry("t", 0, "held/USD", -5, seq="(SELECT min(seq) FROM ledger_transaction)"), PAIR[1], *seal()),
        "sealed|uq_ledger_entry",
    ),
    "an entry of a later number": ((_entry("t", 0, ANN, -5, seq="999999"), PAIR[1], *seal()), "another number"),
    "entries without a seal": (PAIR, "(?i)foreign key"),
    "an entry without a first one": ((_entry("t", 1, ANN, -5), _entry("t", 2, POOL, 5)), "(?i)foreign key"),
    "an entry without a number": ((_entry("t", 0, ANN, -5, seq="NULL"), PAIR[1], *seal()), "(?i)not.null"),
    "a business key again": (
        (*PAIR, *_seal("t", "' || (SELECT min(business_key) FROM ledger_transaction) || '")),
        "duplicate",
    ),
    "an id again": (
        (seal()[1].replace("'t'", "(SELECT min(id) FROM ledger_transaction)", 1),),
        "duplicate|another number|unbalanced",
    ),
    "no leaf": ((*PAIR, seal(seq="(SELECT max(seq) + 1 FROM leaf)")[1]), "(?i)foreign key"),
    "a leaf ahead": ((*PAIR, seal(seq="(SELECT max(seq) + 5 FROM leaf)")[1]), "another number|(?i:foreign key)"),
    "a correction of what isn't there": ((*PAIR, *seal(corrects="'txn_none'")), "(?i)foreign key"),
    "a reversal of a correction": (
        (
            *(*PAIR, *seal(corrects=ORIGINAL)),
            *(s.replace("'t'", "'u'") for s in (*PAIR, *seal(corrects="'t-'", cause="reversal"))),
        ),
        "correction",
    ),
    "a correction of a reversal": (
        (
            *(*PAIR, *seal(corrects=ORIGINAL, cause="reversal")),
            *(s.replace("'t'", "'u'") for s in (*PAIR, *seal(corrects="'t-'"))),
        ),
        "correction",
    ),
    "a second reversal under another key": (
        (
            *(*PAIR, *seal(corrects=ORIGINAL, cause="reversal")),
            *(s.replace("'t'", "'u'") for s in (*PAIR, *seal(corrects=ORIGINAL, cause="reversal"))),
        ),
        "uq_ledger_transaction_reversed|duplicate",
    ),
    "more than 64 bits": ((_entry("t", 0, ANN, -(2**64)), PAIR[1], *seal()), "range|INTEGER column|datatype"),
}


@pytest.mark.parametrize("name", POSTINGS)
def test_a_bad_posting_is_refused(untouched: None, raw: Any, name: str) -> None:
    statements, word = POSTINGS[name]
    said = raw.refused(*(s.replace("'t-'", "'t'") for s in statements))
    assert re.search(word, said), said


@pytest.mark.parametrize(
    "other",
    [
        {"micros": "0"},
        {"micros": "5"},
        {"moved_micros": "6"},
        {"moved_micros": "6", "micros": f"(SELECT sum(micros) + 1 FROM ledger_entry WHERE account = '{POOL}')"},
        {"entries": "0"},
        {"entries": "2"},
        {"since_seq": "0"},
        {"since_seq": "(SELECT max(seq) FROM ledger_transaction)"},
        {"seq": "(SELECT max(seq) + 9 FROM ledger_transaction)"},
        {"account": f"'{ANN}'"},
        {"account": "'held/CHF'"},
        {"effective_first": "'2020-01-01T00:00:00.000000Z'"},
        {"effective_last": "'2030-01-01T00:00:00.000000Z'"},
    ],
    ids=str,
)
def test_a_checkpoint_that_the_entries_do_not_come_to_is_refused(
    untouched: None, raw: Any, other: dict[str, str]
) -> None:
    said = raw.refused(*PAIR, *seal(), checkpoint(**other))
    assert any(word in said for word in ("checkpoint: ", "constraint", "FOREIGN KEY")), said


def test_a_checkpoint_of_what_is_there_is_accepted_once(recorded: Any, raw: Any) -> None:
    raw(*PAIR, *seal(), checkpoint())
    assert "checkpoint" in raw.refused(checkpoint())


def test_there_are_enough_of_them() -> None:
    assert len(CHANGES) + len(POSTINGS) >= 40
