"""What the database refuses of closed periods and their statements in raw SQL."""

from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.tables import metadata
from provenance.migrations.r0008.guards import APPEND_ONLY

LAST = "(SELECT max(seq) FROM leaf)"
NOW = "'2027-01-03T08:00:00.000000Z'"
MONTHS = {
    "2026-11": ("'2026-11-01T00:00:00.000000Z'", "'2026-12-01T00:00:00.000000Z'"),
    "2026-12": ("'2026-12-01T00:00:00.000000Z'", "'2027-01-01T00:00:00.000000Z'"),
    "2027-01": ("'2027-01-01T00:00:00.000000Z'", "'2027-02-01T00:00:00.000000Z'"),
}


def leaf(name: str, kind: str = "statement") -> str:
    values = f"(SELECT max(seq) + 1 FROM leaf), '{kind}', '{name}', '{'0' * 64}'"
    return f"INSERT INTO leaf (seq, kind, fact, fact_sha256) VALUES ({values})"


def line(micros: int, *, number: int = 1, statement: str = "statement_new") -> str:
    values = f"'{statement}', {number}, 'accrued', {micros}"
    return f"INSERT INTO statement_line (statement, number, kind, micros) VALUES ({values})"


def statement(**other: str) -> tuple[str, str]:
    """Of the month after the story's, for a party that had none."""
    columns = {
        "seq": LAST,
        "id": "'statement_new'",
        "period": "'2026-12'",
        "party": "'ann'",
        "currency": "'EUR'",
        "opening_micros": "0",
        "closing_micros": "7",
        "payable_micros": "0",
        "transaction_id": "NULL",
        "form": "'{}'",
        "recorded_at": NOW,
    } | other
    insert = f"INSERT INTO statement ({', '.join(columns)}) VALUES ({', '.join(columns.values())})"
    return leaf(columns["id"].strip("'")), insert


def close(period: str = "2026-12", *, count: int = 1, closed_by: str = "press") -> tuple[str, str]:
    since, until = MONTHS[period]
    row = f"{LAST}, '{period}', {since}, {until}, '{closed_by}', {count}, '{'0' * 64}', {NOW}"
    columns = "seq, period, since, until, closed_by, statements, statements_sha256, recorded_at"
    return leaf(period, "period_close"), f"INSERT INTO period_close ({columns}) VALUES ({row})"


def test_a_close_in_order_is_accepted(recorded: Any, raw: Any) -> None:
    raw(line(7), *statement(), *close())
    assert raw("SELECT count(*) FROM period_close") == [(2,)]


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_no_row_is_changed_or_removed(recorded: Any, raw: Any, table: str, change: str) -> None:
    column = next(iter(metadata.tables[table].columns)).name
    said = raw.refused(change.format(table, column, column))
    assert "append-only" in said


def test_a_closed_period_gets_no_statement(recorded: Any, raw: Any) -> None:
    assert "closed period" in raw.refused(line(7), *statement(period="'2026-11'"))


def test_a_statement_gets_no_line_afterwards(recorded: Any, raw: Any) -> None:
    assert "sealed" in raw.refused(line(7), *statement(), line(0, number=2))
    name = raw("SELECT id FROM statement LIMIT 1")[0][0]
    assert "sealed" in raw.refused(line(0, number=99, statement=name))


@pytest.mark.parametrize("micros", [6, 8, -7])
def test_a_statement_foots(recorded: Any, raw: Any, micros: int) -> None:
    assert "do not add up" in raw.refused(line(micros), *statement())


def test_a_statement_without_lines_closes_as_it_opened(recorded: Any, raw: Any) -> None:
    assert "do not add up" in raw.refused(*statement())


def test_a_statement_opens_with_what_the_one_before_closed_with(recorded: Any, raw: Any) -> None:
    said = raw.refused(line(7), *statement(opening_micros="1", closing_micros="8"))
    assert "the one before" in said
    said = raw.refused(line(7), *statement(currency="'USD'"))
    assert "the one before" in said, "the story's statement of this account closed with more than nothing"


