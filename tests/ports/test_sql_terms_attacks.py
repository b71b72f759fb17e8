"""What the database refuses of counts and disputes in raw SQL, past all of our code."""

from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase

NOW = "'2026-11-21T08:00:01.000000Z'"
LAST = "(SELECT max(seq) FROM leaf)"
HELD = "(SELECT id FROM dispute_hold)"


def _leaf(kind: str, fact: str) -> str:
    number = "(SELECT coalesce(max(seq), 0) + 1 FROM leaf)"
    return f"INSERT INTO leaf (seq, kind, fact, fact_sha256) VALUES ({number}, '{kind}', '{fact}', '{'0' * 64}')"


def _count(uses_before: int, earned_before: int, line: str = "new") -> str:
    return (
        "INSERT INTO use_count (line, period_from, uses_before, earned_before, micros, counts, generation, work_use) "
        f"VALUES ('{line}', '2026-11-01', {uses_before}, {earned_before}, 5, 'uses', 'new', 0)"
    )


def _post(name: str, held: int) -> tuple[str, ...]:
    """A transaction that puts so much into what is held, or takes it, where it is below zero."""
    entry = "INSERT INTO ledger_entry (transaction_id, number, account, currency, micros, seq) VALUES"
    number = "(SELECT max(seq) + 1 FROM leaf)"
    return (
        f"{entry} ('{name}', 0, 'held/USD', 'USD', {-held}, {number})",
        f"{entry} ('{name}', 1, 'party_payable/ann/USD', 'USD', {held}, {number})",
        _leaf("transaction", name),
        "INSERT INTO ledger_transaction (seq, id, business_key, cause, effective_at, payload_digest, recorded_at) "
        f"VALUES ({LAST}, '{name}', '{name}', 'attack', {NOW}, 'd', {NOW})",
    )


def _step(number: int) -> tuple[str, str]:
    return (
        _leaf("dispute_step", "new"),
        "INSERT INTO dispute_step (seq, id, dispute, number, action, taken_by, reason, recorded_at) "
        f"SELECT {LAST}, 'new', id, {number}, 'reject', 'ann', 'x', {NOW} FROM dispute",
    )


def _hold(micros: int, posted: int) -> tuple[str, ...]:
    """A hold of a new dispute that is open, on a generation that has none, by a transaction that posts ``posted``."""
    return (
        "INSERT INTO dispute_part (dispute, party, basis_points) VALUES ('open', 'ann', 1)",
        _leaf("dispute", "open"),
        "INSERT INTO dispute (seq, id, disputant, work, claims, reason, held_from, in_time_days, response_days, "
        "final_days, raise_days_max, recorded_at) "
        f"SELECT {LAST}, 'open', 'bot', work, claims, 'x', {NOW}, 5, 30, 7, 90, {NOW} FROM dispute",
        *_post("new", posted),
        f"INSERT INTO dispute_held (hold, party, currency, micros) VALUES ('new', 'ann', 'USD', {micros})",
        _leaf("dispute_hold", "new"),
        "INSERT INTO dispute_hold (seq, id, dispute, generation, transaction_id, recorded_at) "
        f"SELECT {LAST}, 'new', 'open', max(generation), 'new', {NOW} FROM dispute_hold",
    )


def _settlement(released: int, returned: int, taken: int = 7) -> tuple[str, ...]:
    return (
        *_hold(7, 7),
        *_post("take", -taken),
        "INSERT INTO dispute_settled (settlement, party, currency, released_micros, returned_micros) "
        f"VALUES ('new', 'ann', 'USD', {released}, {returned})",
        _leaf("dispute_settlement", "new"),
        "INSERT INTO dispute_settlement (seq, id, dispute, hold, transaction_id, recorded_at) "
        f"VALUES ({LAST}, 'new', 'open', 'new', 'take', {NOW})",
    )


ATTACKS: dict[str, tuple[tuple[str, ...], str]] = {
    "a count that leaves uses out": ((_count(1, 0),), "count"),
    "a count that begins with money": ((_count(0, 5),), "count"),
    "a count that forgets what came before": (
        (
            "INSERT INTO use_count SELECT line, period_from, 1, 0, micros, counts, 'new', work_use FROM use_count "
            "WHERE counts = 'uses'",
        ),
        "count",
    ),
    "a count of a generation that is recorded": (
        (_count(0, 0).replace("VALUES ('new'", "SELECT 'new'").replace("'new', 0)", "id, 0 FROM generation LIMIT 1"),),
        "sealed",
    ),
    "a part of a dispute that is recorded": (
        ("INSERT INTO dispute_part (dispute, party, basis_points) SELECT id, 'press', 1 FROM dispute",),
        "sealed",
    ),
    "more of a hold that is recorded": (
        (f"INSERT INTO dispute_held (hold, party, currency, micros) VALUES ({HELD}, 'press', 'USD', 1)",),
        "sealed",
    ),
    "more of a settlement that is recorded": (
        (
            "INSERT INTO dispute_settled (settlement, party, currency, released_micros, returned_micros) "
            "SELECT id, 'press', 'USD', 1, 0 FROM dispute_settlement",
        ),
        "sealed",
    ),
    "a dispute about nobody": (
        tuple(s for s in _hold(1, 1)[1:3]),
        "dispute: it is about nobody",
    ),
    "a step after the last": (_step(3), "dispute: it is closed"),
    "a step that leaves one out": (_step(9), "dispute"),
    "a hold of more than is posted": (_hold(8, 7), "dispute: its transaction does not hold"),
    "a hold of less than is posted": (_hold(6, 7), "dispute: its transaction does not hold"),
    "a settlement of more than is held": (_settlement(7, 1), "dispute: released and returned"),
    "a settlement of less than is held": (_settlement(3, 3), "dispute: released and returned"),
    "a settlement by a transaction that takes less": (
        _settlement(3, 4, taken=6),
        "dispute: its transaction does not take",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_database_refuses(database: SqlDatabase, recorded: Any, raw: Any, name: str) -> None:
    recorded.record_terms(database)
    statements, said = ATTACKS[name]
    assert said in raw.refused(*statements)
