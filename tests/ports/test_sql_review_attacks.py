"""What the database refuses of reviews in raw SQL."""

from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.tables import metadata
from provenance.migrations.r0002.guards import APPEND_ONLY
from provenance.royalties.review import Resolution

NOW = "'2026-11-21T08:00:00.000000Z'"
LAST = "(SELECT max(seq) FROM leaf)"
LEAF = (
    "INSERT INTO leaf (seq, kind, fact, fact_sha256) "
    f"VALUES ((SELECT max(seq) + 1 FROM leaf), 'review', 'review_new', '{'0' * 64}')"
)


@pytest.fixture
def hold(database: SqlDatabase, recorded: Any) -> Any:
    """A hold that nobody has resolved, with the transaction of its decline posted and no review that names it."""
    record = recorded.generation("g2")
    review, transaction = recorded.review(record, Resolution.DECLINE)
    with database.begin(write=True) as work:
        recorded.record_generation(work, record)
        work.books.post(transaction, recorded.later)
        work.commit()
    return review


def seal(hold: Any, **other: str) -> tuple[str, str]:
    columns = {
        "seq": LAST,
        "id": "'review_new'",
        "generation": f"'{hold.generation}'",
        "work": f"'{hold.work}'",
        "resolution": "'decline'",
        "decided_by": "'press'",
        "reason": "'x'",
        "transaction_id": f"'{hold.transaction}'",
        "recorded_at": NOW,
    } | other
    return LEAF, f"INSERT INTO review ({', '.join(columns)}) VALUES ({', '.join(columns.values())})"


def released(micros: int, *, number: int = 0, currency: str = "USD", review: str = "review_new") -> str:
    row = (
        f"(SELECT max(seq) + {number + 1} FROM released), '{review}', {number}, 'press', 10000, '{currency}', {micros}"
    )
    return f"INSERT INTO released (seq, review, number, party, basis_points, currency, micros) SELECT {row}"


def test_a_review_in_order_is_accepted(hold: Any, raw: Any) -> None:
    raw(*seal(hold))
    assert raw("SELECT count(*) FROM review") == [(2,)]


def test_a_hold_is_resolved_once_whatever_the_second_calls_itself(hold: Any, raw: Any) -> None:
    raw(*seal(hold))
    again = [s.replace("review_new", "review_newer") for s in seal(hold)]
    said = raw.refused(*again)
    assert "duplicate" in said or "uq_review_generation" in said or "uq_review_transaction" in said


def test_a_transaction_resolves_one_hold(hold: Any, recorded: Any, raw: Any) -> None:
    first = recorded.review(recorded.generation())[0].transaction
    said = raw.refused(*seal(hold, transaction_id=f"'{first}'"))
    assert "duplicate" in said or "uq_review_transaction_id" in said


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("key", ["seq", "id", "generation_work", "transaction_id", "released_seq"])
def test_no_row_is_replaced_through_any_of_its_keys(
    hold: Any, database: SqlDatabase, recorded: Any, raw: Any, key: str
) -> None:
    """All is in order but for one key, which another row has."""
    raw(*seal(hold))
    record = recorded.generation("g3")
    other, transaction = recorded.review(record, Resolution.DECLINE)
    with database.begin(write=True) as work:
        recorded.record_generation(work, record)
        work.books.post(transaction, recorded.later)
        work.commit()
    raw.connection.execute("PRAGMA foreign_keys = OFF")
    if key == "released_seq":
        row = released(0, review="review_newer").replace("max(seq) + 1", "min(seq)", 1)
    elif key == "generation_work":
        row = seal(hold, id="'review_newer'", transaction_id=f"'{other.transaction}'")[1]
    else:
        same = {"seq": "(SELECT min(seq) FROM review)", "id": "'review_new'"}
        same["transaction_id"] = f"'{hold.transaction}'"
        row = seal(other, **({"id": "'review_newer'"} | {key: same[key]}))[1]
    assert "duplicate" in raw.refused(
        LEAF.replace("review_new", "review_newer"), row.replace("INTO", "OR REPLACE INTO")
    )


def test_every_key_of_a_review_is_tried_above() -> None:
    assert APPEND_ONLY == {
        "review": (("seq",), ("id",), ("generation", "work"), ("transaction_id",)),
        "released": (("seq",),),
    }


def test_what_is_not_held_for_review_has_no_review(hold: Any, recorded: Any, raw: Any) -> None:
    for name in ("share", "blocked", "free"):
        assert "not held for review" in raw.refused(*seal(hold, work=f"'{recorded.works[name].id}'"))


@pytest.mark.parametrize("transaction", ["NULL", "(SELECT min(id) FROM ledger_transaction WHERE cause = 'accrual')"])
def test_a_review_takes_what_was_held(hold: Any, raw: Any, transaction: str) -> None:
    assert "does not take what was held" in raw.refused(*seal(hold, transaction_id=transaction))


def test_a_release_pays_out_all_of_it_and_a_decline_nothing(hold: Any, raw: Any) -> None:
    held = hold.held.micros
    for micros in (held - 1, held + 1):
        assert "not what was held" in raw.refused(released(micros), *seal(hold, resolution="'release'"))
    assert "not what was held" in raw.refused(*seal(hold, resolution="'release'"))
    assert "not what was held" in raw.refused(released(1), *seal(hold))
    assert "another currency" in raw.refused(released(held, currency="EUR"), *seal(hold, resolution="'release'"))


def test_a_release_is_sealed_by_its_review(hold: Any, recorded: Any, raw: Any) -> None:
    known = recorded.review(recorded.generation())[0].id
    assert "sealed" in raw.refused(released(0, number=9, review=known))
    assert "foreign key" in raw.refused(released(0)).lower()


@pytest.mark.parametrize("column", ["threshold_ppm = 1000002", "threshold_ppm = NULL", "held_micros = NULL"])
def test_a_use_in_review_names_its_threshold_and_what_is_held(recorded: Any, raw: Any, column: str) -> None:
    name, value = column.split(" = ")
    columns = [c.name for c in metadata.tables["work_use"].columns]
    other = {"generation": "'gen_new'", name: value} | ({"held_currency": "NULL"} if name == "held_micros" else {})
    values = ", ".join(other.get(c, c) for c in columns)
    row = f"INSERT INTO work_use ({', '.join(columns)}) SELECT {values} FROM work_use WHERE outcome = 'review'"
    assert "ck_work_use" in raw.refused(row)


@pytest.mark.parametrize("risk", [0, 10_001])
def test_a_risk_out_of_range_is_refused(recorded: Any, raw: Any, risk: int) -> None:
    columns = [c.name for c in metadata.tables["licence"].columns]
    values = ", ".join(
        {"risk_basis_points_max": str(risk), "seq": "9999", "id": "'x'", "number": "99"}.get(c, c) for c in columns
    )
    said = raw.refused(f"INSERT INTO licence ({', '.join(columns)}) SELECT {values} FROM licence WHERE number = 1")
    assert "ck_licence_risk" in said