@pytest.mark.parametrize("payable", ["6", "-1", "8"])
def test_what_is_payable_is_all_or_nothing(recorded: Any, raw: Any, payable: str) -> None:
    assert "payable" in raw.refused(line(7), *statement(payable_micros=payable))


def test_a_debt_is_not_payable(recorded: Any, raw: Any) -> None:
    assert "payable" in raw.refused(line(-7), *statement(closing_micros="-7", payable_micros="-7"))


def test_a_party_has_one_statement_of_a_period(recorded: Any, raw: Any) -> None:
    again = statement(id="'statement_newer'", opening_micros="7", closing_micros="7")
    said = raw.refused(line(7), *statement(), *again)
    assert "duplicate" in said or "uq_statement_period" in said


def test_a_statement_without_its_close_is_not_committed(recorded: Any, raw: Any) -> None:
    said = raw.refused(line(7), *statement())
    assert "FOREIGN KEY" in said or "fk_statement_period" in said


def test_a_line_without_its_statement_is_not_committed(recorded: Any, raw: Any) -> None:
    said = raw.refused(line(7))
    assert "FOREIGN KEY" in said or "fk_statement_line" in said


@pytest.mark.parametrize("period", ["2026-11", "2027-01"])
def test_a_close_follows_the_one_before(recorded: Any, raw: Any, period: str) -> None:
    said = raw.refused(*close(period, count=0))
    assert "does not follow" in said or "duplicate" in said or "uq_" in said


@pytest.mark.parametrize("count", [0, 2])
def test_a_close_counts_its_statements(recorded: Any, raw: Any, count: int) -> None:
    assert "another number of statements" in raw.refused(line(7), *statement(), *close(count=count))


def test_a_period_is_closed_by_somebody_known(recorded: Any, raw: Any) -> None:
    said = raw.refused(line(7), *statement(), *close(closed_by="nobody"))
    assert "FOREIGN KEY" in said or "fk_period_close" in said


def test_a_close_has_its_leaf(recorded: Any, raw: Any) -> None:
    said = raw.refused(close(count=0)[1].replace(LAST, "999"))
    assert "FOREIGN KEY" in said or "fk_period_close" in said


def test_nothing_is_posted_as_a_close_of_a_closed_period(database: SqlDatabase, recorded: Any, raw: Any) -> None:
    seal = (
        "INSERT INTO ledger_transaction (seq, id, business_key, cause, effective_at, payload_digest, recorded_at)"
        f" VALUES ({LAST}, 'txn_new', 'close:2026-11:ann:USD', 'close', '2026-11-30T23:59:59.999999Z', 'x', {NOW})"
    )
    entries = [
        "INSERT INTO ledger_entry (transaction_id, number, account, currency, micros, seq)"
        f" VALUES ('txn_new', {number}, '{account}', 'USD', {micros}, (SELECT max(seq) + 1 FROM leaf))"
        for number, (account, micros) in enumerate([("party_payable/ann/USD", 5), ("generation_revenue/USD", -5)])
    ]
    assert "closed period" in raw.refused(*entries, leaf("txn_new", "transaction"), seal)
    raw(*entries, leaf("txn_new", "transaction"), seal.replace("'close',", "'correction',"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE statement SET closing_micros = closing_micros + 1",
        "UPDATE statement SET form = replace(form, 'ann', 'bob')",
        "DELETE FROM period_close WHERE period = '2026-11'",
        "DELETE FROM statement_line WHERE micros > 0",
        "UPDATE tax_profile SET basis_points = 0",
        "UPDATE payout_terms SET threshold_micros = 0",
    ],
)
def test_the_obvious_forgeries_are_refused(recorded: Any, raw: Any, change: str) -> None:
    assert "append-only" in raw.refused(change)
